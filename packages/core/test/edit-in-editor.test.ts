import { spawn } from "node:child_process";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { decryptDocument, encryptDocument, isSopsError, type KeyProvider, UsageError } from "../src/index.ts";
import { editInEditor } from "../src/node.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const providers = [age({ identities: identityFile("first") })];
const PLAIN = "# note\na: x\n\nb:\n  - 1\n  - 2\n";
const BEFORE = process.env.TMPDIR;

let folder: string;
let temporary: string;
let file: string;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-editor-"));
	temporary = join(folder, "tmp");
	mkdirSync(temporary);
	process.env.TMPDIR = temporary;
	file = join(folder, "secret.yaml");
	const keyGroups = [[recipient(recipientOf("first"))]];
	writeFileSync(file, (await encryptDocument(PLAIN, { format: "yaml", keyGroups, layout: "keep" })).text);
});

afterEach(() => {
	if (BEFORE === undefined) delete process.env.TMPDIR;
	else process.env.TMPDIR = BEFORE;
	rmSync(folder, { recursive: true });
});

/** An editor: a program whose body sees `path` and `text`, and what it returns is written. */
function editor(body: string): string {
	const script = join(folder, `editor-${readdirSync(folder).length}.mjs`);
	writeFileSync(
		script,
		`#!${process.execPath}
import { readFileSync, writeFileSync, statSync, existsSync } from "node:fs";
const path = process.argv.at(-1);
const text = readFileSync(path, "utf8");
const result = await (async () => { ${body} })();
if (result !== undefined) writeFileSync(path, result);
`,
	);
	chmodSync(script, 0o700);
	return script;
}

const plain = async () =>
	(await decryptDocument(readFileSync(file, "utf8"), { format: "yaml", providers })).text({ layout: "keep" });

