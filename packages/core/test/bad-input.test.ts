import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import type { ErrorCode, ErrorDetails } from "../src/errors.ts";
import type { Format } from "../src/formats/formats.ts";
import { KeyError, type KeyProvider } from "../src/keys/contract.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { encryptDocument } from "../src/operations/encrypt.ts";
import { inspectDocument } from "../src/operations/inspect.ts";
import { decryptObject } from "../src/operations/object.ts";
import { formatPath, type Path } from "../src/path.ts";
import type { SelectorOptions } from "../src/selectors.ts";
import {
	CANARIES,
	type CanaryFormat,
	DATA_KEY,
	encrypted,
	keyGroups,
	PLAIN,
	providers,
	SECRETS,
	strangers,
} from "./canary-file.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf, vector } from "./vector-files.ts";

const FORMATS: readonly CanaryFormat[] = ["yaml", "json"];

function decrypt(text: string | Uint8Array, format: Format, with_: readonly KeyProvider[] = providers) {
	return decryptDocument(text, { format, providers: with_ });
}

function encrypt(text: string | Uint8Array, format: Format, selectors: SelectorOptions = {}) {
	return encryptDocument(text, { format, keyGroups, ...selectors });
}

/** The text with one thing changed. Nothing changed is a mistake of the test. */
function altered(text: string, from: string | RegExp, to: string): string {
	const changed = text.replace(from, () => to);
	if (changed === text) throw new Error(`the file has no ${from}`);
	return changed;
}

/** The parts of the encrypted value behind a key. */
function sealedAt(text: string, key: string) {
	const found = new RegExp(
		`"?${key}"?: "?(ENC\\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),type:(\\w+)\\])`,
	).exec(text);
	if (found === null) throw new Error(`nothing encrypted at ${key}`);
	const [, whole, data, iv, tag, type] = found as unknown as readonly [
		string,
		string,
		string,
		string,
		string,
		string,
	];
	return { whole, data, iv, tag, type };
}

function flipped(base64: string): string {
	const bytes = Buffer.from(base64, "base64");
	bytes[bytes.length - 1]! ^= 0x80;
	return bytes.toString("base64");
}

it("the canary file is good before it is made bad", async () => {
	for (const format of FORMATS) {
		const text = await encrypted(format);
		for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary);
		const doc = await decrypt(text, format);
		expect(doc.text()).toBe(PLAIN[format]);
		expect(doc.get(["nested", "number"])).toBe(Number(CANARIES.number));
	}
});

