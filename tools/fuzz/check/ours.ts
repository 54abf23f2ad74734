/// <reference lib="es2024.string" />
import type { Tree } from "@sopskit/reference";
import type { ParsedFile } from "../../../packages/core/src/formats/codec.ts";
import { codecOf, envelopeOf } from "../../../packages/core/src/formats/formats.ts";
import type { KeyProvider } from "../../../packages/core/src/keys/contract.ts";
import { decodeAnyBytes } from "../../../packages/core/src/leaf/any-bytes.ts";
import {
	type EncryptionSeams,
	type EncryptOptions,
	encryptWith,
} from "../../../packages/core/src/operations/encrypt.ts";
import type { EncryptedFile } from "../../../packages/core/src/steps/encrypted-file.ts";
import { inputText } from "../../../packages/core/src/steps/input.ts";
import { openText } from "../../../packages/core/src/steps/open.ts";
import type { Branches } from "../../../packages/core/src/tree/tree.ts";
import type { Treatment } from "../document.ts";
import type { RunKeys } from "./run-keys.ts";
import { typed } from "./typed.ts";

/** A tree and its plaintext; bytes that are not UTF-8 are lone surrogates. */
export interface Content {
	readonly tree: Tree;
	readonly text: string;
}

/** What sopskit makes of a plain file. */
export function parse({ format }: Treatment, input: Uint8Array): ParsedFile {
	const codec = codecOf(format);
	return codec.parse(inputText("fuzz", input, codec), { wideIntegers: "refuse" });
}

export function emit({ format, indent }: Treatment, branches: Branches): string {
	const codec = codecOf(format);
	const text = codec.emit(branches, indent === undefined ? {} : { indent });
	return codec.content === "any" ? text : text.toWellFormed();
}

/** When every file of a run is encrypted. */
export const LAST_MODIFIED = "2024-02-03T04:05:06Z";

export function encrypt(
	treatment: Treatment,
	input: Uint8Array,
	keys: RunKeys,
	layout: "reference" | "keep",
): Promise<EncryptedFile> {
	const { format, indent, selector, macOnlyEncrypted, wrapped } = treatment;
	const options: EncryptOptions = {
		format,
		layout,
		macOnlyEncrypted,
		keyGroups: [[wrapped ? keys.ageKey : keys.fastKey]],
		...(indent === undefined ? {} : { indent }),
		...(selector === undefined ? {} : { [optionOf(selector.name)]: selector.value }),
	};
	return encryptWith(input, options, seams(keys.dataKey));
}

/** What sopskit reads in an encrypted file, once it is verified. */
export async function open(
	treatment: Treatment,
	encrypted: Uint8Array,
	provider: KeyProvider,
): Promise<Content & { readonly mac: string }> {
	const codec = codecOf(treatment.format);
	const opened = await openText(inputText("fuzz", encrypted, envelopeOf(codec)), {
		codec,
		providers: [provider],
		decryptionOrder: undefined,
		ignoreMac: false,
		signal: undefined,
		wideIntegers: "refuse",
	});
	const { branches, metadata, cipher } = opened;
	const mac = cipher.open(metadata.mac, metadata.lastModified);
	if (typeof mac === "string") throw new Error("a MAC that was verified does not decrypt");
	return { tree: typed(branches), text: emit(treatment, branches), mac: String(mac.value) };
}

/** The bytes of an encrypted file as a text that can be compared. */
export function textOf(made: EncryptedFile): string {
	return decodeAnyBytes(made.bytes);
}

function optionOf(selector: string): string {
	return selector.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The first thing that is drawn is the data key. */
function seams(dataKey: Uint8Array): EncryptionSeams {
	let first = true;
	return {
		now: () => new Date(LAST_MODIFIED),
		random: (length) => {
			if (!first) return crypto.getRandomValues(new Uint8Array(length));
			first = false;
			return dataKey.slice(0, length);
		},
	};
}
