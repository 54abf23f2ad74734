// One subject in a process of its own. Messages in: { inputs } once, then { job }; out: { milliseconds },
// { unable: true }, or { memory } for { memory: job }.
import { readFileSync } from "node:fs";

const subject = await import(`./subjects/${process.argv[2]}.mjs`);
const inputs = JSON.parse(readFileSync(process.argv[3], "utf8"));
const prepared = new Map();

process.on("message", async ({ job, warmUp = 0, passes = 1, memory = false }) => {
	try {
		let run = prepared.get(job.name);
		if (run === undefined) {
			run = subject.prepare(job, inputs);
			if (run === undefined) return process.send({ unable: true });
			prepared.set(job.name, run);
			for (let i = 0; i < warmUp; i++) await run();
		}
		let milliseconds = 0;
		for (let i = 0; i < passes; i++) {
			const start = performance.now();
			await run();
			milliseconds = performance.now() - start;
		}
		process.send(memory ? { mebibytes: process.resourceUsage().maxRSS / 1024 } : { milliseconds });
	} catch (error) {
		process.send({ error: error instanceof Error ? error.stack : String(error) });
	}
});
process.send({ ready: true });