for (const format of FORMATS) {
	describe(format, () => {
		describe("not encrypted, or encrypted already", () => {
			it("decrypting a plain file", async () => {
				const error = await refused(() => decrypt(PLAIN[format], format), "not-encrypted", SECRETS);
				expect(error.details).toEqual({ format });
				expect(error.message).toMatch(/Encrypt it first/);
				await refused(() => inspectDocument(PLAIN[format], { format }), "not-encrypted", SECRETS);
			});

			it("encrypting an encrypted file", async () => {
				const text = await encrypted(format);
				const error = await refused(() => encrypt(text, format), "already-encrypted", SECRETS);
				expect(error.details).toEqual({ format });
				expect(error.message).toMatch(/Edit the encrypted file, or rename the key/);
			});
		});

		describe("keys", () => {
			it("no provider: every recipient is named, and that nobody answers for it", async () => {
				const text = await encrypted(format, {
					keyGroups: [[...keyGroups[0]!, recipient(recipientOf("second"))]],
				});
				const error = await refused(() => decrypt(text, format, []), "data-key-unavailable", SECRETS);
				expect(error.details).toMatchObject({ groups: 1, threshold: 1 });
				expect(error.details.attempts.map(({ key, outcome }) => [key.id, outcome])).toEqual([
					[recipientOf("first"), "no-provider"],
					[recipientOf("second"), "no-provider"],
				]);
				for (const { key, hint } of error.details.attempts) {
					expect(error.message).toContain(`age ${key.id}: ${hint}`);
					expect(hint).toMatch(/no provider was given for keys of type age/);
				}
			});

			it("a provider without identities", async () => {
				const text = await encrypted(format);
				const error = await refused(() => decrypt(text, format, [age()]), "data-key-unavailable", SECRETS);
				expect(error.details.attempts).toMatchObject([
					{ provider: "age", outcome: "not-mine", key: { type: "age", id: recipientOf("first") } },
				]);
				expect(error.message).toMatch(/none was given/);
			});

			it("the wrong identity", async () => {
				const text = await encrypted(format);
				const error = await refused(() => decrypt(text, format, strangers), "data-key-unavailable", SECRETS);
				expect(error.details.attempts).toMatchObject([{ provider: "age", outcome: "not-mine", group: 0 }]);
				expect(error.message).toContain(recipientOf("first"));
				expect(error.message).toMatch(/Give an identity or credentials/);
				expect(error.message).toMatch(/1 identity tried/);
			});

			it("a damaged enc", async () => {
				const text = altered(await encrypted(format), /YWdlLWVuY/g, "YWdlLWVuZ");
				const error = await refused(() => decrypt(text, format), "data-key-unavailable", SECRETS);
				expect(error.details.attempts).toMatchObject([{ outcome: "damaged" }]);
			});

			it("a provider that fails with an error of its own: only its kind is passed on", async () => {
				const text = await encrypted(format);
				const failing: KeyProvider = {
					name: "failing",
					masterKey: (ref) => ({
						ref,
						async unwrap() {
							const cause = Object.assign(new Error(CANARIES.token), { request: { body: DATA_KEY } });
							throw Object.assign(new RangeError(CANARIES.password, { cause }), { key: DATA_KEY });
						},
					}),
				};
				const error = await refused(() => decrypt(text, format, [failing]), "data-key-unavailable", SECRETS);
				expect(error.details.attempts).toMatchObject([{ provider: "failing", outcome: "failed" }]);
				expect(error.message).toMatch(/RangeError/);
			});

			it("a provider that gives a key of another length, or of another file", async () => {
				const text = await encrypted(format);
				const giving = (part: Uint8Array): KeyProvider => ({
					name: "giving",
					masterKey: (ref) => ({ ref, unwrap: async () => part.slice() }),
				});
				for (const length of [0, 16, 31, 33]) {
					const wrong = giving(new Uint8Array(length));
					const error = await refused(() => decrypt(text, format, [wrong]), "data-key-unavailable", SECRETS);
					expect(error.message).toMatch(new RegExp(`${length} bytes instead of 32`));
				}
				await refused(() => decrypt(text, format, [giving(new Uint8Array(32))]), "value-damaged", SECRETS);
			});

			it("too few groups", async () => {
				const text = await encrypted(format, {
					keyGroups: ["first", "second", "third"].map((name) => [recipient(recipientOf(name))]),
					shamirThreshold: 2,
				});
				const error = await refused(() => decrypt(text, format), "data-key-unavailable", SECRETS);
				expect(error.details).toMatchObject({ groups: 3, threshold: 2 });
				expect(error.message).toMatch(/2 of 3 key groups are needed/);
				expect(error.message).toMatch(/group 2, age age1/);
				const both = [age({ identities: ["first", "second"].map(identityFile) })];
				expect((await decrypt(text, format, both)).text()).toBe(PLAIN[format]);
			});

			it("no master key to encrypt to", async () => {
				await refused(
					() => encryptDocument(PLAIN[format], { format, keyGroups: [] }),
					"keys-missing",
					SECRETS,
				);
				const error = await refused(
					() => encryptDocument(PLAIN[format], { format, keyGroups: [keyGroups[0]!, []] }),
					"keys-missing",
					SECRETS,
				);
				expect(error.details).toEqual({ group: 1 });
				expect(error.message).toMatch(/Key group 2 has no master key\. Add one or remove the group/);
			});

			it("a master key that cannot wrap", async () => {
				const ref = { type: "age", id: "age1x", fields: { recipient: "age1x" } };
				const leaking = async (part: Uint8Array): Promise<string> => {
					throw Object.assign(new Error(Buffer.from(part).toString("hex")), { part });
				};
				for (const [key, hint] of [
					[{ ref }, /can only decrypt/],
					[{ ref, wrap: leaking }, /failed with Error/],
					[{ ref: { ...ref, type: "memory" }, wrap: leaking }, /cannot hold keys of type memory/],
				] as const) {
					const work = () => encryptDocument(PLAIN[format], { format, keyGroups: [[...keyGroups[0]!, key]] });
					const error = await refused(work, "wrap-failed", SECRETS);
					expect(error.details.attempts).toHaveLength(1);
					expect(error.message).toMatch(hint);
					expect(error.message).toMatch(/nothing was written/);
				}
			});
		});

		describe("the MAC", () => {
			const macField = /(?<=\n\s*)"?mac"?: "?ENC\[[^\]]*\]"?,?\n\s*/;

			it("missing or empty", async () => {
				const text = await encrypted(format);
				const empty = format === "yaml" ? 'mac: ""\n    ' : '"mac": "",\n';
				for (const bad of [altered(text, macField, ""), altered(text, macField, empty)]) {
					const error = await refused(() => decrypt(bad, format), "mac-missing", SECRETS);
					expect(error.message).toMatch(/Restore it .* or pass ignoreMac/);
				}
			});

			it("damaged, of another value, or of another time", async () => {
				const text = await encrypted(format);
				const mac = sealedAt(text, "mac");
				for (const bad of [
					altered(text, mac.whole, mac.whole.replace(mac.tag, flipped(mac.tag))),
					altered(text, mac.whole, sealedAt(text, "password").whole),
					altered(text, mac.whole, "ABCDEF"),
					altered(text, "2024-05-06T07:08:09Z", "2024-05-06T07:08:10Z"),
				]) {
					const error = await refused(() => decrypt(bad, format), "mac-damaged", SECRETS);
					expect(error.message).toMatch(/Restore both/);
				}
			});

			it("wrong: a value in clear changed, a list item gone", async () => {
				const text = await encrypted(format);
				const item = format === "yaml" ? /\n +- ENC.*/ : /\n\s+"ENC.*,(?=\n\s+"ENC)/;
				for (const bad of [
					altered(text, /(?<=shown_unencrypted.*)clear/, "changed"),
					altered(text, item, ""),
				]) {
					const error = await refused(() => decrypt(bad, format), "mac-mismatch", SECRETS);
					expect(error.message).toMatch(/Restore the last good version, or pass ignoreMac/);
					const doc = await decryptDocument(bad, { format, providers, ignoreMac: true });
					expect(doc.mac).toBe("ignored");
					expect(doc.findings.map(({ code }) => code)).toContain("mac-ignored");
				}
			});
		});

		describe("a value", () => {
			const damage: readonly [string, (of: ReturnType<typeof sealedAt>) => string, string][] = [
				["changed data", ({ whole, data }) => whole.replace(data, flipped(data)), "authentication"],
				["changed IV", ({ whole, iv }) => whole.replace(iv, flipped(iv)), "authentication"],
				["changed tag", ({ whole, tag }) => whole.replace(tag, flipped(tag)), "authentication"],
				["cut tag", ({ whole, tag }) => whole.replace(tag, flipped(tag).slice(0, 16)), "authentication"],
				["another type", ({ whole }) => whole.replace("type:str", "type:int"), "type"],
				["type float", ({ whole }) => whole.replace("type:str", "type:float"), "type"],
				["type bool", ({ whole }) => whole.replace("type:str", "type:bool"), "type"],
				["type time", ({ whole }) => whole.replace("type:str", "type:time"), "type"],
				["type comment", ({ whole }) => whole.replace("type:str", "type:comment"), "type"],
				["type bytes", ({ whole }) => whole.replace("type:str", "type:bytes"), "type"],
				["an unknown type", ({ whole }) => whole.replace("type:str", "type:colour"), "type"],
				["no type", ({ whole }) => whole.replace(",type:str", ""), "syntax"],
				["no end", ({ whole }) => whole.slice(0, -1), "syntax"],
				["no data", ({ whole, data }) => whole.replace(data, ""), "syntax"],
				["another cipher", ({ whole }) => whole.replace("AES256_GCM", "AES128_GCM"), "syntax"],
				["base64 without padding", ({ whole, tag }) => whole.replace(tag, tag.replace(/=+$/, "")), "syntax"],
			];
			for (const [name, harm, reason] of damage) {
				it(`${name}: damaged, by ${reason}`, async () => {
					const text = await encrypted(format);
					for (const [key, path] of [
						["password", ["password"]],
						["token", ["nested", "token"]],
					] as const) {
						const sealed = sealedAt(text, key);
						const bad = altered(text, sealed.whole, harm(sealed));
						const error = await refused(() => decrypt(bad, format), "value-damaged", SECRETS);
						expect(error.details).toEqual({ path, reason });
						expect(error.message).toContain(formatPath(path));
						expect(error.message).toMatch(/Restore it/);
						// Nor when the MAC is ignored.
						const ignoring = () => decryptDocument(bad, { format, providers, ignoreMac: true });
						await refused(ignoring, "value-damaged", SECRETS);
					}
				});
			}

			it("the second item of a list: its position is named", async () => {
				const text = await encrypted(format);
				const items = [...text.matchAll(/tag:([^,]*),type:str/g)];
				const list = items.filter(({ index }) => index > text.search(/"?list"?:/));
				const bad = altered(text, list[1]![1]!, flipped(list[1]![1]!));
				const error = await refused(() => decrypt(bad, format), "value-damaged", SECRETS);
				expect(error.details.path).toEqual(["list", 1]);
				expect(error.message).toContain('["list"][1]');
			});

			it("moved to another key, or exchanged with another", async () => {
				const text = await encrypted(format);
				const [password, token] = [sealedAt(text, "password").whole, sealedAt(text, "token").whole];
				const renamed = altered(text, "password", "other");
				const error = await refused(() => decrypt(renamed, format), "value-damaged", SECRETS);
				expect(error.details).toEqual({ path: ["other"], reason: "authentication" });
				expect(error.message).toMatch(/moved here from another key/);
				const exchanged = altered(altered(altered(text, password, "@"), token, password), "@", token);
				await refused(() => decrypt(exchanged, format), "value-damaged", SECRETS);
			});

			it("in clear in an encrypted place: text, number, truth", async () => {
				const text = await encrypted(format);
				const { whole } = sealedAt(text, "token");
				const quoted = format === "yaml" ? whole : `"${whole}"`;
				for (const clear of [
					'"some text"',
					"12",
					"1.5",
					"true",
					...(format === "yaml" ? ["2024-01-05"] : []),
				]) {
					const bad = altered(text, quoted, clear);
					const error = await refused(() => decrypt(bad, format), "value-not-encrypted", SECRETS);
					expect(error.details).toEqual({ path: ["nested", "token"] });
					expect(error.message).toContain('["nested"]["token"]');
					expect(error.message).toMatch(/Encrypt it with an edit, or restore the file/);
					expect(inspectDocument(bad, { format }).findings).toMatchObject([
						{ code: "value-not-encrypted", path: ["nested", "token"] },
					]);
				}
			});
		});

		describe("selectors", () => {
			const given: SelectorOptions = {
				unencryptedSuffix: "_a",
				encryptedSuffix: "_b",
				unencryptedRegex: "c",
				encryptedRegex: "d",
				unencryptedCommentRegex: "e",
				encryptedCommentRegex: "f",
			};
			const names = Object.keys(given) as (keyof SelectorOptions)[];

			it("any two of the options", async () => {
				let pairs = 0;
				for (const [index, one] of names.entries()) {
					for (const other of names.slice(index + 1)) {
						const work = () => encrypt(PLAIN[format], format, { [one]: given[one], [other]: given[other] });
						const error = await refused(work, "selector-conflict", SECRETS);
						expect(error.details.selectors).toHaveLength(2);
						for (const name of error.details.selectors) expect(error.message).toContain(name);
						pairs++;
					}
				}
				expect(pairs).toBe(15);
			});

			it("two in the metadata", async () => {
				const text = await encrypted(format);
				const added =
					format === "yaml" ? "encrypted_regex: x\n    version:" : '"encrypted_regex": "x",\n"version":';
				const bad = altered(text, format === "yaml" ? "version:" : '"version":', added);
				const error = await refused(() => decrypt(bad, format), "selector-conflict", SECRETS);
				expect(error.details.selectors).toEqual(["unencrypted_suffix", "encrypted_regex"]);
				expect(error.message).toMatch(/Remove the others/);
				await refused(() => inspectDocument(bad, { format }), "selector-conflict", SECRETS);
			});

			it("a pattern that is not of RE2", async () => {
				for (const pattern of ["(?=x)", "(", "a**", "\\1", "[z-a]", "(?<n>x)\\k<n>"]) {
					for (const name of names.filter((each) => each.endsWith("Regex"))) {
						const work = () => encrypt(PLAIN[format], format, { [name]: pattern });
						const error = await refused(work, "selector-invalid", SECRETS);
						expect(error.message).toContain(error.details.selector);
					}
				}
			});

			it("such a pattern in a file matches nothing, as for the reference, and is a finding", async () => {
				const name = format === "yaml" ? "unencrypted_regex: (?=x)" : '"unencrypted_regex": "(?=x)"';
				const whole =
					format === "yaml" ? "unencrypted_suffix: _unencrypted" : '"unencrypted_suffix": "_unencrypted"';
				const all = altered(
					await encrypted(format, {}, PLAIN[format].replace("_unencrypted", "")),
					whole,
					name,
				);
				const doc = await decrypt(all, format);
				expect(doc.findings.map(({ code }) => code)).toEqual(["selector-invalid"]);
			});
		});
	});
}

