import type { Tree, Value } from "@sopskit/reference";
import { describe, expect, inject, it } from "vitest";
import { crypto } from "#crypto";
import { age } from "../../age/src/index.ts";
import { type Secret, secretBytes } from "../../testing/src/secret-search.ts";
import { codecOf, envelopeOf } from "../src/formats/formats.ts";
import type { KeyProvider } from "../src/keys/contract.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { inspectDocument } from "../src/operations/inspect.ts";
import { inputText } from "../src/steps/input.ts";
import { openText } from "../src/steps/open.ts";
import { oracleTree } from "./oracle-tree.ts";
import { recordedKeyProvider } from "./recorded-key-provider.ts";
import { refused, secretsOf } from "./refusal.ts";
import { identityFile, SEED_VECTORS, VECTORS, type Vector } from "./vector-files.ts";

// Runs twice, as vitest.config.ts has it: over node:crypto and over noble.

it("runs over the backend that the project names", () => {
	expect(crypto.backend).toBe(inject("cryptoBackend"));
});

const ALL: readonly Vector[] = [...VECTORS, ...SEED_VECTORS];
const countOf = (format: string): number => ALL.filter((of) => of.format === format).length;
const TWINS = ALL.flatMap(({ damaged }) => damaged).length;

it(`there are ${ALL.length} recorded vectors of all formats, with ${TWINS} damaged twins`, () => {
	expect(ALL.length).toBeGreaterThanOrEqual(300);
	expect(TWINS).toBeGreaterThanOrEqual(3000);
	for (const format of ["yaml", "json", "dotenv", "ini"]) expect(countOf(format)).toBeGreaterThanOrEqual(60);
	expect(countOf("binary")).toBeGreaterThanOrEqual(24);
	expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});

it("there are vectors of every format, with damaged twins", () => {
	expect(VECTORS.filter(({ format }) => format === "yaml").length).toBeGreaterThanOrEqual(15);
	expect(VECTORS.filter(({ format }) => format === "json").length).toBeGreaterThanOrEqual(10);
	for (const other of ["dotenv", "binary"]) {
		expect(VECTORS.filter(({ format }) => format === other).length).toBeGreaterThanOrEqual(1);
	}
	expect(VECTORS.flatMap(({ damaged }) => damaged).length).toBeGreaterThanOrEqual(300);
	const damaged = VECTORS.filter((of) => of.damaged.length > 0);
	expect(damaged.filter((of) => hiddenTexts(of).length === 0).map(({ name }) => name)).toEqual([
		"yaml/selector-encrypted-suffix",
		"json/selector-encrypted-suffix",
		// Its content is not text, and is looked for as bytes.
		"binary/basic",
	]);
});

const ways: readonly {
	readonly name: string;
	readonly provider: (of: Vector, identities: readonly string[]) => KeyProvider | Promise<KeyProvider>;
}[] = [
	{ name: "with age", provider: (_, identities) => age({ identities: identities.map(identityFile) }) },
	{ name: "with the recorded data key", provider: recordedKeyProvider },
];

for (const way of ways) {
	describe(way.name, () => {
		for (const of of ALL) {
			const { name, format, encryptedBytes, decrypted, identities } = of;

			it(`${name} decrypts to the reference's text`, async () => {
				const doc = await decryptDocument(encryptedBytes, {
					format,
					providers: [await way.provider(of, identities)],
				});
				expect(doc.bytes()).toEqual(of.decryptedBytes);
				if (decrypted.includes("\ufffd")) expect(() => doc.text()).toThrow(/not UTF-8/);
				else expect(doc.text()).toBe(decrypted);
				expect(doc.mac).toBe("verified");
			});

			it(`${name} decrypts to the reference's tree`, async () => {
				const { branches } = await openText(inputText("test", encryptedBytes, envelopeOf(codecOf(format))), {
					codec: codecOf(format),
					providers: [await way.provider(of, identities)],
					decryptionOrder: undefined,
					ignoreMac: false,
					signal: undefined,
					wideIntegers: "refuse",
				});
				expect(oracleTree(branches)).toEqual(of.tree);
			});

			// Damages of the seeds have nothing to do with age.
			if (of.damaged.length === 0 || (way.name === "with age" && SEED_VECTORS.includes(of))) continue;
			describe(`${name}, damaged`, () => {
				const secrets = secretsIn(of);
				for (const twin of of.damaged) {
					it(`${twin.name}: ${twin.expect}`, async () => {
						const provider = await way.provider(of, twin.identities);
						const work = () => decryptDocument(twin.bytes, { format, providers: [provider] });
						const error = await refused(work, twin.expect, secrets);
						const { path } = error.details as { path?: readonly (string | number)[] };
						// The last key stands in the message whenever the error is about one value.
						if (path !== undefined) expect(error.message).toContain(JSON.stringify(path[path.length - 1]));
					});
				}
			});
		}
	});
}

describe("without keys", () => {
	for (const { name, format, encryptedBytes, tree, keyGroups, macOnlyEncrypted } of ALL) {
		it(`${name} can be inspected`, () => {
			const seen = inspectDocument(encryptedBytes, { format });
			expect(seen.findings.filter(({ code }) => code !== "key-duplicate")).toEqual([]);
			expect(seen.documents).toBe(tree.length);
			expect(seen.groups.map((group) => group.map(({ id }) => id))).toEqual(keyGroups);
			expect(seen.macOnlyEncrypted).toBe(macOnlyEncrypted);
			expect(seen.version).toBe("3.13.3");
		});
	}
});

/** The data key, the identities, and what stands in the plaintext but nowhere in the encrypted file. */
function secretsIn(of: Vector): readonly Secret[] {
	const identities = [...of.identities, "stranger"].map(identityFile);
	const content = of.format === "binary" ? [secretBytes("the content", of.plainBytes)] : [];
	return [...secretsOf({ values: hiddenTexts(of), dataKey: of.dataKey, identities }), ...content];
}

/** Short ones would be found in any message. */
function hiddenTexts({ tree, encrypted }: Vector): string[] {
	return textsIn(tree).filter((text) => text.length >= 8 && !encrypted.includes(text));
}

function textsIn(tree: Tree): string[] {
	const texts = new Set<string>();
	const pending: Value[] = [...tree];
	for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
		if ("map" in value) {
			for (const item of value.map) {
				if ("value" in item) pending.push(item.value);
				else pending.push(item);
			}
		} else if ("list" in value) pending.push(...value.list);
		else if ("str" in value) texts.add(value.str);
		else if ("comment" in value) texts.add(value.comment);
	}
	return [...texts];
}
