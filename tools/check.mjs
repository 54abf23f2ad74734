// All that must hold before a change is done: the packages build, the types fit, the style is kept, the tests
// pass. Run by `npm test`; ends with the line `N passed, N failed, N skipped`.
//
//   SOPSKIT_REQUIRE_REFERENCE  1: a skipped test is a failure
//
// Exit status: 0 where all holds, 75 where the tests did not end, 1 otherwise.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "./test-run.mjs";

/** Exit status of a run whose tests did not end. */
const STALLED = 75;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const results = join(root, ".cache", "vitest.json");
const noSkips = process.env.SOPSKIT_REQUIRE_REFERENCE === "1";

stage("build", "pnpm", ["-r", "--filter", "./packages/*", "run", "build"]);
stage("types", tool("tsc"), ["--noEmit", "-p", "."]);
stage("lint", tool("biome"), ["check", "--error-on-warnings", "."]);

mkdirSync(dirname(results), { recursive: true });
rmSync(results, { force: true });
const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const testsPass = await tests(args);
const { passed, failed, skipped } = count();
for (const name of skipped) console.log(`skipped: ${name}`);
if (skipped.length > 0 && noSkips)
	console.error("check: stage tests failed: nothing may be skipped when the reference is required");
const good = testsPass && failed === 0 && !(noSkips && skipped.length > 0);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(good ? 0 : 1);

async function tests(args) {
	console.log("check: tests");
	const start = performance.now();
	const outcome = await runTests(tool("vitest"), args, root);
	console.log(`check: tests ${outcome} after ${((performance.now() - start) / 1000).toFixed(1)} s`);
	if (outcome === "stalled") process.exit(STALLED);
	return outcome === "passed";
}

function tool(name) {
	return join(root, "node_modules", ".bin", name);
}

function run(name, command, args) {
	console.log(`check: ${name}`);
	const start = performance.now();
	const result = spawnSync(command, args, {
		cwd: root,
		stdio: "inherit",
		shell: process.platform === "win32",
	});
	const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
	if (result.status === 0) console.log(`check: ${name} took ${took}`);
	else console.error(`check: stage ${name} failed after ${took}${reason(result.error)}`);
	return result.status === 0;
}

function reason(error) {
	if (!error) return "";
	return error.code === "ENOENT" ? ": not found; start me with npm test" : `: ${error.message}`;
}

function stage(name, command, args) {
	if (!run(name, command, args)) process.exit(1);
}

/** What vitest wrote down. A file that could not even be loaded counts as one failure. */
function count() {
	const totals = { passed: 0, failed: 0, skipped: [] };
	let report;
	try {
		report = JSON.parse(readFileSync(results, "utf8"));
	} catch {
		return { ...totals, failed: 1 };
	}
	for (const file of report.testResults) {
		if (file.status === "failed" && file.assertionResults.length === 0) totals.failed++;
		for (const test of file.assertionResults) {
			if (test.status === "passed") totals.passed++;
			else if (test.status === "failed") totals.failed++;
			else totals.skipped.push(`${relative(root, file.name)}: ${test.fullName}`);
		}
	}
	return totals;
}
