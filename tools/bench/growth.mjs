// How time and memory grow with a file: three sizes of each kind, this library and the `sops` command side by side,
// each in a new process that reads a file, does one operation and writes the result.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binaries } from "../reference/place.mjs";
import { servicesOf } from "./inputs.mjs";

const MIB = 2 ** 20;
/** Milliseconds for one process: the reference takes time with the square of some sizes. */
export const LIMIT = 60_000;
/** Values of a service in {@link servicesOf}. */
const VALUES = 49;

const json = (services) => `${JSON.stringify(servicesOf(services), null, "\t")}\n`;
const KINDS = [
	{
		format: "yaml",
		sizes: [1, 3, 10].map((n) => [`${n * 10_000} values`, Math.ceil((n * 10_000) / VALUES)]),
		make: json,
	},
	{
		format: "json",
		sizes: [5, 15, 50].map((mb) => [`${mb} MB`, mb]),
		make: (mb) => json(Math.ceil(mb / 0.0024)),
	},
	{ format: "binary", sizes: [1, 3, 10].map((n) => [`${n} MiB`, n]), make: (n) => randomBytes(n * MIB) },
];

/**
 * @param {{ identity: string, recipient: string }} keys
 * @param {import("@sopskit/reference").Oracle} oracle writes the YAML
 * @returns {Promise<{ file: string, operation: string, bytes: number, sopskit: Cost, go: Cost | undefined }[]>}
 * @typedef {{ milliseconds: number, mebibytes: number | undefined }} Cost
 */
export async function measureGrowth(keys, oracle) {
	const folder = mkdtempSync(join(tmpdir(), "sopskit-growth-"));
	const rows = [];
	try {
		for (const { format, sizes, make } of KINDS) {
			for (const [size, amount] of sizes) {
				const plain = join(folder, "plain");
				const made = make(amount);
				writeFileSync(plain, format === "yaml" ? await asYaml(made, oracle) : made);
				for (const operation of ["encrypt", "decrypt"]) {
					const input = operation === "encrypt" ? plain : join(folder, "encrypted");
					const output = join(folder, operation === "encrypt" ? "encrypted" : "decrypted");
					const job = { format, operation, input, output, ...keys };
					const sopskit = await library(job, folder);
					if (sopskit === undefined) throw new Error(`bench: ${format}, ${size}: not done in time`);
					const go = await command({ ...job, output: `${output}-by-sops` });
					rows.push({ file: `${format}, ${size}`, operation, bytes: statSync(input).size, sopskit, go });
				}
				process.stderr.write(`bench: growth: ${format}, ${size}\n`);
				if (!readFileSync(join(folder, "decrypted")).equals(readFileSync(plain)))
					throw new Error(`bench: ${format}, ${size}: what came back is not what went in`);
			}
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
	return rows;
}

async function asYaml(text, oracle) {
	const { tree } = await oracle.call("load", { format: "json", text });
	return (await oracle.call("emit", { format: "yaml", tree })).text;
}

function library(job, folder) {
	const file = join(folder, "job.json");
	writeFileSync(file, JSON.stringify(job));
	const script = join(dirname(fileURLToPath(import.meta.url)), "growth-worker.mjs");
	return measured(process.execPath, ["--max-old-space-size=8192", script, file], process.env);
}

function command({ format, operation, input, output, identity, recipient }) {
	const types = ["--input-type", format, "--output-type", format, "--output", output];
	const keys = operation === "encrypt" ? ["--age", recipient] : [];
	return measured(binaries.sops, [operation, ...types, ...keys, input], {
		PATH: process.env.PATH,
		HOME: dirname(input),
		SOPS_AGE_KEY: identity,
	});
}

/** The time of a whole process, and its peak memory where the system tells; `undefined` when it does not end in time. */
function measured(program, args, env) {
	return new Promise((settle, fail) => {
		const start = performance.now();
		const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "inherit"] });
		let mebibytes;
		const look = setInterval(() => {
			mebibytes = peakOf(child.pid) ?? mebibytes;
		}, 10);
		const limit = setTimeout(() => child.kill(), LIMIT);
		child.on("error", fail);
		child.on("exit", (code, signal) => {
			clearInterval(look);
			clearTimeout(limit);
			if (signal !== null) settle(undefined);
			else if (code === 0) settle({ milliseconds: performance.now() - start, mebibytes });
			else fail(new Error(`bench: ${program} ended with ${code}`));
		});
	});
}

function peakOf(pid) {
	try {
		const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
		return peak === null ? undefined : Number(peak[1]) / 1024;
	} catch {
		return undefined;
	}
}