describe("malformed metadata", () => {
	type Fields = Record<string, unknown>;
	const entry = { enc: "x", created_at: "2024-01-01T00:00:00Z" };
	const cases: readonly [string, (sops: Fields) => unknown, string][] = [
		["a text", () => "text", "sops"],
		["a number", () => 12, "sops"],
		["a list", () => [], "sops"],
		["null", () => null, "sops"],
		["empty", () => ({}), "key_groups"],
		["no keys", (sops) => ({ ...sops, age: [] }), "key_groups"],
		["keys null", (sops) => ({ ...sops, age: null }), "key_groups"],
		["keys a text", (sops) => ({ ...sops, age: "age1" }), "age"],
		["a key that is a text", (sops) => ({ ...sops, age: ["age1"] }), "age[0]"],
		[
			"a recipient that is a list",
			(sops) => ({ ...sops, age: [{ recipient: ["a"], enc: "x" }] }),
			"age[0].recipient",
		],
		["an enc that is a mapping", (sops) => ({ ...sops, age: [{ recipient: "a", enc: {} }] }), "age[0].enc"],
		["key groups a text", (sops) => ({ ...sops, age: [], key_groups: "x" }), "key_groups"],
		["a key group that is a number", (sops) => ({ ...sops, age: [], key_groups: [1] }), "key_groups[0]"],
		[
			"a key in a group that is a text",
			(sops) => ({ ...sops, age: [], key_groups: [{ age: ["x"] }, {}] }),
			"key_groups[0].age[0]",
		],
		["no time of a KMS entry", (sops) => ({ ...sops, kms: [{ arn: "a", enc: "x" }] }), "kms[0].created_at"],
		[
			"a malformed time of a PGP entry",
			(sops) => ({ ...sops, pgp: [{ ...entry, fp: "F", created_at: "yesterday" }] }),
			"pgp[0].created_at",
		],
		[
			"a context that is a text",
			(sops) => ({ ...sops, kms: [{ ...entry, arn: "a", context: "x" }] }),
			"kms[0].context",
		],
		[
			"a context with null",
			(sops) => ({ ...sops, kms: [{ ...entry, arn: "a", context: { k: null } }] }),
			"kms[0].context",
		],
		["no lastmodified", ({ lastmodified: _, ...sops }) => sops, "lastmodified"],
		["a lastmodified that is no time", (sops) => ({ ...sops, lastmodified: "yesterday" }), "lastmodified"],
		[
			"a lastmodified without zone",
			(sops) => ({ ...sops, lastmodified: "2024-01-01T00:00:00" }),
			"lastmodified",
		],
		["a lastmodified that is a number", (sops) => ({ ...sops, lastmodified: 12 }), "lastmodified"],
		["a lastmodified that is a list", (sops) => ({ ...sops, lastmodified: [] }), "lastmodified"],
		["a mac that is a mapping", (sops) => ({ ...sops, mac: {} }), "mac"],
		["no version", ({ version: _, ...sops }) => sops, "version"],
		["a version of two numbers", (sops) => ({ ...sops, version: "3.9" }), "version"],
		["a version that is a float", (sops) => ({ ...sops, version: 3.9 }), "version"],
		["a version of letters", (sops) => ({ ...sops, version: "latest" }), "version"],
		["a threshold of letters", (sops) => ({ ...sops, shamir_threshold: "many" }), "shamir_threshold"],
		["a threshold that is a list", (sops) => ({ ...sops, shamir_threshold: [2] }), "shamir_threshold"],
		[
			"mac_only_encrypted of letters",
			(sops) => ({ ...sops, mac_only_encrypted: "maybe" }),
			"mac_only_encrypted",
		],
		["a selector that is a list", (sops) => ({ ...sops, unencrypted_suffix: ["x"] }), "unencrypted_suffix"],
	];

	const damagedBy = async (change: (sops: Fields) => unknown): Promise<string> => {
		const whole = JSON.parse(await encrypted("json"));
		return JSON.stringify({ ...whole, sops: change(whole.sops) });
	};

	for (const [name, change, field] of cases) {
		it(`${name}: ${field}`, async () => {
			const bad = await damagedBy(change);
			// JSON is YAML, and so both readers meet the same fields.
			for (const format of FORMATS) {
				const error = await refused(() => decrypt(bad, format), "metadata-invalid", SECRETS);
				expect(error.details.field).toBe(field);
				expect(error.message).toContain(field);
				expect(error.message).toMatch(/Restore/);
				await refused(() => inspectDocument(bad, { format }), "metadata-invalid", SECRETS);
			}
			await refused(() => decryptObject(JSON.parse(bad), { providers }), "metadata-invalid", SECRETS);
		});
	}

	it("twice in one document", async () => {
		const text = await encrypted("json");
		const twice = altered(text, /\n\}\n$/, ',\n"sops": {}}\n');
		const error = await refused(() => decrypt(twice, "json"), "metadata-invalid", SECRETS);
		expect(error.details.field).toBe("sops");
	});

	describeReference("and the reference refuses the same", (reference) => {
		// A number is read as text by its decoder, but is no time; null is "no metadata" to it. All are refusals.
		for (const [name, change] of cases) {
			it(name, async () => {
				const text = await damagedBy(change);
				const outcome = await reference.oracle
					.call("decrypt", { format: "json", text, ageIdentity: identityFile("first") })
					.then(
						() => "takes",
						() => "refuses",
					);
				expect(outcome).toBe("refuses");
			});
		}
	});
});

