// Who can read a file: rotate, updatekeys and groups, beside the real command (sops 3.13.3).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import type { Format } from "../src/formats/formats.ts";
import {
	addKeyGroup,
	decryptDocument,
	deleteKeyGroup,
	encryptDocument,
	inspectDocument,
	type KeyProvider,
	type KeyRef,
	planKeyUpdate,
	rotateDocument,
	updateKeys,
} from "../src/index.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const NAMES = ["first", "second", "third"] as const;
const A = recipientOf("first");
const B = recipientOf("second");
const C = recipientOf("third");
const as = (...names: readonly (typeof NAMES)[number][]): KeyProvider[] => [
	age({ identities: names.map(identityFile) }),
];
const key = (id: string) => recipient(id);

const PLAIN: Readonly<Record<Exclude<Format, "binary">, string>> = {
	yaml: "# head\na: x\nb:\n    # note\n    - 1\n    - true\nc_unencrypted: z\n",
	json: '{\n\t"a": "x",\n\t"b": [\n\t\t1,\n\t\ttrue\n\t],\n\t"c_unencrypted": "z"\n}\n',
	dotenv: "#head\nA=x\nB_unencrypted=z\n",
	ini: "[s]\n; note\na             = x\nb_unencrypted = z\n",
};
const FORMATS = Object.keys(PLAIN) as (keyof typeof PLAIN)[];

const made = (format: keyof typeof PLAIN, ...groups: readonly (readonly string[])[]) =>
	encryptDocument(PLAIN[format], { format, keyGroups: groups.map((group) => group.map(key)) });
const ciphertexts = (text: string): string[] => text.match(/ENC\[AES256_GCM,[^\]]*\]/g) ?? [];
const keysOf = (text: string, format: Format): string[][] =>
	inspectDocument(text, { format }).groups.map((group) => group.map(({ id }) => id));
const plainOf = async (text: string, format: Format, providers: KeyProvider[]) =>
	(await decryptDocument(text, { format, providers })).text();

describe("rotateDocument", () => {
	for (const format of FORMATS) {
		for (const layout of ["keep", "reference"] as const) {
			it(`encrypts everything anew: ${format}, ${layout}`, async () => {
				const { text } = await made(format, [A]);
				const next = await rotateDocument(text, { format, providers: as("first"), layout });
				expect(next.findings).toEqual([]);
				const [before, after] = [ciphertexts(text), ciphertexts(next.text)];
				expect(after.length).toBe(before.length);
				expect(after.filter((one) => before.includes(one))).toEqual([]);
				expect(await plainOf(next.text, format, as("first"))).toBe(PLAIN[format]);
			});
		}
	}

	it("takes keys in and out in one step, and says what that does not reach", async () => {
		const { text } = await made("yaml", [A, B]);
		const options = { format: "yaml", providers: as("first"), addKeys: [key(C)], removeKeys: [B] } as const;
		const next = await rotateDocument(text, options);
		expect(keysOf(next.text, "yaml")).toEqual([[A, C]]);
		expect(next.findings).toMatchObject([{ code: "history-readable" }]);
		expect(next.findings[0]!.message).toContain(B);
		await refused(
			() => decryptDocument(next.text, { format: "yaml", providers: as("second") }),
			"data-key-unavailable",
		);
		expect(await plainOf(next.text, "yaml", as("third"))).toBe(PLAIN.yaml);
	});

	it("refuses to remove a key that is not there", async () => {
		const { text } = await made("yaml", [A]);
		const error = await refused(
			() => rotateDocument(text, { format: "yaml", providers: as("first"), removeKeys: [B] }),
			"key-not-found",
		);
		expect(error.details.id).toBe(B);
	});

	it("stops at an entry that nobody at hand can wrap for, until it is removed by name", async () => {
		const { text } = await made("yaml", [A, B]);
		// Acts for the first key alone.
		const only: KeyProvider = {
			name: "only",
			masterKey: (ref) => (ref.id === A ? as("first")[0]!.masterKey(ref) : undefined),
		};
		const rotate = (removeKeys: string[]) =>
			rotateDocument(text, { format: "yaml", providers: [only], removeKeys });
		const error = await refused(() => rotate([]), "rewrap-impossible");
		expect(error.details.keys).toEqual([{ group: 0, type: "age", id: B }]);
		expect(keysOf((await rotate([B])).text, "yaml")).toEqual([[A]]);
		await refused(() => rotate([A, B]), "keys-missing");
	});

	it("keeps fields and settings of the metadata that it does not know", async () => {
		const { text } = await made("yaml", [A]);
		const odd = text
			.replace("- enc:", "- future: { x: 1 }\n          enc:")
			.replace(/\n {4}version:/, "\n    later: [1]\n    version:");
		expect(odd).not.toBe(text);
		const next = await rotateDocument(odd, { format: "yaml", providers: as("first") });
		expect(next.text).toMatch(/later:\n\s+- 1/);
		expect(next.text).toMatch(/future:\n\s+x: 1/);
		expect(await plainOf(next.text, "yaml", as("first"))).toBe(PLAIN.yaml);
	});

	it("leaves the text around values as the author set it", async () => {
		const odd = '{ "a":   "x",\n\n  "b": [1,   2] }\n';
		const file = await encryptDocument(odd, { format: "json", keyGroups: [[key(A)]], layout: "keep" });
		const next = await rotateDocument(file.text, { format: "json", providers: as("first") });
		const doc = await decryptDocument(next.text, { format: "json", providers: as("first") });
		expect(doc.text({ layout: "keep" })).toBe(odd);
	});
});

