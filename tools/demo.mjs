// Runs examples/quick-start from a clean clone: builds the packages it uses, without their declarations, and starts it.
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binFolder } from "./reference/place.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

build();
const example = spawnSync(process.execPath, ["main.js"], {
	cwd: join(root, "examples", "quick-start"),
	stdio: "inherit",
	// Behind the user's own: the sops that the tests installed, if they did.
	env: { ...process.env, PATH: `${process.env.PATH ?? ""}${delimiter}${binFolder}` },
});
if (example.error) throw example.error;
process.exit(example.status ?? 1);

/** What the build says is shown only when it fails. */
function build() {
	const start = performance.now();
	console.log("demo: building the packages");
	const result = spawnSync("pnpm", ["--filter", "sopskit...", "run", "build"], {
		cwd: root,
		encoding: "utf8",
		env: { ...process.env, SOPSKIT_NO_DTS: "1" },
		shell: process.platform === "win32",
	});
	if (result.status !== 0) {
		console.error(`${result.stdout ?? ""}${result.stderr ?? ""}`);
		console.error(`demo: the build failed${result.error ? `: ${result.error.message}` : ""}`);
		process.exit(1);
	}
	console.log(`demo: built in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}