/** A bad plain file; `path` where the error names one. */
interface BadFile {
	readonly name: string;
	readonly format: Format;
	readonly text: string;
	readonly code: ErrorCode;
	readonly path?: Path;
	/** The reference takes it. */
	readonly lax?: true;
}

const bad = (
	format: Format,
	code: ErrorCode,
	files: Readonly<Record<string, readonly [string, Path?]>>,
	lax?: true,
) =>
	Object.entries(files).map(
		([name, [text, path]]): BadFile => ({
			name,
			format,
			text,
			code,
			...(path && { path }),
			...(lax && { lax }),
		}),
	);

const BAD_FILES: readonly BadFile[] = [
	...bad("yaml", "already-encrypted", {
		"a sops key": ["sops:\n    version: 3\n"],
		"a sops key that is null": ["a: 1\nsops:\n"],
		"a sops key in a later document": ["a: 1\n---\nb: 2\n---\nsops: 1\n"],
	}),
	...bad("json", "already-encrypted", { "a sops key": ['{"sops":null}'] }),
	...bad("yaml", "key-not-string", {
		"a number": ["1: a\n", []],
		"a number inside": ["a:\n    - b: 1\n      2: c\n", ["a", 0]],
		"a float": ["1.5: a\n", []],
		"a truth": ["a: {true: b}\n", ["a"]],
		"a null": ["a:\n    null: b\n", ["a"]],
		"a tilde": ["~: b\n", []],
		"a list": ["? [a, b]\n: c\n", []],
		"a mapping": ["? {a: b}\n: c\n", []],
		"a date": ["x:\n    2024-01-05: b\n", ["x"]],
	}),
	...bad("yaml", "root-not-mapping", {
		"a list": ["- a\n- b\n"],
		"a text": ["just text\n"],
		"a number": ["12\n"],
		"a list in a later document": ["a: 1\n---\n- b\n"],
	}),
	...bad("json", "root-not-mapping", {
		"a list": ["[1]"],
		"a text": ['"x"'],
		"a number": ["12"],
		"a truth": ["true"],
		"a null": ["null"],
	}),
	...bad("yaml", "document-empty", {
		empty: [""],
		blank: [" \n\n  \n"],
		"comments only": ["# a\n# b\n"],
		"a byte order mark": ["\ufeff"],
	}),
	...bad("json", "document-empty", { empty: [""], blank: [" \n\t"] }),
	...bad("json", "syntax-invalid", {
		"a comma too many": ['{"a":1,}'],
		"no comma": ['{"a":1 "b":2}'],
		comments: ['{"a": /* x */ 1}'],
	}),
	...bad(
		"json",
		"syntax-invalid",
		{ "another object": ["{}{}"], "a bracket": ["{}}"], garbage: ['{"a":1} x'] },
		true,
	),
	...bad("yaml", "syntax-invalid", {
		"an open list": ["a: [1, 2\n"],
		"an open quote": ['a: "b\n'],
		"a tab as indentation": ["a:\n\tb: 1\n"],
		"two values": ["a: b: c\n"],
		"a control character": ["a: \u0001\n"],
		"an unknown anchor": ["a: *b\n"],
		"an anchor inside itself": ["a: &a [*a]\n"],
		"data behind the end of a document": ["a: 1\n...\nb: 2\n"],
		"a tag that does not fit": ["a: !!int abc\n"],
		"another version of YAML": ["%YAML 1.2\n---\na: 1\n"],
	}),
	...bad("yaml", "key-duplicate", {
		"at the top": ["a: 1\nb: 2\na: 3\n", ["a"]],
		"inside a list": ["x:\n    - b: 1\n      b: 2\n", ["x", 0, "b"]],
		"in another style": ["a: 1\n'a': 2\n", ["a"]],
	}),
	...bad("yaml", "integer-out-of-range", {
		"beyond int64": ["a:\n    - 1\n    - 9223372036854775808\n", ["a", 1]],
		"the last uint64": ["a: 18446744073709551615\n", ["a"]],
		"in hexadecimal": ["a:\n    b: 0xffffffffffffffff\n", ["a", "b"]],
	}),
	...bad(
		"json",
		"integer-out-of-range",
		{
			"beyond int64": ['{"a":[1,9223372036854775808]}', ["a", 1]],
			"beyond uint64": ['{"a":{"b":18446744073709551616}}', ["a", "b"]],
			"below int64": ['{"a":-9223372036854775809}', ["a"]],
		},
		true,
	),
];

