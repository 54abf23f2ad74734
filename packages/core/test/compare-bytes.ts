import type { Reference } from "@sopskit/reference";
import { expect } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { isSopsError } from "../src/errors.ts";
import type { FormatCodec } from "../src/formats/codec.ts";
import type { Format } from "../src/formats/formats.ts";
import { decodeAnyBytes, encodeAnyBytes } from "../src/leaf/any-bytes.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { encryptDocument, encryptWith } from "../src/operations/encrypt.ts";
import { masked } from "./masked.ts";
import { oracleTree } from "./oracle-tree.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const RECIPIENT = recipientOf("first");
const keyGroups = [[recipient(RECIPIENT)]];
const providers = [age({ identities: identityFile("first") })];
/** Bytes as text that a failing test can show. */
const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** Reads, writes, encrypts and decrypts a file of any bytes here and there, in both layouts. */
export async function compareBytes(
	{ oracle }: Reference,
	codec: FormatCodec,
	text: Uint8Array,
	seed: number,
): Promise<"accepted" | "refused"> {
	const format = codec.name as Format;
	const dataKey = Uint8Array.from({ length: 32 }, (_, i) => (i * 31 + seed) % 256);
	const lastModified = "2024-05-06T07:08:09Z";
	const theirs = await oracle
		.call("encrypt", { format, text, dataKey, lastModified, ageRecipients: [RECIPIENT] })
		.catch(() => undefined);
	let drawn = 0;
	const ours = await encryptWith(
		text,
		{ format, keyGroups },
		{
			now: () => new Date(lastModified),
			random: (length) =>
				drawn++ === 0 ? dataKey.slice() : globalThis.crypto.getRandomValues(new Uint8Array(length)),
		},
	).catch((error: Error) => error);
	if (theirs !== undefined && isSopsError(ours, "value-unsupported")) {
		// Refused because it could not be read again: so it is there (decision 0010).
		const read = oracle.call("decrypt", { format, text: theirs.bytes, dataKey });
		expect([shown(text), await read.then(() => "read").catch(() => "refused")]).toEqual([
			shown(text),
			"refused",
		]);
		return "refused";
	}
	if (ours instanceof Error || theirs === undefined) {
		expect([shown(text), ours instanceof Error]).toEqual([shown(text), theirs === undefined]);
		return "refused";
	}
	expect(masked(shown(ours.bytes))).toBe(masked(shown(theirs.bytes)));
	const plain = await oracle.call("roundtrip", { format, text });
	const { branches } = codec.parse(decodeAnyBytes(text), { wideIntegers: "refuse" });
	expect(oracleTree(branches)).toEqual(plain.tree);
	expect(shown(encodeAnyBytes(codec.emit(branches, {})))).toBe(shown(plain.bytes));

	const back = await oracle.call("decrypt", { format, text: ours.bytes, dataKey });
	expect(back.computedMac).toBe(back.storedMac);
	const doc = await decryptDocument(theirs.bytes, { format, providers });
	expect(shown(doc.bytes())).toBe(shown(back.bytes));
	const kept = await encryptDocument(text, { format, keyGroups, layout: "keep" });
	if (kept.findings.some(({ code }) => code === "layout-not-kept")) return "accepted";
	const read = await decryptDocument(kept.bytes, { format, providers });
	const again = decodeAnyBytes(read.bytes({ layout: "keep" }));
	expect(oracleTree(codec.parse(again, { wideIntegers: "refuse" }).branches)).toEqual(plain.tree);
	// Comments that belong to no statement of an INI file are not kept.
	if (format !== "ini") expect(again).toBe(decodeAnyBytes(text));
	return "accepted";
}
