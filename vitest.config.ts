import { join } from "node:path";
import { defineConfig } from "vitest/config";

const packages = join(import.meta.dirname, "packages");

declare module "vitest" {
	export interface ProvidedContext {
		/** Which cryptography `#crypto` stands for in the project. */
		cryptoBackend: "node" | "noble";
	}
}

export default defineConfig({
	ssr: { resolve: { conditions: ["@sopskit/source", "node", "import", "default"] } },
	test: {
		testTimeout: 60_000,
		hookTimeout: 240_000,
		projects: [
			{
				extends: true,
				test: {
					name: "node",
					include: [
						"packages/*/test/**/*.test.ts",
						"examples/*/test/**/*.test.ts",
						"tools/*/test/**/*.test.ts",
					],
					provide: { cryptoBackend: "node" },
				},
			},
			{
				// The tests that cryptography matters to, once more as a browser would have it.
				extends: true,
				resolve: {
					alias: [{ find: /^#crypto$/, replacement: join(packages, "core", "src", "crypto", "portable.ts") }],
				},
				test: {
					name: "core-portable",
					include: ["packages/core/test/vectors.test.ts", "packages/core/test/regressions.test.ts"],
					provide: { cryptoBackend: "noble" },
				},
			},
			{
				extends: true,
				resolve: {
					alias: [
						{
							find: /^#asymmetric$/,
							replacement: join(packages, "age", "src", "asymmetric", "portable.ts"),
						},
					],
				},
				test: {
					name: "age-portable",
					include: ["packages/age/test/{cctv,contract,identity,recipient}.test.ts"],
					provide: { cryptoBackend: "node" },
				},
			},
		],
	},
});
