/**
 * Run in a process of its own: writes a file in place, while every call to the file system is counted. At the call that
 * was asked for, the process dies or the call fails.
 *
 * Arguments: path, what to do (`list`, `die-before`, `die-within`, `die-after`, `fail`), and the number of the call.
 * On standard output: the calls, one a line; then `done`, or the code of the error.
 */
import { writeSync } from "node:fs";
import * as promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [path = "", mode = "list", at = "-1"] = process.argv.slice(2);
let count = 0;

type Call = (...args: unknown[]) => Promise<unknown>;

function die(): never {
	process.kill(process.pid, "SIGKILL");
	// The signal is on its way.
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
	throw new Error("still here");
}

function watched(name: string, call: Call): Call {
	return async function (this: unknown, ...args: unknown[]) {
		const number = count++;
		writeSync(1, `${number} ${name}\n`);
		if (number !== Number(at)) return call.apply(this, args);
		if (mode === "fail") throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
		if (mode === "die-before") die();
		if (mode === "die-within" && name === "handle.writeFile") {
			const bytes = args[0] as Uint8Array;
			await call.apply(this, [bytes.subarray(0, bytes.length >> 1)]);
			die();
		}
		const result = await call.apply(this, args);
		if (mode === "die-after") die();
		return result;
	};
}

const handle = await promises.open(path, "r");
const prototype = Object.getPrototypeOf(handle) as Record<string, Call>;
await handle.close();
const own = (promises as unknown as { default: Record<string, Call> }).default;
for (const name of ["open", "stat", "lstat", "realpath", "rename", "rm"])
	own[name] = watched(name, own[name]!);
for (const name of ["stat", "readFile", "writeFile", "chown", "chmod", "sync"])
	prototype[name] = watched(`handle.${name}`, prototype[name]!);
syncBuiltinESMExports();

const { replaceFile } = await import("../src/files/write.ts");
const { readFile } = await import("../src/files/read.ts");
try {
	const { bytes, stats } = await readFile(path, {});
	await replaceFile(path, new TextEncoder().encode(`${new TextDecoder().decode(bytes)}more\n`), {
		unchangedSince: stats,
	});
	writeSync(1, "done\n");
} catch (thrown) {
	writeSync(1, `${(thrown as { code?: string }).code}\n`);
}