describe("updateKeys", () => {
	for (const format of FORMATS) {
		it(`adds a key without touching anything else: ${format}`, async () => {
			const { text } = await made(format, [A]);
			const options = { format, providers: as("first"), keyGroups: [[key(A), key(B)]] } as const;
			const next = await updateKeys(text, options);
			expect(next.findings).toEqual([]);
			expect(ciphertexts(next.text)).toEqual(ciphertexts(text));
			expect(inspectDocument(next.text, { format }).lastModified).toBe(
				inspectDocument(text, { format }).lastModified,
			);
			expect(await plainOf(next.text, format, as("second"))).toBe(PLAIN[format]);
			const again = await updateKeys(next.text, options);
			expect([again.changed, again.text]).toEqual([false, next.text]);
			// The entry of the key that stays is the very same.
			const lines = new Set(next.text.split("\n"));
			expect(
				text.split("\n").filter((line) => /^ {12,}[A-Za-z0-9+/=]{40,}$/.test(line) && !lines.has(line)),
			).toEqual([]);
		});
	}

	it("rotates when someone loses access, unless told not to", async () => {
		const { text } = await made("yaml", [A, B]);
		const options = { format: "yaml", providers: as("first"), keyGroups: [[key(A)]] } as const;
		const next = await updateKeys(text, options);
		expect(ciphertexts(next.text).filter((one) => text.includes(one))).toEqual([]);
		expect(next.findings.map(({ code }) => code)).toEqual(["history-readable"]);
		const kept = await updateKeys(text, { ...options, rotate: false });
		expect(ciphertexts(kept.text)).toEqual(ciphertexts(text));
		expect(kept.findings.map(({ code }) => code)).toEqual(["history-readable"]);
		expect(keysOf(kept.text, "yaml")).toEqual([[A]]);
	});

	it("takes refs, as a creation rule gives them", async () => {
		const { text } = await made("yaml", [A]);
		const keyGroups = [[A, B].map((id) => ({ type: "age", id, fields: { recipient: id } }))];
		const next = await updateKeys(text, { format: "yaml", providers: as("first"), keyGroups });
		expect(keysOf(next.text, "yaml")).toEqual([[A, B]]);
		const stranger = [
			[
				{ type: "age", id: A, fields: { recipient: A } },
				{ type: "pgp", id: "F", fields: { fp: "F" } },
			],
		];
		const work = () => updateKeys(text, { format: "yaml", providers: as("first"), keyGroups: stranger });
		expect((await refused(work, "provider-missing")).details.missing).toMatchObject([
			{ group: 0, key: 1, type: "pgp", package: "@sopskit/pgp" },
		]);
	});

	it("plans without keys", async () => {
		const { text } = await made("yaml", [A, B]);
		const plan = planKeyUpdate(text, { format: "yaml", keyGroups: [[key(B), key(C)]] });
		expect(plan.groups).toMatchObject([{ added: [{ id: C }], removed: [{ id: A }], kept: [{ id: B }] }]);
		expect(plan.losing).toMatchObject([{ id: A }]);
		expect([plan.upToDate, plan.threshold]).toEqual([false, { before: 0, after: 0 }]);
		expect(planKeyUpdate(text, { format: "yaml", keyGroups: [[key(B), key(A)]] }).upToDate).toBe(true);
		const split = planKeyUpdate(text, {
			format: "yaml",
			keyGroups: [[key(A)], [key(B)], [key(C)]],
			shamirThreshold: 2,
		});
		expect([split.threshold, split.losing]).toEqual([{ before: 0, after: 2 }, []]);
	});

	it("takes an Azure key without a version for the version that the file has", async () => {
		const azure = (version: string, name = "k") => {
			const vault = "https://v.vault.azure.net";
			const fields = { vault_url: vault, name, version };
			const ref = { type: "azure_kv", id: `${vault}/keys/${name}/${version}`, fields };
			return { ref, wrap: async () => "d3JhcHBlZA" };
		};
		const { text } = await encryptDocument(PLAIN.yaml, {
			format: "yaml",
			keyGroups: [[key(A), azure("abc")]],
		});
		const plan = (ref: KeyRef) => planKeyUpdate(text, { format: "yaml", keyGroups: [[key(A), ref]] });
		expect(plan(azure("").ref).upToDate).toBe(true);
		expect(plan(azure("abc").ref).upToDate).toBe(true);
		for (const other of [azure("abd"), azure("", "kk"), azure("ab")])
			expect(plan(other.ref).upToDate).toBe(false);
	});

	it("refuses thresholds that cannot be", async () => {
		const { text } = await made("yaml", [A]);
		for (const [groups, shamirThreshold] of [
			[1, 2],
			[2, 3],
			[2, 1],
			[1, 0],
			[2, 0],
		] as const) {
			const keyGroups = [[key(A)], [key(B)]].slice(0, groups);
			const error = await refused(
				() => planKeyUpdate(text, { format: "yaml", keyGroups, shamirThreshold }),
				"threshold-invalid",
			);
			expect(error.details).toEqual({ threshold: shamirThreshold, groups });
		}
	});
});

