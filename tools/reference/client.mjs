// The way from Node to the reference: the real `sops` and `age`, and the oracle.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { binaries, missing } from "./place.mjs";

/** An answer of the oracle that says no. */
export class OracleError extends Error {
	/**
	 * @param {string} message
	 * @param {string | undefined} stage
	 * @param {boolean} panic
	 */
	constructor(message, stage, panic) {
		super(message);
		this.name = "OracleError";
		this.stage = stage;
		this.panic = panic;
	}
}

/** The oracle program: started with the first call, and then kept; any number of calls may be under way. */
export class Oracle {
	#path;
	#child;
	#pending = new Map();
	#last = 0;

	/** @param {string} path */
	constructor(path) {
		this.#path = path;
	}

	call(op, args = {}, { timeout } = {}) {
		const child = this.#start();
		const id = ++this.#last;
		return new Promise((resolve, reject) => {
			// A computation of the oracle cannot be called off, the process can.
			const timer = timeout === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), timeout);
			const settled = (settle) => (value) => {
				clearTimeout(timer);
				settle(value);
			};
			this.#pending.set(id, { child, resolve: settled(resolve), reject: settled(reject) });
			child.stdin.write(`${JSON.stringify({ id, op, ...encodeRequest(args) })}\n`);
		});
	}

	async close() {
		const child = this.#child;
		if (!child) return;
		this.#child = undefined;
		const ended = new Promise((resolve) => child.once("close", resolve));
		child.stdin.end();
		await ended;
	}

	#start() {
		if (this.#child) return this.#child;
		const child = spawn(this.#path, [], {
			env: cleanEnvironment(),
			cwd: emptyFolder(),
			stdio: ["pipe", "pipe", "pipe"],
		});
		let complaint = "";
		child.stderr.on("data", (chunk) => {
			complaint = (complaint + chunk).slice(0, 4000);
		});
		child.stdin.on("error", () => {});
		createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
			const { id, ok, error, stage, panic, ...answer } = JSON.parse(line);
			const waiting = this.#pending.get(id);
			this.#pending.delete(id);
			if (ok) waiting?.resolve(decodeAnswer(answer));
			else waiting?.reject(new OracleError(error, stage, panic === true));
		});
		const gone = (reason) => {
			if (this.#child === child) this.#child = undefined;
			for (const [id, waiting] of this.#pending) {
				if (waiting.child !== child) continue;
				this.#pending.delete(id);
				waiting.reject(new OracleError(`the oracle ${reason}`, "process", true));
			}
		};
		child.on("error", (error) => gone(`does not start: ${error.message}`));
		child.on("close", (code, signal) => gone(`ended (${signal ?? code}): ${complaint}`));
		this.#child = child;
		return child;
	}
}

const bytesOut = ["text", "dataKey"];

function encodeRequest(args) {
	const request = { ...args };
	for (const name of bytesOut) {
		if (request[name] !== undefined) request[name] = Buffer.from(request[name]).toString("base64");
	}
	const encodeNested = ({ op, ...rest }) => ({ op, ...encodeRequest(rest) });
	if (request.target) request.target = encodeNested(request.target);
	if (request.targets) request.targets = request.targets.map(encodeNested);
	return request;
}

function decodeAnswer(answer) {
	if (answer.dataKey !== undefined) answer.dataKey = Buffer.from(answer.dataKey, "base64");
	if (answer.text !== undefined) {
		answer.bytes = Buffer.from(answer.text, "base64");
		answer.text = answer.bytes.toString("utf8");
	}
	return answer;
}

let folder;

/** A folder with nothing in it: home and working directory of all that is started here. */
function emptyFolder() {
	if (folder === undefined) {
		const made = mkdtempSync(join(tmpdir(), "sopskit-reference-"));
		process.once("exit", () => rmSync(made, { recursive: true, force: true }));
		folder = made;
	}
	return folder;
}

function cleanEnvironment(extra = {}) {
	const inherited = process.platform === "win32" ? { SystemRoot: process.env.SystemRoot } : {};
	return { ...inherited, PATH: process.env.PATH, HOME: emptyFolder(), ...extra };
}

function run(path, args, options = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(path, args, {
			env: cleanEnvironment(options.env),
			cwd: options.cwd ?? emptyFolder(),
			stdio: ["pipe", "pipe", "pipe"],
		});
		const out = [];
		const err = [];
		child.stdout.on("data", (chunk) => out.push(chunk));
		child.stderr.on("data", (chunk) => err.push(chunk));
		child.stdin.on("error", () => {});
		child.on("error", reject);
		child.on("close", (status, signal) => {
			const bytes = Buffer.concat(out);
			resolve({
				status,
				signal,
				bytes,
				stdout: bytes.toString("utf8"),
				stderr: Buffer.concat(err).toString("utf8"),
			});
		});
		child.stdin.end(options.input);
	});
}

export function missingReference() {
	return missing();
}

export function openReference() {
	if (missing().length > 0) return undefined;
	return {
		sops: binaries.sops,
		age: binaries.age,
		ageKeygen: binaries.ageKeygen,
		agePlugins: dirname(binaries.agePluginPq),
		oracle: new Oracle(binaries.oracle),
		runSops: (args, options) => run(binaries.sops, args, options),
		runAge: (args, options) => run(binaries.age, args, options),
		runAgeKeygen: (args, options) => run(binaries.ageKeygen, args, options),
	};
}