describe("plain files", () => {
	for (const { name, format, text, code, path } of BAD_FILES) {
		it(`${format}: ${code}: ${name}`, async () => {
			const error = await refused(() => encrypt(text, format), code, SECRETS);
			if (path !== undefined) expect((error.details as { path: Path }).path).toEqual(path);
			await refused(() => encryptDocument(text, { format, keyGroups, layout: "keep" }), code);
			if (code === "already-encrypted") return;
			const bytes = new TextEncoder().encode(text);
			await refused(() => encrypt(bytes, format), code);
			await refused(() => decrypt(text, format), code);
			await refused(() => inspectDocument(text, { format }), code);
		});
	}

	describeReference("and the reference", (reference) => {
		for (const { name, format, text, code, lax } of BAD_FILES) {
			it(`${lax ? "takes" : "refuses"} ${format}: ${code}: ${name}`, async () => {
				const outcome = await reference.oracle
					.call("encrypt", { format, text, ageRecipients: [recipientOf("first")] })
					.then(
						() => "takes",
						() => "refuses",
					);
				expect(outcome).toBe(lax ? "takes" : "refuses");
			});
		}
	});

	const pathful = BAD_FILES.filter(({ path }) => path !== undefined && path.length > 0);
	it("there are errors about a place", () => expect(pathful.length).toBeGreaterThanOrEqual(10));
	for (const { name, format, text, code, path } of pathful) {
		it(`the message names the place: ${format}: ${code}: ${name}`, async () => {
			const error = await refused(() => encrypt(text, format), code);
			expect(error.message).toContain(formatPath(path!));
		});
	}

	it("line and column of a syntax error", async () => {
		const details = async (text: string, format: Format): Promise<ErrorDetails["syntax-invalid"]> =>
			(await refused(() => encrypt(text, format), "syntax-invalid")).details;
		expect(await details('{\n\t"a": 1,\n\t"b": x\n}', "json")).toMatchObject({ line: 3, column: 7 });
		expect(await details("a: 1\nb: c: d\n", "yaml")).toMatchObject({ line: 2, column: 5 });
	});

	it("syntax errors quote nothing of the file", async () => {
		for (const [format, text] of [
			["json", `{"a": "${CANARIES.password}" "${CANARIES.token}"}`],
			["json", `{"a": ${CANARIES.token}}`],
			["json", `{"a": "${CANARIES.token}`],
			["json", `{} ${CANARIES.token}`],
			["yaml", `a: ${CANARIES.password}: ${CANARIES.token}\n`],
			["yaml", `a: *${CANARIES.token}\n`],
			["yaml", `a: &${CANARIES.token}! x\n`],
			["yaml", `%${CANARIES.token}\n---\na: 1\n`],
			["yaml", `a: !!int ${CANARIES.token}\n`],
			["yaml", `a: "${CANARIES.token}\\q"\n`],
			["yaml", `a: !!binary ${CANARIES.token}!\n`],
			["yaml", `a: [${CANARIES.token}\n`],
			["yaml", `a: |${CANARIES.token}\n`],
		] as const)
			await refused(() => encrypt(text, format), "syntax-invalid", SECRETS);
	});

	it("bytes that are not UTF-8", async () => {
		const bytes = Uint8Array.of(...new TextEncoder().encode(`a: ${CANARIES.token}`), 0xff);
		const error = await refused(() => encrypt(bytes, "yaml"), "syntax-invalid", SECRETS);
		expect(error.message).toMatch(/Save it as UTF-8/);
	});

	it("larger than allowed", async () => {
		const work = () => encryptDocument(PLAIN.yaml, { format: "yaml", keyGroups, maxBytes: 10 });
		const error = await refused(work, "size-exceeded", SECRETS);
		expect(error.details).toEqual({ limit: 10 });
		expect(error.message).toMatch(/Raise the option "maxBytes"/);
	});
});

