import { defineConfig } from "vitest/config";

export default defineConfig({
	ssr: { resolve: { conditions: ["@sopskit/source", "node", "import", "default"] } },
	test: {
		include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "tools/*/test/**/*.test.ts"],
		testTimeout: 60_000,
		hookTimeout: 240_000,
	},
});
