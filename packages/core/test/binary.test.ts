// BinaryStore of stores/json/store.go of sops 3.13.3 (format section 12).
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { age, recipient } from "../../age/src/index.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { editDocument } from "../src/operations/edit.ts";
import { encryptDocument, encryptWith } from "../src/operations/encrypt.ts";
import { inspectDocument } from "../src/operations/inspect.ts";
import { masked } from "./masked.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const RECIPIENT = recipientOf("first");
const keyGroups = [[recipient(RECIPIENT)]];
const providers = [age({ identities: identityFile("first") })];
const format = "binary";

function randomBytes(seed: number, length: number): Uint8Array {
	const random = new Random(seed);
	return Uint8Array.from({ length }, () => random.int(256));
}

async function roundTrip(plain: Uint8Array | string) {
	const file = await encryptDocument(plain, { format, keyGroups });
	return decryptDocument(file.text, { format, providers });
}

describe("any bytes", () => {
	it("come back", async () => {
		for (let seed = 1; seed <= 60; seed++) {
			const plain = randomBytes(seed, seed % 37);
			expect((await roundTrip(plain)).bytes()).toEqual(plain);
		}
	});

	it("text comes back as text, byte order mark and all", async () => {
		for (const plain of ["", "\ufeffa\r\n", "{}", "sops: x\n", "\u0000"]) {
			const doc = await roundTrip(plain);
			expect(doc.text()).toBe(plain);
			expect(doc.text({ layout: "keep" })).toBe(plain);
			expect(doc.data).toEqual({ data: plain });
			expect(doc.format).toBe("binary");
			expect(doc.findings).toEqual([]);
		}
	});

	it("text() of what is no text points to bytes()", async () => {
		const doc = await roundTrip(Uint8Array.of(0xff, 0, 1));
		const error = await refused(() => doc.text(), "text-not-utf8");
		expect(error.message).toContain("bytes()");
		expect(error.details).toEqual({ format });
		expect(doc.get(["data"])).toEqual(Uint8Array.of(0xff, 0, 1));
	});

	for (const [name, plain] of [
		["random", randomBytes(3, 10 * 1024 * 1024)],
		["text", new TextEncoder().encode("0123456789é\n".repeat(10 * 1024 * 80))],
	] as const) {
		it(`10 MiB of ${name}`, async () => {
			const doc = await roundTrip(plain);
			expect(Buffer.from(doc.bytes()).equals(plain)).toBe(true);
		});
	}
});

it("is one value, which selectors do not concern", async () => {
	const file = await encryptDocument("x", {
		format,
		keyGroups,
		encryptedRegex: "^nothing$",
		unencryptedRegex: "(",
		macOnlyEncrypted: true,
	});
	expect(file.findings).toMatchObject([{ code: "selectors-ignored" }]);
	expect(file.findings[0]!.message).toContain("unencryptedRegex, encryptedRegex");
	expect(Object.keys(JSON.parse(file.text).sops)).toEqual(["age", "lastmodified", "mac", "version"]);
	expect((await encryptDocument("x", { format, keyGroups })).findings).toEqual([]);
	const seen = inspectDocument(file.text, { format });
	expect(seen).toMatchObject({ format, encryptedValues: 1, clearValues: 0, findings: [] });
});

it("takes the indentation of its envelope", async () => {
	const { text } = await encryptDocument("x", { format, keyGroups, indent: 2 });
	expect(text).toMatch(/^\{\n {2}"data": "ENC/);
});

it("can be edited, as long as it stays one text", async () => {
	const { text } = await encryptDocument("old", { format, keyGroups });
	const edit = (key: string, value: Uint8Array | number | string) =>
		editDocument(text, { format, providers }, (draft) => draft.set([key], value));
	const changed = await edit("data", Uint8Array.of(0xff));
	expect(changed.findings).toEqual([]);
	expect((await decryptDocument(changed.text, { format, providers })).bytes()).toEqual(Uint8Array.of(0xff));
	await refused(() => edit("data", 5), "value-unsupported");
	expect((await edit("data", "old")).changed).toBe(false);
});

it("refuses what is no envelope", async () => {
	await refused(() => decryptDocument("{}", { format, providers }), "not-encrypted");
	await refused(() => decryptDocument(Uint8Array.of(0xff), { format, providers }), "syntax-invalid");
	const other = await encryptDocument('{"a": 1, "data": 5}', { format: "json", keyGroups });
	const doc = await decryptDocument(other.text, { format, providers });
	await refused(() => doc.text(), "value-unsupported");
	const none = await encryptDocument('{"a": 1}', { format: "json", keyGroups });
	const empty = await decryptDocument(none.text, { format, providers });
	await refused(() => empty.bytes(), "path-not-found");
});

describeReference("binary, beside the reference", (reference) => {
	it("random bytes, both ways", async () => {
		const lastModified = "2024-05-06T07:08:09Z";
		for (let seed = 1; seed <= 200; seed++) {
			const text = randomBytes(seed * 31, seed % 50);
			const dataKey = randomBytes(seed, 32);
			const theirs = await reference.oracle.call("encrypt", {
				...{ format, text, dataKey, lastModified },
				ageRecipients: [RECIPIENT],
			});
			let drawn = 0;
			const ours = await encryptWith(
				text,
				{ format, keyGroups },
				{
					now: () => new Date(lastModified),
					random: (length) =>
						drawn++ === 0 ? dataKey.slice() : globalThis.crypto.getRandomValues(new Uint8Array(length)),
				},
			);
			expect(masked(ours.text)).toBe(masked(theirs.text));
			const back = await reference.oracle.call("decrypt", { format, text: ours.text, dataKey });
			expect(back.bytes.equals(text)).toBe(true);
			const doc = await decryptDocument(theirs.text, { format, providers });
			expect(doc.bytes()).toEqual(text);
		}
	});
});
