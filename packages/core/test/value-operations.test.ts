// Single values of encrypted files: set, unset, extract, verify, filestatus, beside the real command (sops 3.13.3).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import type { Format } from "../src/formats/formats.ts";
import {
	decryptDocument,
	encryptDocument,
	encryptionStatus,
	extractValue,
	float,
	inspectDocument,
	parseConfig,
	parsePath,
	resolveRule,
	setValue,
	unsetValue,
	verifyDocument,
} from "../src/index.ts";
import { UsageError } from "../src/usage-error.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const A = recipientOf("first");
const B = recipientOf("second");
const providers = [age({ identities: identityFile("first") })];
const keyGroups = [[recipient(A)]];
const YAML = `# head
text: x
int: 42
float: 1.5
bool: true
none: null
time: 2001-02-03T04:05:06Z
map:
    # inside
    inner: y
    list:
        - a
        # between
        - b: 1
multi: |
    one
    two
"odd [key]": z
`;
const made = (text: string, format: Format = "yaml") => encryptDocument(text, { format, keyGroups });
const options = { format: "yaml", providers } as const;
const dataOf = async (text: string) => (await decryptDocument(text, options)).data as Record<string, unknown>;
/** Which lines differ, as pairs. */
function changedLines(before: string, after: string): string[] {
	const [a, b] = [before.split("\n"), after.split("\n")];
	expect(b.length).toBe(a.length);
	return a.flatMap((line, i) => (line === b[i] ? [] : [line.trim().split(":")[0]!]));
}

describe("paths as text", () => {
	it("are those of sops", () => {
		expect(parsePath(`["a"]['b'][0]["c d"][-1]`)).toEqual(["a", "b", 0, "c d", -1]);
		expect(parsePath('["a[0]"]["b]["]')).toEqual(["a[0]", "b]["]);
		expect(parsePath("")).toEqual([]);
		expect(parsePath('["a"b"]')).toEqual(['a"b']);
		for (const bad of ["a", "[a]", '["a"', "[1.5]", "[]", '["a"]b', "[99999999999999999999]"]) {
			expect(() => parsePath(bad)).toThrow(UsageError);
		}
	});
});

describe("setValue", () => {
	it("changes its line, the time and the MAC, and nothing else", async () => {
		const { text } = await made(YAML);
		const next = await setValue(text, '["map"]["inner"]', "changed", options);
		expect(changedLines(text, next.text).filter((name) => name !== "lastmodified")).toEqual(["inner", "mac"]);
		expect(await dataOf(next.text)).toMatchObject({ map: { inner: "changed", list: ["a", { b: 1 }] } });
	});

	it("keeps whole numbers whole (decision 0021)", async () => {
		const { text } = await made(YAML);
		const next = await setValue(text, ["int"], 43, options);
		expect(next.text).toMatch(/^int: ENC\[.*type:int\]$/m);
		expect((await setValue(text, ["fresh"], 7, options)).text).toMatch(/^fresh: ENC\[.*type:int\]$/m);
		expect((await setValue(text, ["int"], float(43), options)).text).toMatch(/^int: ENC\[.*type:float\]$/m);
	});

	it("gives the very file back when the value is there already", async () => {
		const { text } = await made(YAML);
		for (const [path, value] of [
			["text", "x"],
			["int", 42],
			["float", 1.5],
			["none", null],
		] as const) {
			const next = await setValue(text, [path], value, options);
			expect([next.changed, next.text]).toEqual([false, text]);
		}
	});

	it("refuses a way through a single value, and positions that are not there", async () => {
		const { text } = await made(YAML);
		for (const path of [
			["text", "x"],
			["text", 0],
			["map", "list", 3],
			["map", "list", -1],
			["map", 0],
			["map", "list", "x"],
		]) {
			const error = await refused(() => setValue(text, path, 1, options), "path-not-found");
			expect(error.details.path).toEqual(path);
		}
		await expect(setValue(text, [], 1, options)).rejects.toThrow(UsageError);
	});
});

describe("unsetValue", () => {
	it("takes a value out", async () => {
		const { text } = await made(YAML);
		const next = await unsetValue(text, '["map"]["list"][1]', options);
		expect(await dataOf(next.text)).toMatchObject({ map: { inner: "y", list: ["a"] } });
		for (const path of [["nothing"], ["map", "list", 2], ["text", "x"]]) {
			const error = await refused(() => unsetValue(text, path, options), "path-not-found");
			expect(error.details.path).toEqual(path);
		}
	});
});