describe("key groups", () => {
	for (const format of FORMATS) {
		it(`come and go: ${format}`, async () => {
			const { text } = await made(format, [A], [B]);
			const three = await addKeyGroup(text, {
				format,
				providers: as("first", "second"),
				keyGroup: [key(C)],
				shamirThreshold: 2,
			});
			expect(three.findings).toEqual([]);
			expect(ciphertexts(three.text)).toEqual(ciphertexts(text));
			expect(await plainOf(three.text, format, as("first", "third"))).toBe(PLAIN[format]);
			await refused(() => plainOf(three.text, format, as("third")), "data-key-unavailable");
			const two = await deleteKeyGroup(three.text, { format, providers: as("second", "third"), group: 1 });
			expect(keysOf(two.text, format)).toEqual([[A], [C]]);
			expect(two.findings.map(({ code }) => code)).toEqual(["history-readable"]);
			expect(ciphertexts(two.text).filter((one) => text.includes(one))).toEqual([]);
			expect(await plainOf(two.text, format, as("first", "third"))).toBe(PLAIN[format]);
		});
	}

	it("cannot fall below the threshold, nor go when they are not there", async () => {
		const { text } = await made("yaml", [A], [B]);
		const options = { format: "yaml", providers: as("first", "second") } as const;
		const error = await refused(() => deleteKeyGroup(text, { ...options, group: 1 }), "threshold-invalid");
		expect(error.details).toEqual({ threshold: 2, groups: 1 });
		const one = await deleteKeyGroup(text, { ...options, group: 1, shamirThreshold: 1 });
		expect(await plainOf(one.text, "yaml", as("first"))).toBe(PLAIN.yaml);
		await refused(() => deleteKeyGroup(text, { ...options, group: 2 }), "group-not-found");
		await refused(() => deleteKeyGroup(one.text, { ...options, group: 0 }), "keys-missing");
	});
});

