// Whatever happens during a write in place, at whichever call to the file system: the file is the old one or the new.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const OLD = "old content\n".repeat(100);
const NEW = `${OLD}more\n`;

let folder: string;
let script: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-faults-"));
	script = join(folder, "write-faults.mjs");
	await build({
		entryPoints: [join(import.meta.dirname, "write-faults.ts")],
		outfile: script,
		bundle: true,
		platform: "node",
		format: "esm",
		target: "node20",
		conditions: ["@sopskit/source"],
		// Dependencies in CommonJS ask for modules of Node.
		banner: {
			js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
		},
	});
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
	readonly calls: readonly string[];
	readonly end: string | undefined;
	readonly content: string;
	readonly left: readonly string[];
}

async function run(mode: string, at: number): Promise<Outcome> {
	const place = mkdtempSync(join(folder, "run-"));
	const file = join(place, "f.yaml");
	writeFileSync(file, OLD);
	const { stdout } = await promisify(execFile)(process.execPath, [script, file, mode, String(at)]).catch(
		(error: { stdout: string }) => error,
	);
	const lines = stdout.trim().split("\n");
	const calls = lines.filter((line) => /^\d+ /.test(line)).map((line) => line.replace(/^\d+ /, ""));
	const last = lines.at(-1)!;
	return {
		calls,
		end: /^\d+ /.test(last) ? undefined : last,
		content: readFileSync(file, "utf8"),
		left: readdirSync(place).filter((name) => name !== "f.yaml"),
	};
}

describe("a write in place", async () => {
	it("makes these calls, in this order", async () => {
		const { calls, end, content, left } = await run("list", -1);
		expect([end, content, left]).toEqual(["done", NEW, []]);
		expect(calls).toEqual([
			...["open", "handle.stat", "handle.readFile"],
			...["realpath", "stat", "open", "handle.writeFile", "handle.stat", "handle.chmod", "handle.sync"],
			...["stat", "rename", "open", "handle.sync"],
		]);
	});

	it("leaves the old file or the new one when the process is killed at any of them", async () => {
		const { calls } = await run("list", -1);
		const renamed = calls.indexOf("rename");
		for (const [at, name] of calls.entries()) {
			for (const mode of ["die-before", "die-within", "die-after"]) {
				if (mode === "die-within" && name !== "handle.writeFile") continue;
				const { content, end } = await run(mode, at);
				const isNew = at > renamed || (at === renamed && mode === "die-after");
				expect([at, name, mode, end, content]).toEqual([at, name, mode, undefined, isNew ? NEW : OLD]);
			}
		}
	}, 60_000);

	it("leaves the old file and nothing beside it when any of them fails, as on a full disk", async () => {
		const { calls } = await run("list", -1);
		const renamed = calls.indexOf("rename");
		for (const [at, name] of calls.entries()) {
			const { content, end, left } = await run("fail", at);
			// Behind the rename the new file is in place; only the folder is brought to the disk.
			const isDone = at > renamed;
			expect([at, name, end, content]).toEqual([
				at,
				name,
				isDone ? "done" : "file-unusable",
				isDone ? NEW : OLD,
			]);
			expect([at, name, left]).toEqual([at, name, []]);
		}
	}, 60_000);
});