describe("what looks bad and is good", () => {
	for (const text of ["---\n", "null\n", "~\n", "{}\n", "--- {}\n", "---\n# comment\n"]) {
		it(`an empty document ${JSON.stringify(text)}`, async () => {
			const file = await encrypt(text, "yaml");
			expect((await decrypt(file.text, "yaml")).data).toEqual({});
		});
	}

	it("duplicate keys in a later YAML document and in JSON: both kept, with a finding", async () => {
		for (const [format, text, path] of [
			["yaml", "a: 1\n---\nx:\n    b: 1\n    b: 2\n", ["x", "b"]],
			["json", '{\n\t"x": {\n\t\t"b": 1,\n\t\t"b": 2\n\t}\n}\n', ["x", "b"]],
		] as const) {
			const file = await encrypt(text, format);
			expect(file.findings).toMatchObject([{ code: "key-duplicate", path }]);
			const doc = await decrypt(file.text, format);
			expect(doc.text()).toBe(text);
			expect(doc.findings).toMatchObject([{ code: "key-duplicate", path }]);
			expect(doc.documents[doc.documents.length - 1]).toEqual({ x: { b: 2 } });
			expect(inspectDocument(file.text, { format }).findings).toMatchObject([{ code: "key-duplicate" }]);
		}
	});

	it("a JSON integer beyond 64 bit when the caller wants the reference's rounding", async () => {
		const text = '{"a":[1,9223372036854775808,1e3]}';
		const file = await encryptDocument(text, { format: "json", keyGroups, wideIntegers: "round" });
		expect(file.findings).toMatchObject([{ code: "integer-rounded", path: ["a", 1] }]);
		expect((await decrypt(file.text, "json")).data).toEqual({ a: [1, 2 ** 63, 1000] });
	});

	it("an integer that a number cannot hold is refused as data, not as text", async () => {
		const text = "a:\n    - 9007199254740993\n";
		const doc = await decrypt((await encrypt(text, "yaml")).text, "yaml");
		expect(doc.text()).toBe(text);
		const error = await refused(() => doc.data, "integer-unsafe");
		expect(error.details).toEqual({ path: ["a", 0] });
		expect(error.message).toContain('["a"][0]');
		expect(error.message).toMatch(/integers: "bigint" or "mixed"/);
	});

	it("several documents have no single data", async () => {
		const doc = await decrypt((await encrypt("a: 1\n---\nb: 2\n", "yaml")).text, "yaml");
		const error = await refused(() => doc.data, "documents-several");
		expect(error.details).toEqual({ count: 2 });
		await refused(() => doc.text({ format: "json" }), "documents-several");
	});
});

describe("keys that are names of JavaScript", () => {
	const text =
		'{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"text"}';

	const check = (data: unknown): void => {
		const own = data as Record<string, unknown>;
		expect(Object.keys(own)).toEqual(["__proto__", "constructor", "toString"]);
		expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
		expect(Object.getOwnPropertyDescriptor(own, "__proto__")?.value).toEqual({ polluted: "yes" });
		expect(own.constructor).toEqual({ prototype: { polluted: "yes" } });
		expect(JSON.parse(JSON.stringify(own))).toEqual(JSON.parse(text));
		expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
		expect((Object as unknown as { polluted?: unknown }).polluted).toBeUndefined();
	};

	for (const format of FORMATS) {
		it(`${format}: data like any other, and nothing is polluted`, async () => {
			const file = await encrypt(text, format);
			const doc = await decrypt(file.text, format);
			check(doc.data);
			expect(doc.get(["__proto__", "polluted"])).toBe("yes");
			expect(doc.get(["constructor", "prototype", "polluted"])).toBe("yes");
			expect(doc.get(["toString"])).toBe("text");
			expect(doc.get(["hasOwnProperty"])).toBeUndefined();
			expect(doc.get(["nothing", "__proto__"])).toBeUndefined();
		});
	}

	it("decryptObject", async () => {
		const file = await encrypt(text, "json");
		check((await decryptObject(JSON.parse(file.text), { providers })).data);
	});

	it("in the metadata", async () => {
		const whole = await encrypted("json");
		const odd = altered(whole, '"sops": {', '"sops": {"__proto__": {"mac": "x"}, "constructor": 1,');
		const doc = await decrypt(odd, "json");
		expect(doc.findings.map(({ path }) => path)).toEqual([
			["sops", "__proto__"],
			["sops", "constructor"],
		]);
		expect(doc.text()).toBe(PLAIN.json);
	});
});

