import { looksSealed } from "../cipher.ts";
import { isSopsError } from "../errors.ts";
import type { FormatCodec } from "../formats/codec.ts";
import { FORMATS } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import { hasMetadata } from "../metadata/place.ts";
import { type Check, checkOptions } from "../options.ts";
import { Judge, type SelectorOptions } from "../selectors.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	requireFormat,
	SELECTOR_CHECKS,
} from "../steps/input.ts";
import { selectorOf } from "../steps/selector-option.ts";
import type { Branches } from "../tree/tree.ts";
import { walk } from "../tree/walk.ts";
import { encryptionStatus } from "./status.ts";

/** Options of {@link planEncryption}. */
export interface PlanEncryptionOptions extends CommonOptions, SelectorOptions {}

/** What an encryption would do with a file. */
export interface EncryptionPlan {
	/** It has metadata of SOPS, or ciphertext where a value would be encrypted. Nothing is counted then. */
	readonly alreadyEncrypted: boolean;
	/** Values and comments that would be encrypted. */
	readonly encryptedValues: number;
	/** Values that would stay in clear. */
	readonly clearValues: number;
}

export const PLAN_ENCRYPTION_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...SELECTOR_CHECKS,
};

const ENCRYPTED: EncryptionPlan = { alreadyEncrypted: true, encryptedValues: 0, clearValues: 0 };

/** Begins the encrypted MAC in the metadata of every file of SOPS. */
const MARK = "ENC[AES256_GCM,";

/**
 * What `encryptDocument` would do with a file, for those who encrypt many and leave some alone. Unlike it, this knows a
 * file that was encrypted in another format than its name says, and one that lost its metadata. Nulls and empty texts
 * are never encrypted and not counted; an empty file has no values.
 *
 * @param input - any file of the format, as text or bytes
 * @throws SopsError `selector-conflict`, `selector-invalid`, `aborted`, `size-exceeded`, and those of reading the format
 * @throws UsageError for unknown options and wrong argument types
 */
export function planEncryption(input: string | Uint8Array, options: PlanEncryptionOptions): EncryptionPlan {
	const of = "planEncryption()";
	checkOptions(of, options, PLAN_ENCRYPTION_CHECKS);
	const codec = requireFormat(of, options.format);
	throwIfAborted(options.signal);
	const judge = codec.selectable ? new Judge(selectorOf(options)).requireValid() : undefined;
	const text = inputText(of, input, codec, options.maxBytes);
	if (text.includes(MARK) && FORMATS.some((format) => isEncrypted(input, { ...options, format })))
		return ENCRYPTED;
	const branches = branchesOf(text, codec, options);
	if (hasMetadata(branches, codec.metadata)) return ENCRYPTED;
	let [encryptedValues, clearValues, ciphertexts] = [0, 0, 0];
	walk(branches, judge, (node, place) => {
		const value = node.kind === "comment" ? node.text : node.leaf.value;
		if (value === "" || value === null) return node;
		if (!place.encrypted) clearValues += node.kind === "scalar" ? 1 : 0;
		else if (typeof value === "string" && looksSealed(value)) ciphertexts++;
		else encryptedValues++;
		return node;
	});
	return ciphertexts > 0 ? ENCRYPTED : { alreadyEncrypted: false, encryptedValues, clearValues };
}

function branchesOf(text: string, codec: FormatCodec, options: PlanEncryptionOptions): Branches {
	try {
		return codec.parse(text, { wideIntegers: options.wideIntegers ?? "refuse" }).branches;
	} catch (thrown) {
		if (isSopsError(thrown, "document-empty")) return [];
		throw thrown;
	}
}

/** Whether the file is one of SOPS in a format, which need not be its own. */
function isEncrypted(input: string | Uint8Array, { format, maxBytes }: CommonOptions): boolean {
	try {
		return encryptionStatus(input, { format, maxBytes }).encrypted;
	} catch (thrown) {
		if (isSopsError(thrown)) return false;
		throw thrown;
	}
}
