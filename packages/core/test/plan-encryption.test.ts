import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recipient } from "../../age/src/index.ts";
import {
	encryptDocument,
	type Format,
	inspectDocument,
	type PlanEncryptionOptions,
	planEncryption,
} from "../src/index.ts";

const vectors = join(import.meta.dirname, "..", "..", "..", "vectors");
const keyFile = readFileSync(join(vectors, "keys", "first.txt"), "utf8");
const keyGroups = [[recipient(/age1\w+/.exec(keyFile)![0])]];

const SECRET = "# top\nkind: Secret\ndata:\n  # note\n  a: eA==\n  b: null\n  c: ''\n  d: [1, true]\n";

describe("planEncryption()", () => {
	it("counts what encryptDocument() encrypts, as inspectDocument() does afterwards", async () => {
		const cases: [string, PlanEncryptionOptions][] = [
			[SECRET, { format: "yaml" }],
			[SECRET, { format: "yaml", encryptedRegex: "^(data|stringData)$" }],
			[SECRET, { format: "yaml", unencryptedRegex: "^(kind|data)$" }],
			[SECRET, { format: "yaml", encryptedCommentRegex: "note" }],
			[`${SECRET}---\ndata: {x: 1}\n`, { format: "yaml", encryptedRegex: "^data$" }],
			['{"a": {"b": [1, null, ""]}, "c_unencrypted": 5}', { format: "json" }],
			["# c\nA=1\nB=\n", { format: "dotenv" }],
			["[s]\na = 1\n; c\n", { format: "ini" }],
			["anything\0 at all", { format: "binary", encryptedRegex: "ignored" }],
		];
		for (const [text, options] of cases) {
			const plan = planEncryption(text, options);
			const file = await encryptDocument(text, { ...options, keyGroups });
			const { encryptedValues, clearValues } = inspectDocument(file.text, { format: options.format });
			expect([text, plan]).toEqual([text, { alreadyEncrypted: false, encryptedValues, clearValues }]);
			expect(encryptedValues).toBeGreaterThan(0);
		}
	});

	it("tells files of which nothing would be encrypted", () => {
		const none = (text: string | Uint8Array, options: PlanEncryptionOptions) => {
			const { alreadyEncrypted, encryptedValues } = planEncryption(text, options);
			return !alreadyEncrypted && encryptedValues === 0;
		};
		expect(none("kind: ConfigMap\nmetadata: {name: x}\n", { format: "yaml", encryptedRegex: "^data$" })).toBe(
			true,
		);
		expect(none("# only\n", { format: "yaml", encryptedRegex: "^data$" })).toBe(true);
		for (const format of ["yaml", "json", "dotenv", "ini", "binary"] as const)
			expect([format, none("", { format })]).toEqual([format, true]);
		expect(none(new Uint8Array(), { format: "binary" })).toBe(true);
		expect(none("data: {a: null, b: ''}\n", { format: "yaml" })).toBe(true);
		expect(none("data: {a: 0}\n", { format: "yaml" })).toBe(false);
	});

	it("knows encrypted files, under whatever name", async () => {
		const plain: Record<Format, string> = {
			yaml: "a: 1\n",
			json: '{"a": 1}',
			dotenv: "A=1\n",
			ini: "[s]\na = 1\n",
			binary: "x",
		};
		for (const format of Object.keys(plain) as Format[]) {
			const file = await encryptDocument(plain[format], { format, keyGroups });
			for (const other of [format, "binary"] as const) {
				for (const input of [file.text, file.bytes])
					expect([format, other, planEncryption(input, { format: other }).alreadyEncrypted]).toEqual([
						...[format, other, true],
					]);
			}
		}
		for (const name of readdirSync(join(vectors, "yaml"))) {
			const text = readFileSync(join(vectors, "yaml", name, "encrypted.yaml"));
			expect([name, planEncryption(text, { format: "yaml" }).alreadyEncrypted]).toEqual([name, true]);
			expect(planEncryption(text, { format: "binary" }).alreadyEncrypted).toBe(true);
		}
	});

	it("knows files that lost their metadata, or have but the name of it", async () => {
		const { text } = await encryptDocument("a: secret\nb_unencrypted: 1\n", { format: "yaml", keyGroups });
		const lost = text.slice(0, text.indexOf("\nsops:"));
		expect(lost).toContain("ENC[");
		expect(planEncryption(lost, { format: "yaml" }).alreadyEncrypted).toBe(true);
		expect(planEncryption("a: 1\nsops: mine\n", { format: "yaml" }).alreadyEncrypted).toBe(true);
		expect(planEncryption("A=1\nsops_x=mine\n", { format: "dotenv" }).alreadyEncrypted).toBe(true);
		// A file of another tool that quotes one in a place that stays in clear is no file of SOPS.
		const quoting = { doc: text, data: { a: 1 } };
		expect(planEncryption(JSON.stringify(quoting), { format: "json", encryptedRegex: "^data$" })).toEqual({
			...{ alreadyEncrypted: false, encryptedValues: 1, clearValues: 1 },
		});
		expect(planEncryption(`A note on ${text.split("\n")[0]}\n`, { format: "binary" }).alreadyEncrypted).toBe(
			false,
		);
	});

	it("refuses what encryptDocument() would refuse", () => {
		const codeOf = (text: string, options: object): unknown => {
			try {
				return planEncryption(text, options as never);
			} catch (error) {
				return (error as { code?: unknown }).code;
			}
		};
		expect(codeOf("a: [", { format: "yaml" })).toBe("syntax-invalid");
		expect(codeOf("a: 1", { format: "yaml", encryptedRegex: "(?=x)" })).toBe("selector-invalid");
		expect(codeOf("a: 1", { format: "yaml", encryptedRegex: "x", encryptedSuffix: "y" })).toBe(
			"selector-conflict",
		);
		expect(codeOf("a: 1", { format: "yaml", maxBytes: 2 })).toBe("size-exceeded");
		expect(codeOf("a: 1", { format: "yaml", keyGroups })).toBe("option-unknown");
		expect(codeOf("a: 1", {})).toBe("argument-invalid");
	});
});