describe("a file that was cut", () => {
	it("JSON, at every byte", async () => {
		const text = await encrypted("json", {}, `{"ключ":"${CANARIES.token}","list":[1,{"a":null}]}`);
		const bytes = new TextEncoder().encode(text);
		const whole = bytes.lastIndexOf("}".charCodeAt(0)) + 1;
		expect((await decrypt(bytes.subarray(0, whole), "json")).get(["list", 0])).toBe(1);
		for (let end = 0; end < whole; end++) {
			const code = end === 0 ? "document-empty" : "syntax-invalid";
			await refused(() => decrypt(bytes.subarray(0, end), "json"), code, end % 50 === 0 ? SECRETS : []);
		}
		expect(whole).toBeGreaterThan(500);
	});

	it("YAML, at every byte: never accepted", async () => {
		const text = await encrypted("yaml", {}, `ключ: ${CANARIES.token}\nlist:\n    - 1\n    - a: null\n`);
		const bytes = new TextEncoder().encode(text);
		const whole = text.endsWith("version: 3.13.3\n") ? bytes.length - 1 : Number.NaN;
		expect((await decrypt(bytes.subarray(0, whole), "yaml")).get(["list", 0])).toBe(1);
		for (let end = 0; end < whole; end++) {
			const error: { code?: string } = await decrypt(bytes.subarray(0, end), "yaml").then(
				() => ({}),
				(thrown) => thrown,
			);
			expect(error.code, `cut at ${end}`).toMatch(
				/^(document-empty|not-encrypted|syntax-invalid|metadata-invalid|root-not-mapping|mac-missing|mac-damaged|data-key-unavailable)$/,
			);
		}
	});
});

