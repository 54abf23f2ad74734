/// <reference lib="es2024.string" />
import { SopsError } from "../errors.ts";
import type { FormatCodec } from "../formats/codec.ts";
import { codecOf, FORMATS, type Format } from "../formats/formats.ts";
import type { KeyProvider } from "../keys/contract.ts";
import { decodeAnyBytes } from "../leaf/any-bytes.ts";
import { decodeUtf8, splitAtInvalidUtf8 } from "../leaf/utf8.ts";
import { type Check, isBoolean, isIndent, isOneOf, isSignal, isSize, isText, isTexts } from "../options.ts";
import { UsageError } from "../usage-error.ts";
import { LAYOUTS } from "./render.ts";

/** Files larger than this are refused unless the caller raises the limit: everything is held in memory. */
export const DEFAULT_MAX_BYTES: number = 64 * 1024 * 1024;

/** Options that every operation takes. */
export interface CommonOptions {
	/** Never guessed from the content. */
	readonly format: Format;
	/** Ends the operation early. */
	readonly signal?: AbortSignal | undefined;
	/** Largest input in bytes; 64 MiB by default. */
	readonly maxBytes?: number | undefined;
	/** JSON integers beyond 64 bit: `refuse` (default), or `round` to a float as the reference does in silence. */
	readonly wideIntegers?: "refuse" | "round" | undefined;
}

export const COMMON_CHECKS: Readonly<Record<string, Check>> = {
	format: isOneOf(...FORMATS),
	signal: isSignal,
	maxBytes: isSize,
	wideIntegers: isOneOf("refuse", "round"),
};

/** Options of operations that must get at the data key. */
export interface KeyOptions {
	/** Who can act for the keys of the file. Only these are asked, in the order of the file's keys. */
	readonly providers: readonly KeyProvider[];
	/** Types of keys to try first; `["age", "pgp"]` by default. */
	readonly decryptionOrder?: readonly string[] | undefined;
	/** Read a file whose MAC is missing or does not fit. Nothing then tells whether values were removed, moved or added. */
	readonly ignoreMac?: boolean | undefined;
}

export const KEY_CHECKS: Readonly<Record<string, Check>> = {
	providers: (value) =>
		Array.isArray(value) && value.every((one) => typeof one?.masterKey === "function")
			? undefined
			: "an array of key providers, such as [age({ identities })]",
	decryptionOrder: isTexts,
	ignoreMac: isBoolean,
};

export const GROUPS_CHECK: Check = (value) =>
	Array.isArray(value) &&
	value.every(
		(group: unknown) => Array.isArray(group) && group.every((key) => typeof key?.ref?.type === "string"),
	)
		? undefined
		: 'an array of key groups, each an array of master keys, such as [[recipient("age1…")]]';

/** Master keys, or refs that name some. */
export const KEYS_CHECK: Check = (value) =>
	Array.isArray(value) && value.every(isKey)
		? undefined
		: 'an array of master keys, such as [recipient("age1…")]';

export const MEMBERS_CHECK: Check = (value) =>
	Array.isArray(value) && value.every((group: unknown) => Array.isArray(group) && group.every(isKey))
		? undefined
		: 'an array of key groups, each an array of master keys or refs, such as [[recipient("age1…")]]';

function isKey(key: unknown): boolean {
	const { ref, type } = (key ?? {}) as { ref?: { type?: unknown }; type?: unknown };
	return typeof (ref?.type ?? type) === "string";
}

export const LAYOUT_CHECKS: Readonly<Record<string, Check>> = {
	layout: isOneOf(...LAYOUTS),
	indent: isIndent,
};

export const SELECTOR_CHECKS: Readonly<Record<string, Check>> = {
	unencryptedSuffix: isText,
	encryptedSuffix: isText,
	unencryptedRegex: isText,
	encryptedRegex: isText,
	unencryptedCommentRegex: isText,
	encryptedCommentRegex: isText,
};

/** @throws UsageError when no format is named */
export function requireFormat(of: string, format: unknown): FormatCodec {
	if (format === undefined) {
		throw new UsageError("argument-invalid", `${of} needs the option "format": ${FORMATS.join(" or ")}.`);
	}
	return codecOf(format as Format);
}

/** @throws UsageError */
export function requireOption(of: string, name: string, value: unknown): void {
	if (value === undefined) throw new UsageError("argument-invalid", `${of} needs the option "${name}".`);
}

/**
 * Text of an input. Bytes must be UTF-8, or UTF-16 with a byte order mark, as go-yaml reads them; for formats of any
 * bytes they are mapped without loss.
 *
 * @throws UsageError for anything but text and bytes; SopsError `size-exceeded`, `syntax-invalid`
 */
export function inputText(
	of: string,
	input: unknown,
	codec: FormatCodec,
	maxBytes: number = DEFAULT_MAX_BYTES,
): string {
	if (typeof input === "string") {
		if (input.length > maxBytes) throw tooLarge(maxBytes);
		// No UTF-8 holds a lone surrogate, and codecs of any bytes mean a byte by it.
		return input.toWellFormed();
	}
	if (!(input instanceof Uint8Array)) {
		throw new UsageError(
			"argument-invalid",
			`${of} takes a string or a Uint8Array as its first argument${whatItIs(input)}.`,
		);
	}
	if (input.length > maxBytes) throw tooLarge(maxBytes);
	const utf16 = codec.name === "yaml" ? utf16Label(input) : undefined;
	if (utf16 === undefined && codec.content === "any") return decodeAnyBytes(input);
	const text = utf16 === undefined ? decodeUtf8(input) : decodeUtf16(input, utf16);
	if (text !== undefined) return text;
	// Go's JSON reader takes any bytes, and each one that is not UTF-8 for U+FFFD.
	if (codec.name === "json") return splitAtInvalidUtf8(input).join("\ufffd");
	throw new SopsError(
		"syntax-invalid",
		`The file is not ${utf16 === undefined ? "UTF-8" : "UTF-16, as its first bytes say"}. Save it as UTF-8, or name the right format.`,
		{
			format: codec.name,
			line: 1,
			column: 1,
			reason: utf16 === undefined ? "it is not UTF-8" : "it is not UTF-16",
		},
	);
}

/** The two mistakes that are easily made. */
function whatItIs(input: unknown): string {
	const { then, text } = (input ?? {}) as { then?: unknown; text?: unknown };
	if (typeof then === "function") return ", and this is a promise: await it first";
	return typeof text === "string" || typeof text === "function"
		? ", and this is a result: pass its text"
		: "";
}

function utf16Label(bytes: Uint8Array): string | undefined {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
	return undefined;
}

/** @returns `undefined` for a byte too many, and for surrogates without a partner */
function decodeUtf16(bytes: Uint8Array, label: string): string | undefined {
	try {
		return new TextDecoder(label, { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

function tooLarge(limit: number): SopsError {
	return new SopsError(
		"size-exceeded",
		`The input is larger than ${limit} bytes. Raise the option "maxBytes" if that is meant.`,
		{ limit },
	);
}
