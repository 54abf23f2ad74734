// Where the other runtimes are: Deno and Bun from the npm registry, Chromium from the PATH.
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** @returns {string | undefined} */
export function findDeno() {
	const at = attempt(() => join(dirname(require.resolve("deno/package.json")), "bin.cjs"));
	return at && existsSync(at) ? at : undefined;
}

/** The program itself: the package's own one is put in place by an install script, and none is run here. */
export function findBun() {
	const platform = process.platform === "win32" ? "windows" : process.platform;
	const name = `@oven/bun-${platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
	return attempt(() => {
		const bun = createRequire(realpathSync(require.resolve("bun/package.json")));
		const folder = dirname(bun.resolve(`${name}/package.json`));
		const program = join(folder, "bin", process.platform === "win32" ? "bun.exe" : "bun");
		return existsSync(program) ? program : undefined;
	});
}

export function findChromium() {
	const folders = (process.env.PATH ?? "").split(delimiter);
	const names = ["chromium", "chromium-browser", "google-chrome"];
	return names
		.flatMap((name) => folders.map((folder) => join(folder, name)))
		.find((path) => existsSync(path));
}

function attempt(find) {
	try {
		return find();
	} catch {
		return undefined;
	}
}