describe("editInEditor", () => {
	it("encrypts what the editor left, and nothing else", async () => {
		const before = readFileSync(file, "utf8");
		const script = editor('return text.replace("a: x", "a: changed")');
		const result = await editInEditor(file, { providers, editor: [script] });
		expect(result.changed).toBe(true);
		expect(await plain()).toBe(PLAIN.replace("a: x", "a: changed"));
		const lines = new Set(before.split("\n"));
		const fresh = readFileSync(file, "utf8")
			.split("\n")
			.filter((line) => !lines.has(line));
		expect(fresh.map((line) => line.trim().split(":")[0])).toEqual(
			fresh.length === 3 ? ["a", "lastmodified", "mac"] : ["a", "mac"],
		);
		expect(readdirSync(temporary)).toEqual([]);
	});

	it("gives the plaintext to its owner alone, under the name of the file", async () => {
		const seen = join(folder, "seen");
		const script = editor(
			`writeFileSync(${JSON.stringify(seen)}, JSON.stringify([path, text, statSync(path).mode & 0o777, statSync(path.slice(0, path.lastIndexOf("/"))).mode & 0o777]))`,
		);
		const result = await editInEditor(file, { providers, environment: { EDITOR: script } });
		expect(result.changed).toBe(false);
		const [path, text, mode, folderMode] = JSON.parse(readFileSync(seen, "utf8"));
		expect(path).toMatch(/\/secret\.yaml$/);
		expect([text, mode, existsSync(path)]).toEqual([PLAIN, 0o600, false]);
		expect(folderMode).toBe(0o700);
	});

	it("writes nothing when nothing changed, or the editor failed", async () => {
		const before = readFileSync(file, "utf8");
		await editInEditor(file, { providers, editor: [editor("return text")] });
		for (const bad of [
			[editor("process.exit(3)")],
			[editor("process.kill(process.pid, 'SIGTERM'); await new Promise(() => {})")],
			["/nowhere/editor"],
		]) {
			const thrown = await editInEditor(file, { providers, editor: bad }).catch((error: unknown) => error);
			expect(isSopsError(thrown, "editor-failed")).toBe(true);
		}
		expect(readFileSync(file, "utf8")).toBe(before);
		expect(readdirSync(temporary)).toEqual([]);
	});

	it("opens the editor again on what cannot be encrypted, with the line", async () => {
		const script = editor(
			'return text.includes("oops") ? text.replace("oops: [", "fine: 1") : text + "oops: ["',
		);
		const problems: unknown[] = [];
		const onProblem = (problem: { readonly code: string; readonly details: unknown }) => {
			problems.push([problem.code, (problem.details as { line: number }).line]);
			return true;
		};
		// A card that wants to be touched is asked once, however often the editor opens.
		let unwrapped = 0;
		const [own] = providers as [KeyProvider];
		const counting: KeyProvider = {
			...own,
			unwrapAny(entries, call) {
				unwrapped++;
				return own.unwrapAny!(entries, call);
			},
		};
		await editInEditor(file, { providers: [counting], editor: [script], onProblem });
		expect(unwrapped).toBe(1);
		expect(problems).toEqual([["syntax-invalid", expect.any(Number)]]);
		expect(await plain()).toBe(`${PLAIN}fine: 1\n`);
		const before = readFileSync(file, "utf8");
		for (const more of [{}, { onProblem: () => false }]) {
			const work = editInEditor(file, { providers, editor: [editor('return "a: ["')], ...more });
			expect(isSopsError(await work.catch((error: unknown) => error), "syntax-invalid")).toBe(true);
		}
		expect(readFileSync(file, "utf8")).toBe(before);
		expect(readdirSync(temporary)).toEqual([]);
	});

	it("takes SOPS_EDITOR before EDITOR, with arguments, and neither out of the air", async () => {
		const script = editor('return text.replace("a: x", "a: " + process.argv[2])');
		const environment = { SOPS_EDITOR: `'${script}' "two words"`, EDITOR: "/nowhere" };
		await editInEditor(file, { providers, environment });
		expect(await plain()).toContain("a: two words");
		await expect(editInEditor(file, { providers })).rejects.toThrow(UsageError);
		for (const wrong of [{}, { EDITOR: "'open" }]) {
			const thrown = await editInEditor(file, { providers, environment: wrong }).catch(
				(error: unknown) => error,
			);
			expect(isSopsError(thrown, "editor-failed")).toBe(true);
		}
	});

	it("refuses to overwrite what someone else wrote meanwhile", async () => {
		const script = editor(`writeFileSync(${JSON.stringify(file)}, "other: 1\\n"); return text + "z: 1\\n"`);
		const thrown = await editInEditor(file, { providers, editor: [script] }).catch((error: unknown) => error);
		expect(isSopsError(thrown, "file-unusable")).toBe(true);
		expect(readFileSync(file, "utf8")).toBe("other: 1\n");
	});

	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		it(`takes the plaintext away on ${signal}`, async () => {
			const program = join(folder, "program.mjs");
			const entry = join(folder, "program.ts");
			writeFileSync(
				entry,
				`import { editInEditor } from ${JSON.stringify(join(import.meta.dirname, "../src/node.ts"))};
				import { age } from ${JSON.stringify(join(import.meta.dirname, "../../age/src/index.ts"))};
				const [file, identities, editor] = process.argv.slice(2);
				await editInEditor(file, { providers: [age({ identities })], editor: [editor] });`,
			);
			await build({
				entryPoints: [entry],
				outfile: program,
				bundle: true,
				platform: "node",
				format: "esm",
				conditions: ["@sopskit/source"],
				logLevel: "error",
				banner: {
					js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
				},
			});
			const script = editor(
				"process.stdout.write('open\\n'); await new Promise((end) => setTimeout(end, 20000))",
			);
			const child = spawn(process.execPath, [program, file, identityFile("first"), script], {
				stdio: ["ignore", "pipe", "inherit"],
				detached: true,
				env: { ...process.env, TMPDIR: temporary },
			});
			await new Promise((settle) => child.stdout.once("data", settle));
			expect(readdirSync(temporary).length).toBe(1);
			const ended = new Promise((settle) => child.once("exit", (_, by) => settle(by)));
			child.kill(signal);
			expect(await ended).toBe(signal);
			expect(readdirSync(temporary)).toEqual([]);
			process.kill(-child.pid!, "SIGKILL");
		});
	}
});

describeReference("sops edit", (reference) => {
	it("gives the same plaintext for the same edit, and touches no line that we leave", async () => {
		const script = editor('return text.replace("a: x", "a: changed")');
		const before = readFileSync(file, "utf8");
		const copy = join(folder, "copy.yaml");
		writeFileSync(copy, before);
		const { status } = await reference.runSops(["edit", copy], {
			env: { SOPS_AGE_KEY: identityFile("first"), SOPS_EDITOR: script },
		});
		expect(status).toBe(0);
		await editInEditor(file, { providers, environment: { SOPS_EDITOR: script } });
		const read = (path: string) =>
			reference.oracle.call("decrypt", {
				format: "yaml",
				text: readFileSync(path, "utf8"),
				ageIdentity: identityFile("first"),
			});
		expect((await read(file)).text).toBe((await read(copy)).text);
		const unchanged = await reference.runSops(["edit", copy], {
			env: { SOPS_AGE_KEY: identityFile("first"), SOPS_EDITOR: editor("return text") },
		});
		// The command says "File has not changed" and exits with 200; here that is `changed: false`.
		expect(unchanged.status).toBe(200);
	});
});
