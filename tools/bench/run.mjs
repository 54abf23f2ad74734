// npm run bench: this library, the Go reference, and the npm packages that can do a job, on the same files.
// Every subject works in a process of its own, warm; the subjects take turns, and the median of the rounds counts.
//
//   --quick          a third of the rounds; no memory, import times and large files
//   --only TEXT      jobs whose name has TEXT in it; "growth" for the large files alone
import { fork, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openReference } from "@sopskit/reference";
import { binaries } from "../reference/place.mjs";
import { runSource } from "../run-source.mjs";
import { LIMIT, measureGrowth } from "./growth.mjs";
import { makeInputs } from "./inputs.mjs";
import { JOBS } from "./jobs.mjs";
import { measureKeys } from "./keys.mjs";
import { measurePgp } from "./pgp.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const cache = join(root, ".cache");
const { values: options } = parseArgs({
	options: { quick: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});
const started = performance.now();

const reference = openReference();
if (!reference) {
	console.error("bench: the reference is not installed. Run: node tools/reference/install.mjs");
	process.exit(2);
}
build();
const { generateIdentity } = await import("@sopskit/age");
const { oracle } = reference;
const inputs = await makeInputs(oracle, await generateIdentity());
mkdirSync(cache, { recursive: true });
const inputsFile = join(cache, "bench-inputs.json");
writeFileSync(inputsFile, JSON.stringify(inputs));

const SUBJECTS = ["sopskit", "go", "go tree", "sops-age", "floor"];
/**
 * Passes of a subject at each turn, of which the last counts: the others bring caches and heap back to where they
 * are in a program that goes on doing the job.
 */
const PASSES = 2;

const jobs = JOBS.filter((job) => job.name.includes(options.only));
const results = await measureTimes();
const memory = options.quick ? undefined : await measureMemory();
const keys = await measureKeys(root, oracle, options.quick ? 1 : 5);
const pgp = await measurePgp(oracle, cache);
const imports = options.quick ? undefined : measureImports();
const growth =
	options.quick || !"growth".includes(options.only) ? undefined : await measureGrowth(inputs, oracle);
const { countScanners } = await runSource("tools/bench/scanners.ts");
const scanners = countScanners(root, inputs);
await oracle.close();
report();

/** Our figures are those of what users install: the built packages. */
function build() {
	for (const name of ["core", "age", "pgp"]) {
		const { status } = spawnSync(
			process.execPath,
			[join(root, "node_modules/tsup/dist/cli-default.js"), "--silent"],
			{
				cwd: join(root, "packages", name),
				env: { ...process.env, SOPSKIT_NO_DTS: "1" },
				stdio: ["ignore", "ignore", "inherit"],
			},
		);
		if (status !== 0) throw new Error(`bench: packages/${name} does not build`);
	}
}

// — times —

async function measureTimes() {
	const workers = Object.fromEntries(
		SUBJECTS.filter((name) => !name.startsWith("go")).map((name) => [name, worker(name)]),
	);
	await Promise.all(Object.values(workers).map((one) => one.ready));
	const results = [];
	for (const job of jobs) {
		const times = Object.fromEntries(SUBJECTS.map((name) => [name, []]));
		const unable = new Set();
		const rounds = options.quick ? Math.ceil(job.rounds / 3) : job.rounds;
		for (let round = 0; round < rounds; round++) {
			for (const name of SUBJECTS) {
				// The slowest would take most of the time of the run.
				if (unable.has(name) || (name === "sops-age" && round >= 2)) continue;
				const answer = name.startsWith("go")
					? await go(job, name === "go tree")
					: await workers[name].ask(
							name === "sops-age" ? { job } : { job, warmUp: warmUps(job), passes: PASSES },
						);
				if (answer.unable) unable.add(name);
				else times[name].push(answer.milliseconds);
			}
		}
		results.push({ job: job.name, times });
		process.stderr.write(`bench: ${job.name}\n`);
	}
	for (const one of Object.values(workers)) one.end();
	return results;
}

/** The compiler of Node needs some passes to settle. */
function warmUps(job) {
	return job.of === "secrets" ? 1 : 5;
}

function worker(subject) {
	const child = fork(join(root, "tools/bench/worker.mjs"), [subject, inputsFile]);
	const waiting = [];
	child.on("message", (message) => waiting.shift()(message));
	child.on("exit", (code) => {
		for (const settle of waiting) settle({ error: `bench: the worker for ${subject} ended (${code})` });
	});
	const answer = () => new Promise((settle) => waiting.push(settle));
	return {
		ready: answer(),
		async ask(request) {
			child.send(request);
			const message = await answer();
			if (message.error) throw new Error(`bench: ${subject}: ${message.error}`);
			return message;
		},
		end: () => child.kill(),
	};
}

/**
 * @param {boolean} tree decrypt to the tree in memory only, which no public function of the reference gives: what
 * others get from it is text, to be parsed once more
 */
async function go(job, tree) {
	if (tree && job.action !== "data") return { unable: true };
	const { nanoseconds } = await oracle.call("time", goRequest(job, PASSES, tree));
	return { milliseconds: nanoseconds.at(-1) / 1e6 };
}

function goRequest({ of, action, inFlight = 1 }, runs, tree = false) {
	const format = of === "json" ? "json" : "yaml";
	const input = inputs[of];
	const texts = action === "encrypt" ? input.plain : input.encrypted;
	const target = (text) =>
		action === "encrypt"
			? {
					op: "encrypt",
					format,
					text,
					ageRecipients: [inputs.recipient],
					...(input.encryptedRegex && { selectors: { encrypted_regex: input.encryptedRegex } }),
				}
			: {
					op: "decrypt",
					format,
					text,
					ageIdentity: inputs.identity,
					skipTree: true,
					skipText: tree,
				};
	return { targets: [texts].flat().map(target), runs, parallel: inFlight };
}

// — memory: a new process for each subject and job, which does it three times —

async function measureMemory() {
	const peaks = {};
	for (const job of jobs.filter((one) => (one.inFlight ?? 8) === 8 && one.action !== "text")) {
		peaks[job.name] = {};
		for (const name of ["sopskit", "go", "sops-age"]) {
			peaks[job.name][name] = name === "go" ? await goMemory(job) : await workerMemory(name, job);
		}
	}
	return peaks;
}

async function workerMemory(name, job) {
	const one = worker(name);
	await one.ready;
	const answer = await one.ask({ job, warmUp: 2, memory: true });
	one.end();
	return answer.mebibytes;
}

/** Where the system tells the peak of another process. */
async function goMemory(job) {
	if (process.platform !== "linux") return undefined;
	const child = spawn(binaries.oracle, [], {
		stdio: ["pipe", "pipe", "ignore"],
		env: { PATH: process.env.PATH },
	});
	const encode = ({ text, ...rest }) => ({ ...rest, text: Buffer.from(text).toString("base64") });
	const { targets, ...rest } = goRequest(job, 3);
	const line = new Promise((settle) => createInterface({ input: child.stdout }).once("line", settle));
	child.stdin.write(`${JSON.stringify({ id: 1, op: "time", targets: targets.map(encode), ...rest })}\n`);
	await line;
	const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
	child.stdin.end();
	return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1024;
}

// — single costs —

function measureImports() {
	const scripts = {
		nothing: "",
		"@sopskit/core": 'await import("@sopskit/core");',
		"@sopskit/core and age": 'await import("@sopskit/core"); await import("@sopskit/age");',
		"… and the first secret decrypted": `
			const { decryptDocument } = await import("@sopskit/core");
			const { age } = await import("@sopskit/age");
			await decryptDocument(inputs.secrets.encrypted[0], { format: "yaml", providers: [age({ identities: inputs.identity })] });`,
		"sops-age": 'await import("sops-age");',
		"… and the first secret decrypted ": `
			const { decryptSops } = await import("sops-age");
			await decryptSops(inputs.secrets.encrypted[0], { secretKey: inputs.identity, fileType: "yaml" });`,
		"sops-decoder": 'await import("sops-decoder");',
	};
	const found = {};
	for (const [name, script] of Object.entries(scripts)) {
		const runs = [];
		for (let i = 0; i < 5; i++) {
			const { stdout, stderr, status } = spawnSync(
				process.execPath,
				[
					"--input-type=module",
					"--eval",
					`import { readFileSync } from "node:fs";
					const inputs = JSON.parse(readFileSync(${JSON.stringify(inputsFile)}, "utf8"));
					const start = performance.now();
					${script}
					console.log(performance.now() - start);`,
				],
				{ cwd: join(root, "tools/bench"), encoding: "utf8" },
			);
			if (status !== 0) throw new Error(`bench: ${name}: ${stderr}`);
			runs.push(Number(stdout));
		}
		found[name] = median(runs);
	}
	return found;
}

// — report —

function median(times) {
	const sorted = [...times].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function report() {
	const machine = {
		date: new Date().toISOString(),
		cpu: cpus()[0]?.model.trim(),
		cores: cpus().length,
		memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
		node: process.version,
		platform: `${process.platform} ${process.arch}`,
	};
	const kib = (text) => `${(text.length / 1024).toFixed(0)} KiB`;
	console.log(`${machine.date}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
	console.log(
		`${inputs.values} values: YAML ${kib(inputs.yaml.plain)}, encrypted ${kib(inputs.yaml.encrypted)}; JSON ${kib(inputs.json.plain)}, encrypted ${kib(inputs.json.encrypted)}`,
	);
	console.log(
		"Milliseconds: median of the rounds, best in brackets; x: how many times faster than the reference we are.\n",
	);
	const rows = results.map(({ job, times }) => {
		const cell = (name) =>
			times[name].length === 0
				? "–"
				: `${median(times[name]).toFixed(0)} (${Math.min(...times[name]).toFixed(0)})`;
		const ratio = (name) =>
			times.sopskit.length === 0 || times[name].length === 0
				? "–"
				: `${(median(times[name]) / median(times.sopskit)).toFixed(2)}x`;
		return [
			job,
			cell("sopskit"),
			cell("go"),
			ratio("go"),
			cell("go tree"),
			ratio("go tree"),
			cell("sops-age"),
			cell("floor"),
		];
	});
	table(["", "sopskit", "go", "x", "go, tree only", "x", "sops-age", "floor"], rows);
	console.log(
		"\nsops-age decrypts only. sops-decoder opens files of AWS KMS only, in JSON: it can do none of these jobs.",
	);
	console.log(
		"go: to text, which is all that its public functions give; tree only: without writing it. It uses all cores, Node one.",
	);
	console.log("floor: the same AES-GCM operations and the SHA-512 alone, without reading, keys or writing.");
	console.log("\nOne entry of an age key (ms), one at a time and with 16 under way:");
	const columns = ["sopskit", "go", "sopskit, 16", "go, 16"];
	table(
		["", ...columns],
		keys.map(({ kind, action, times }) => [
			`${action} ${kind}`,
			...columns.map((name) => median(times[name]).toFixed(3)),
		]),
	);
	console.log("\nOpenPGP, milliseconds for one data key (median of three passes):");
	table(
		["", "sopskit", "go"],
		pgp.map(({ name, sopskit, go }) => [name, sopskit.toFixed(2), go.toFixed(2)]),
	);
	console.log("go: its Go library, which reads the ring file anew each time.");
	if (memory) {
		console.log("\nPeak memory in MiB, of a process that does the job three times:");
		table(
			["", "sopskit", "go", "sops-age"],
			Object.entries(memory).map(([job, peaks]) => [
				job,
				...["sopskit", "go", "sops-age"].map((name) =>
					peaks[name] === undefined ? "–" : peaks[name].toFixed(0),
				),
			]),
		);
	}
	if (imports) {
		console.log("\nFirst import, in a new process (ms):");
		table(
			["", "ms"],
			Object.entries(imports).map(([name, ms]) => [name, ms.toFixed(0)]),
		);
	}
	if (growth) {
		console.log("\nGrowth, each in a new process (ms and peak MiB; MB/s of the file that is read):");
		const mib = (n) => (n === undefined ? "–" : n.toFixed(0));
		table(
			["", "", "sopskit", "MB/s", "MiB", "sops", "MB/s", "MiB", "x"],
			growth.map(({ file, operation, bytes, sopskit, go }) => [
				file,
				operation,
				...[sopskit, go].flatMap((cost) =>
					cost === undefined
						? [`> ${LIMIT}`, "–", "–"]
						: [
								cost.milliseconds.toFixed(0),
								(bytes / 1000 / cost.milliseconds).toFixed(1),
								mib(cost.mebibytes),
							],
				),
				`${go === undefined ? "> " : ""}${((go?.milliseconds ?? LIMIT) / sopskit.milliseconds).toFixed(2)}x`,
			]),
		);
	}
	console.log("\nFiles that the line scanner carried whole (the others go through yaml's lexer):");
	table(
		["", "whole", "of"],
		scanners.map(({ kind, lines, of }) => [kind, String(lines), String(of)]),
	);
	const file = join(cache, "bench.json");
	writeFileSync(
		file,
		`${JSON.stringify(
			{
				machine,
				values: inputs.values,
				results: results.map(({ job, times }) => ({
					job,
					times,
					medians: Object.fromEntries(
						Object.entries(times)
							.filter(([, all]) => all.length > 0)
							.map(([name, all]) => [name, median(all)]),
					),
				})),
				keys,
				pgp,
				memory,
				imports,
				growth,
				scanners,
			},
			null,
			"\t",
		)}\n`,
	);
	console.log(
		`\nbench: ${((performance.now() - started) / 1000).toFixed(0)} s; all figures in .cache/bench.json`,
	);
}

function table(head, rows) {
	const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
	const line = (row) =>
		row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
	for (const row of [head, ...rows]) console.log(`  ${line(row)}`);
}