describe("alias bombs", () => {
	const laughs = (levels: number, width: number): string =>
		Array.from({ length: levels }, (_, i) =>
			i === 0
				? `a0: &a0 [${Array(width).fill("lol").join(", ")}]\n`
				: `a${i}: &a${i} [${Array(width)
						.fill(`*a${i - 1}`)
						.join(", ")}]\n`,
		).join("");
	const bombs: Readonly<Record<string, string>> = {
		"a billion laughs": laughs(9, 9),
		"a billion laughs in a later document": `x: 1\n---\n${laughs(9, 9)}`,
		"doubling mappings": `a0: &a0 {k: v}\n${Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} {x: *a${i}, y: *a${i}}\n`).join("")}`,
		"doubling empty lists": `a0: &a0 []\n${Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`,
		"quadratic lists": `a: &a [${"x, ".repeat(20_000)}]\nb: [${"*a, ".repeat(20_000)}]\n`,
		"quadratic mappings": `a: &a\n${Array.from({ length: 3000 }, (_, i) => `  k${i}: v\n`).join("")}b:\n${Array.from({ length: 3000 }, (_, i) => `  k${i}: *a\n`).join("")}`,
		"a quadratic chain": `a0: &a0 [1]\n${Array.from({ length: 20_000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join("")}`,
	};
	for (const [name, text] of Object.entries(bombs)) {
		it(name, { timeout: 10_000 }, async () => {
			const error = await refused(() => encrypt(text, "yaml"), "alias-limit-exceeded");
			expect(error.message).toMatch(/Write the values out/);
			await refused(() => decrypt(text, "yaml"), "alias-limit-exceeded");
		});
	}

	it("ordinary aliases are no bomb", async () => {
		const text = `base: &base {a: 1, b: 2}\n${Array.from({ length: 40 }, (_, i) => `c${i}: *base\n`).join("")}`;
		const doc = await decrypt((await encrypt(text, "yaml")).text, "yaml");
		expect(doc.get(["c39", "b"])).toBe(2);
	});

	it("nor are many aliases of one text, which the reference takes", async () => {
		await encrypt(`a: &a x\nb:\n${"  - *a\n".repeat(1001)}`, "yaml");
	});

	// 110 KB of input are 100 MB of plaintext; ten times of each, and the result exceeds what a string can hold.
	it("a long text behind many aliases", { timeout: 30_000 }, async () => {
		const text = `a: &a ${"x".repeat(100_000)}\nb:\n${"  - *a\n".repeat(1000)}`;
		await refused(() => encrypt(text, "yaml"), "alias-limit-exceeded");
	});
});

describe("deep nesting", () => {
	const shapes: Readonly<
		Record<
			string,
			{ readonly format: Format; readonly limit: number; readonly make: (depth: number) => string }
		>
	> = {
		"flow lists": { format: "yaml", limit: 10_000, make: (n) => `a: ${"[".repeat(n)}1${"]".repeat(n)}\n` },
		"flow mappings": {
			format: "yaml",
			limit: 10_000,
			make: (n) => `a: ${"{a: ".repeat(n)}1${"}".repeat(n)}\n`,
		},
		"dashes on one line": { format: "yaml", limit: 9999, make: (n) => `a:\n  ${"- ".repeat(n)}1\n` },
		"JSON lists": { format: "json", limit: 9999, make: (n) => `{"a":${"[".repeat(n)}1${"]".repeat(n)}}` },
		"JSON mappings": { format: "json", limit: 10_000, make: (n) => `${'{"a":'.repeat(n)}1${"}".repeat(n)}` },
	};
	const deep = (text: string, format: Format) =>
		encryptDocument(text, { format, keyGroups, indent: format === "json" ? 0 : undefined });

	for (const [name, { format, limit, make }] of Object.entries(shapes)) {
		describe(name, () => {
			it(`up to ${limit} levels are encrypted`, { timeout: 20_000 }, async () => {
				await deep(make(9000), format);
				await deep(make(limit), format);
			});
			for (const depth of [limit + 1, 10_001, 1_000_000]) {
				it(`${depth} levels are refused at once`, { timeout: 10_000 }, async () => {
					const error = await refused(() => deep(make(depth), format), "depth-exceeded");
					expect(error.details.limit).toBe(10_000);
					await refused(() => decrypt(make(depth), format), "depth-exceeded");
				});
			}
			it("a million levels that nobody closes", { timeout: 10_000 }, async () => {
				const open = make(1_000_000).slice(0, format === "json" ? 1_500_000 : 1_000_000);
				await refused(() => encrypt(open, format), "depth-exceeded");
			});
		});
	}

	it("block mappings: 9 000 levels work, 10 001 are refused", { timeout: 30_000 }, async () => {
		const make = (n: number): string =>
			`${Array.from({ length: n }, (_, i) => `${" ".repeat(i)}a:\n`).join("")}${" ".repeat(n)}b: 1\n`;
		const seen = await refused(() => inspectDocument(make(9000), { format: "yaml" }), "not-encrypted");
		expect(seen.details).toEqual({ format: "yaml" });
		await refused(() => inspectDocument(make(10_001), { format: "yaml" }), "depth-exceeded");
	});

	it("keys upon keys: `? ? ?`", { timeout: 10_000 }, async () => {
		await refused(() => encrypt(`${"? ".repeat(9000)}1\n`, "yaml"), "key-not-string");
		await refused(() => encrypt(`${"? ".repeat(1_000_000)}1\n`, "yaml"), "depth-exceeded");
	});

	it("9 000 levels go the whole way: encrypt, inspect, decrypt, text, data", {
		timeout: 30_000,
	}, async () => {
		const plain = shapes["flow lists"]!.make(9000);
		const file = await encrypt(plain, "yaml");
		expect(inspectDocument(file.text, { format: "yaml" }).encryptedValues).toBe(1);
		const doc = await decrypt(file.text, "yaml");
		expect(doc.text()).toBe(`a:\n    ${"- ".repeat(9000)}1\n`);
		let at: unknown = doc.get(["a"]);
		let depth = 0;
		for (; Array.isArray(at); at = at[0]) depth++;
		expect([depth, at]).toEqual([9000, 1]);
	});

	it("a deep object for decryptObject", { timeout: 30_000 }, async () => {
		let value: object = { a: 1 };
		for (let i = 0; i < 2000; i++) value = { a: value };
		await refused(() => decryptObject(value, { providers }), "not-encrypted");
	});

	describeReference("the reference has the same limits", (reference) => {
		for (const [name, { format, limit, make }] of Object.entries(shapes)) {
			// It spends seconds on the indentation of these, and has one limit for both flows.
			if (name === "flow mappings") continue;
			it(name, async () => {
				const load = (depth: number) =>
					reference.oracle.call("roundtrip", { format, text: make(depth), skipTree: true, indent: 0 });
				await load(limit);
				await expect(load(limit + 1)).rejects.toThrow(/max depth/);
			});
		}
	});
});

describe("an aborted signal", () => {
	const reason = new Error(CANARIES.token, { cause: DATA_KEY });
	const spy = (onUnwrap: () => void): KeyProvider => ({
		name: "spy",
		masterKey: (ref) => ({
			ref,
			async unwrap() {
				onUnwrap();
				return DATA_KEY.slice();
			},
		}),
	});

	it("before: no key is asked", async () => {
		const signal = AbortSignal.abort(reason);
		for (const format of FORMATS) {
			const text = await encrypted(format);
			let asked = 0;
			const providers = [spy(() => asked++)];
			await refused(() => decryptDocument(text, { format, providers, signal }), "aborted", SECRETS);
			await refused(() => encryptDocument(PLAIN[format], { format, keyGroups, signal }), "aborted", SECRETS);
			expect(asked).toBe(0);
		}
		const parsed = JSON.parse(await encrypted("json"));
		await refused(() => decryptObject(parsed, { providers, signal }), "aborted", SECRETS);
	});

	it("during unwrapping, although the key was given", async () => {
		for (const format of FORMATS) {
			const controller = new AbortController();
			const text = await encrypted(format);
			let asked = 0;
			const provider = spy(() => {
				asked++;
				controller.abort(reason);
			});
			const { signal } = controller;
			await refused(
				() => decryptDocument(text, { format, providers: [provider], signal }),
				"aborted",
				SECRETS,
			);
			expect(asked).toBe(1);
		}
	});

	it("during unwrapping, when the provider fails for it", async () => {
		for (const thrown of [new KeyError("aborted", "aborted by the caller"), reason, CANARIES.password]) {
			const controller = new AbortController();
			const text = await encrypted("yaml");
			const provider = spy(() => {
				controller.abort(reason);
				throw thrown;
			});
			const { signal } = controller;
			const work = () => decryptDocument(text, { format: "yaml", providers: [provider], signal });
			await refused(work, "aborted", SECRETS);
		}
	});

	it("during wrapping", async () => {
		for (const fails of [false, true]) {
			const controller = new AbortController();
			const key = {
				ref: { type: "age", id: "age1x", fields: { recipient: "age1x" } },
				async wrap() {
					controller.abort(reason);
					if (fails) throw reason;
					return "enc";
				},
			};
			const { signal } = controller;
			const work = () => encryptDocument(PLAIN.yaml, { format: "yaml", keyGroups: [[key]], signal });
			await refused(work, "aborted", SECRETS);
		}
	});

	it("age's provider is given the signal", async () => {
		const controller = new AbortController();
		const text = vector("yaml/kubernetes-secret").encrypted;
		const work = decryptDocument(text, { format: "yaml", providers, signal: controller.signal });
		controller.abort(reason);
		await refused(() => work, "aborted", SECRETS);
	});
});

describe("a schema", () => {
	it("that refuses: its words are withheld", async () => {
		const schema = {
			"~standard": {
				version: 1 as const,
				vendor: "test",
				validate: (value: unknown) => ({
					issues: [
						{ message: `got ${JSON.stringify(value)}`, path: ["nested", { key: "token" }] },
						{ message: CANARIES.password },
					],
				}),
			},
		};
		const text = await encrypted("yaml");
		const work = () => decryptDocument(text, { format: "yaml", providers, schema });
		const error = await refused(work, "schema-mismatch", SECRETS);
		expect(error.details.issues).toEqual([{ path: ["nested", "token"] }, { path: [] }]);
		expect(error.message).toContain('["nested"]["token"], the root');
	});

	it("that throws: what it threw is withheld", async () => {
		const schema = {
			"~standard": {
				version: 1 as const,
				vendor: "test",
				validate(value: unknown): never {
					throw new Error(`unexpected ${JSON.stringify(value)}`);
				},
			},
		};
		const text = await encrypted("yaml");
		await refused(
			() => decryptDocument(text, { format: "yaml", providers, schema }),
			"schema-mismatch",
			SECRETS,
		);
	});
});
