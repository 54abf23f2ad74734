// Runs vitest within a limit of time. Vitest bounds each test while its process can still count time, and neither
// the loading of a file nor its own work; without a limit here a stall would end as silence.
import { spawn, spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

/** Three times what the tests take where nothing may be skipped, on two cores. */
const LIMIT_MINUTES = 25;

/**
 * @param {string} command - path of vitest
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<"passed" | "failed" | "stalled">}
 */
export async function runTests(command, args, cwd) {
	const vitest = spawn(command, args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
	const limit = new AbortController();
	const outcome = await Promise.race([
		new Promise((resolve) => {
			vitest.once("error", (error) => {
				console.error(`check: ${command}: ${error.message}`);
				resolve("failed");
			});
			vitest.once("exit", (status) => resolve(status === 0 ? "passed" : "failed"));
		}),
		wait(LIMIT_MINUTES * 60_000, "stalled", { signal: limit.signal }).catch(() => "failed"),
	]);
	limit.abort();
	if (outcome === "stalled") await describeAndEnd(vitest.pid);
	return outcome;
}

/** Says what each process of the run is doing, and ends them. */
async function describeAndEnd(root) {
	console.error(`check: the tests did not end within ${LIMIT_MINUTES} minutes; what still runs:`);
	const { stdout } = spawnSync("ps", ["-eo", "pid,ppid,stat,time,args"], { encoding: "utf8" });
	const rows = (stdout ?? "").split("\n").slice(1);
	const running = new Map([[root, ""]]);
	// Parents mostly come first; the second pass finds those that did not.
	for (const row of [...rows, ...rows]) {
		const [pid, parent] = row.trim().split(/\s+/).map(Number);
		if (running.has(parent) && !running.has(pid)) running.set(pid, row);
	}
	for (const row of running.values()) console.error(row.replaceAll(/\/\S+\//g, "").slice(0, 160));
	for (const [pid, row] of running) {
		// One after the other: they all listen at the same port when they are asked.
		if (row.includes("workers/forks.js")) await showStack(pid);
		end(pid);
	}
}

/** Where a process of Node's is, if it runs JavaScript: its debugger can stop it in the midst of a loop. */
async function showStack(pid) {
	const inspect = spawn(process.execPath, ["inspect", "-p", String(pid)], {
		stdio: ["pipe", "inherit", "inherit"],
	});
	inspect.stdin.on("error", () => {});
	for (const order of ["pause", "backtrace", ".exit"]) {
		await wait(3000);
		inspect.stdin.write(`${order}\n`);
	}
	await wait(3000);
	inspect.kill("SIGKILL");
}

function end(pid) {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It ended meanwhile.
	}
}
