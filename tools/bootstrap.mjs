// Runs one task of the workspace on a machine that has only Node and npm:
// fetches the pinned pnpm through npx once, installs from the lockfile, and hands over.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PNPM = "pnpm@10.34.8";
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task, ...rest] = process.argv.slice(2);

/** What each task installs; the demo takes the packages it runs and nothing else. */
const tasks = {
	demo: { filter: ["--filter", "quick-start..."], script: "tools/demo.mjs" },
	check: { filter: [], script: "tools/check.mjs" },
	bench: { filter: [], script: "tools/bench/run.mjs" },
	fuzz: { filter: [], script: "tools/fuzz/run.mjs" },
	docs: { filter: [], script: "tools/docs.mjs" },
};

const chosen = tasks[task];
if (!chosen) {
	console.error(`bootstrap: unknown task. One of: ${Object.keys(tasks).join(", ")}`);
	process.exit(2);
}

function run(command, args) {
	const result = spawnSync(command, args, {
		cwd: root,
		stdio: "inherit",
		shell: process.platform === "win32",
	});
	if (result.error) throw result.error;
	if (result.status !== 0) process.exit(result.status ?? 1);
}

const install = [
	"install",
	"--frozen-lockfile",
	"--prefer-offline",
	"--reporter=append-only",
	...chosen.filter,
];
run("npx", ["--yes", PNPM, ...install]);
run("npx", ["--yes", PNPM, "exec", "node", chosen.script, ...rest]);