describeReference("who can read a file, beside the command", (reference) => {
	const FILE: Readonly<Record<Format, string>> = {
		yaml: "f.yaml",
		json: "f.json",
		dotenv: "f.env",
		ini: "f.ini",
		binary: "f.bin",
	};

	/** Runs the command on a copy of a file, and gives what it became. */
	async function sops(
		format: Format,
		text: string,
		args: readonly string[],
		rules?: string,
	): Promise<string> {
		const folder = mkdtempSync(join(tmpdir(), "sopskit-keys-"));
		try {
			writeFileSync(join(folder, FILE[format]), text);
			if (rules !== undefined) writeFileSync(join(folder, ".sops.yaml"), rules);
			const env = { SOPS_AGE_KEY: NAMES.map(identityFile).join("\n") };
			const named = args.includes("FILE")
				? args.map((arg) => (arg === "FILE" ? FILE[format] : arg))
				: [...args, FILE[format]];
			const { status, stderr } = await reference.runSops(named, { cwd: folder, env });
			if (status !== 0) throw new Error(stderr);
			return readFileSync(join(folder, FILE[format]), "utf8");
		} finally {
			rmSync(folder, { recursive: true });
		}
	}

	const read = async (format: Format, text: string, ...names: readonly (typeof NAMES)[number][]) =>
		(
			await reference.oracle.call("decrypt", {
				format,
				text,
				ageIdentity: names.map(identityFile).join("\n"),
			})
		).text;

	/** A file without what is random or of the moment. */
	const skeleton = (text: string) =>
		text
			.replace(/ENC\[AES256_GCM,data:([^,]*),iv:[^\]]*,type:/g, (_, data: string) => `ENC[${data.length},`)
			.replace(/-----BEGIN AGE[\s\S]*?END AGE ENCRYPTED FILE-----/g, "AGE")
			.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "NOW");

	for (const format of FORMATS) {
		it(`rotates as it does, with keys in and out: ${format}`, async () => {
			const { text } = await made(format, [A, B]);
			const theirs = await sops(format, text, ["rotate", "--in-place", "--add-age", C, "--rm-age", B]);
			const options = { format, providers: as("first"), addKeys: [key(C)], removeKeys: [B] };
			for (const layout of ["keep", "reference"] as const) {
				const ours = await rotateDocument(text, { ...options, layout });
				expect(skeleton(ours.text)).toBe(skeleton(theirs));
				expect(await read(format, ours.text, "third")).toBe(PLAIN[format]);
			}
			expect(await plainOf(theirs, format, as("third"))).toBe(PLAIN[format]);
		});

		it(`updates keys as it does: ${format}`, async () => {
			const { text } = await made(format, [A]);
			const rules = `creation_rules:\n  - age: ${A},${C}\n`;
			const theirs = await sops(format, text, ["updatekeys", "--yes"], rules);
			for (const layout of ["keep", "reference"] as const) {
				const ours = await updateKeys(text, {
					format,
					providers: as("first"),
					keyGroups: [[key(A), key(C)]],
					layout,
				});
				expect(skeleton(ours.text)).toBe(skeleton(theirs));
				expect(ciphertexts(ours.text)).toEqual(ciphertexts(theirs));
				expect(await read(format, ours.text, "third")).toBe(PLAIN[format]);
			}
		});

		it(`splits, and adds and deletes groups as it does: ${format}`, async () => {
			const { text } = await made(format, [A]);
			const rules = `creation_rules:\n  - key_groups:\n      - age: [${A}]\n      - age: [${B}]\n      - age: [${C}]\n`;
			const keyGroups = [[key(A)], [key(B)], [key(C)]];
			const providers = as(...NAMES);
			const theirs = await sops(format, text, ["updatekeys", "--yes"], rules);
			const ours = await updateKeys(text, { format, providers, keyGroups });
			expect(skeleton(ours.text)).toBe(skeleton(theirs));
			expect(await read(format, ours.text, ...NAMES)).toBe(PLAIN[format]);
			expect(await plainOf(theirs, format, providers)).toBe(PLAIN[format]);

			const del = [
				"groups",
				"delete",
				"--in-place",
				"--shamir-secret-sharing-threshold",
				"2",
				"--file",
				"FILE",
				"1",
			];
			const theirLess = await sops(format, theirs, del);
			const less = await deleteKeyGroup(theirs, {
				format,
				providers,
				group: 1,
				shamirThreshold: 2,
				rotate: false,
			});
			expect(skeleton(less.text)).toBe(skeleton(theirLess));
			const add = [
				"groups",
				"add",
				"--in-place",
				"--age",
				B,
				"--shamir-secret-sharing-threshold",
				"2",
				"--file",
				"FILE",
			];
			const theirMore = await sops(format, theirLess, add);
			const more = await addKeyGroup(theirLess, {
				format,
				providers,
				keyGroup: [key(B)],
				shamirThreshold: 2,
			});
			expect(skeleton(more.text)).toBe(skeleton(theirMore));
			expect(await read(format, more.text, "second", "third")).toBe(PLAIN[format]);
			expect(await read(format, less.text, "first", "third")).toBe(PLAIN[format]);
			await expect(read(format, less.text, "first")).rejects.toThrow();
		});
	}
});