describe("extractValue", () => {
	it("gives data, text and bytes, and shows none of it by accident", async () => {
		const { text } = await made(YAML);
		const value = await extractValue(text, '["map"]["list"][1]', options);
		expect(value.data).toEqual({ b: 1 });
		expect(value.text()).toBe("b: 1\n");
		expect(new TextDecoder().decode(value.bytes())).toBe("b: 1\n");
		const secret = await extractValue(text, ["text"], options);
		expect(`${secret}${JSON.stringify(secret)}${inspect(secret, { showHidden: true })}`).not.toContain('"x"');
		expect(inspect(secret)).toContain("not shown");
		await refused(() => extractValue(text, ["nope"], options), "path-not-found");
	});
});

describe("verifyDocument", () => {
	it("tells every value that is wrong, and gives none out", async () => {
		const { text } = await made(YAML);
		expect(await verifyDocument(text, options)).toEqual({ ok: true, problems: [], findings: [] });
		const damaged = text
			.replace(
				/^text: ENC\[AES256_GCM,data:(.)/m,
				(_, c) => `text: ENC[AES256_GCM,data:${c === "A" ? "B" : "A"}`,
			)
			.replace(/^int: .*$/m, "int: 42")
			.replace(/inner: .*$/m, "inner: ENC[AES256_GCM,data:x]");
		const { ok, problems } = await verifyDocument(damaged, options);
		expect(ok).toBe(false);
		expect(problems.map(({ code, path }) => [code, path])).toEqual([
			["value-damaged", ["text"]],
			["value-not-encrypted", ["int"]],
			["value-damaged", ["map", "inner"]],
		]);
		const lines = text.split("\n");
		const moved = lines.filter((line) => !line.startsWith("bool:")).join("\n");
		expect((await verifyDocument(moved, options)).problems).toMatchObject([{ code: "mac-mismatch" }]);
	});

	it("tells what cannot be read or opened at all", async () => {
		const { text } = await made(YAML);
		const strangers = [age({ identities: identityFile("stranger") })];
		const codes = async (input: string, by = providers) =>
			(await verifyDocument(input, { format: "yaml", providers: by })).problems.map(({ code }) => code);
		expect(await codes(text, strangers)).toEqual(["data-key-unavailable"]);
		expect(await codes(YAML)).toEqual(["not-encrypted"]);
		expect(await codes("a: [")).toEqual(["syntax-invalid"]);
	});

	it("tells how a file deviates from its rule, as inspectDocument does without keys", async () => {
		const { text } = await made(YAML);
		const expected = {
			keyGroups: [[recipient(B), { type: "pgp", id: "F".repeat(40), fields: { fp: "F".repeat(40) } }]],
			encryptedRegex: "^data$",
			macOnlyEncrypted: true,
		};
		const { problems } = await verifyDocument(text, { ...options, expected });
		const { findings } = inspectDocument(text, { format: "yaml", expected });
		for (const found of [problems, findings]) {
			expect(
				found.map(({ code, message }) => [code, message.replace(/age1\w+/g, (id) => (id === A ? "A" : "B"))]),
			).toEqual([
				["rule-deviation", "The file is not as its rule says: it lacks age B."],
				["rule-deviation", `The file is not as its rule says: it lacks pgp ${"F".repeat(40)}.`],
				["rule-deviation", "The file is not as its rule says: it has age A, which the rule does not name."],
				[
					"rule-deviation",
					'The file is not as its rule says: its selector is unencrypted_suffix "_unencrypted".',
				],
				["rule-deviation", "The file is not as its rule says: its MAC covers all values."],
			]);
		}
		expect((await verifyDocument(text, { ...options, expected: { keyGroups } })).ok).toBe(true);
		const rule = resolveRule(parseConfig(`creation_rules:\n  - age: ${A},${B}\n`), "f.yaml");
		const byRule = { keyGroups: rule.keyGroups, ...rule.options };
		expect(inspectDocument(text, { format: "yaml", expected: byRule }).findings).toMatchObject([
			{ code: "rule-deviation", message: `The file is not as its rule says: it lacks age ${B}.` },
		]);
		await expect(verifyDocument(text, { ...options, expected: { keygroups: [] } as never })).rejects.toThrow(
			/keyGroups/,
		);
	});
});

describeReference("single values, beside the command", (reference) => {
	const env = { SOPS_AGE_KEY: identityFile("first") };
	async function inFolder<T>(text: string, work: (folder: string) => Promise<T>): Promise<T> {
		const folder = mkdtempSync(join(tmpdir(), "sopskit-values-"));
		try {
			writeFileSync(join(folder, "f.yaml"), text);
			return await work(folder);
		} finally {
			rmSync(folder, { recursive: true });
		}
	}
	const sops = (text: string, args: readonly string[]) =>
		inFolder(text, async (cwd) => {
			const { status } = await reference.runSops([...args], { cwd, env });
			return { status, file: readFileSync(join(cwd, "f.yaml"), "utf8") };
		});
	const read = async (text: string) =>
		(await reference.oracle.call("decrypt", { format: "yaml", text, ageIdentity: identityFile("first") }))
			.text;

	const SETS: readonly (readonly [string, string])[] = [
		['["text"]', '"new"'],
		['["bool"]', "false"],
		['["float"]', "2.25"],
		['["map"]["inner"]', '"multi\\nline"'],
		['["map"]["list"][0]', '"c"'],
		['["fresh"]', '"n"'],
		['["fresh"]["deep"]["er"]', '"n"'],
		['["map"]', '{"k": "v", "n": {"m": true}}'],
		['["none"]', '"now"'],
	];
	for (const [path, value] of SETS) {
		it(`sets ${path} to ${value}`, async () => {
			const { text } = await made(YAML);
			const { status, file } = await sops(text, ["set", "f.yaml", path, value]);
			expect(status).toBe(0);
			for (const layout of ["keep", "reference"] as const) {
				const ours = await setValue(text, path, JSON.parse(value), { ...options, layout });
				expect(await read(ours.text)).toBe(await read(file));
				// Lines that sops leaves alone we leave alone.
				const [mine, theirs] = [new Set(ours.text.split("\n")), new Set(file.split("\n"))];
				expect(
					text
						.split("\n")
						.filter((line) => !/lastmodified/.test(line) && theirs.has(line) && !mine.has(line)),
				).toEqual([]);
			}
		});
	}

	it("a whole number is a float to the command, and an int here (decision 0021)", async () => {
		const { text } = await made(YAML);
		const { file } = await sops(text, ["set", "f.yaml", '["int"]', "43"]);
		expect(file).toMatch(/^int: ENC\[.*type:float\]$/m);
		expect((await setValue(text, ["int"], 43, options)).text).toMatch(/^int: ENC\[.*type:int\]$/m);
	});

	for (const path of ['["text"]', '["map"]["list"]', '["map"]', '["none"]']) {
		it(`unsets ${path}`, async () => {
			const { text } = await made(YAML);
			const { status, file } = await sops(text, ["unset", "f.yaml", path]);
			expect(status).toBe(0);
			expect(await dataOf((await unsetValue(text, path, options)).text)).toEqual(await dataOf(file));
		});
	}

	for (const format of ["yaml", "json"] as const) {
		for (const path of [
			...['["text"]', '["int"]', '["float"]', '["bool"]', '["none"]', '["map"]', '["map"]["list"]'],
			...['["map"]["list"][0]', '["multi"]', '["map"]["inner"]'],
		]) {
			it(`extracts ${path} of ${format} as it prints it`, async () => {
				const plain = JSON.stringify({
					text: "x",
					...{ int: 42, float: 1.5, bool: true, none: null, multi: "one\ntwo\n" },
					map: { inner: "y", list: ["a", { b: [1, []] }] },
				});
				const { text } = await encryptDocument(plain, { format: "json", keyGroups, outputFormat: format });
				const { stdout, status } = await inFolder(text, (cwd) =>
					reference.runSops(
						["decrypt", "--input-type", format, "--output-type", format, "--extract", path, "f.yaml"],
						{ cwd, env },
					),
				);
				expect(status).toBe(0);
				expect((await extractValue(text, path, { format, providers })).text()).toBe(stdout);
			});
		}
	}

	it("tells whether a file is encrypted", async () => {
		const { text } = await made(YAML);
		const noMac = text.replace(/^ {4}mac: .*\n/m, "");
		for (const one of [text, YAML, noMac, "a: 1\nsops: {}\n", "sops: x\n"]) {
			const { status, stdout } = await inFolder(one, (cwd) =>
				reference.runSops(["filestatus", "f.yaml"], { cwd }),
			);
			let ours: unknown;
			try {
				ours = encryptionStatus(one, { format: "yaml" });
			} catch {
				ours = "refused";
			}
			expect([one.slice(0, 20), ours]).toEqual([
				one.slice(0, 20),
				status === 0 ? JSON.parse(stdout) : "refused",
			]);
		}
		expect(encryptionStatus(Uint8Array.of(0xff, 0x7b), { format: "binary" })).toEqual({ encrypted: false });
		expect(encryptionStatus((await made("x", "binary")).text, { format: "binary" })).toEqual({
			encrypted: true,
		});
	});
});
