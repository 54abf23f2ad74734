// Runs a TypeScript program of the workspace from source: bundles it with esbuild into the cache and imports it.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * @param {string} entry path of the program, relative to the root of the workspace
 * @returns {Promise<unknown>} what the program exports
 */
export async function runSource(entry) {
	const outdir = join(root, ".cache", "run");
	mkdirSync(outdir, { recursive: true });
	const outfile = join(outdir, `${entry.replace(/\W+/g, "-")}.mjs`);
	await build({
		entryPoints: [join(root, entry)],
		outfile,
		bundle: true,
		format: "esm",
		platform: "node",
		target: "node20",
		sourcemap: "inline",
		logLevel: "error",
		conditions: ["@sopskit/source", "node", "import"],
		// CommonJS dependencies ask for Node's modules through require().
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
		external: ["esbuild"],
	});
	return import(pathToFileURL(outfile).href);
}
