import { Cipher } from "../cipher.ts";
import type { Finding } from "../finding.ts";
import type { FormatCodec, ParsedFile, ParseOptions } from "../formats/codec.ts";
import { envelopeOf } from "../formats/formats.ts";
import type { KeyProvider } from "../keys/contract.ts";
import { DEFAULT_DECRYPTION_ORDER, unwrapDataKey } from "../keys/unwrap.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { type DetachedMetadata, detachMetadata } from "../metadata/place.ts";
import { readMetadata } from "../metadata/read.ts";
import type { Branches } from "../tree/tree.ts";
import { decryptTree } from "./decrypt-tree.ts";
import type { CommonOptions, KeyOptions } from "./input.ts";

export interface OpenRequest extends ParseOptions {
	readonly codec: FormatCodec;
	readonly providers: readonly KeyProvider[];
	readonly decryptionOrder: readonly string[] | undefined;
	readonly ignoreMac: boolean;
	readonly signal: AbortSignal | undefined;
}

/** What {@link openText} needs, out of the options that operations share. */
export function openRequest(codec: FormatCodec, options: KeyOptions & Partial<CommonOptions>): OpenRequest {
	return {
		codec,
		providers: options.providers,
		decryptionOrder: options.decryptionOrder,
		ignoreMac: options.ignoreMac ?? false,
		signal: options.signal,
		wideIntegers: options.wideIntegers ?? "refuse",
	};
}

/** An encrypted file as it stands: its values sealed, its metadata taken out and read. */
export interface SealedFile {
	readonly file: ParsedFile;
	/** Without metadata. */
	readonly branches: Branches;
	readonly metadata: Metadata;
	readonly detached: DetachedMetadata;
	readonly findings: Finding[];
}

/** An encrypted file that was decrypted and verified; its branches are in clear. */
export interface OpenedFile extends SealedFile {
	/** Of the plain file; its envelope is that of `file`. */
	readonly codec: FormatCodec;
	/** Seals further values under the file's data key. */
	readonly cipher: Cipher;
}

/** Parses an encrypted file and reads its metadata, all that needs no keys. */
export function readSealed(
	text: string,
	codec: FormatCodec,
	wideIntegers: ParseOptions["wideIntegers"],
): SealedFile {
	return sealedFile(envelopeOf(codec).parse(text, { wideIntegers }), codec);
}

function sealedFile(file: ParsedFile, codec: FormatCodec): SealedFile {
	const { branches } = file;
	const detached = detachMetadata(branches, envelopeOf(codec).metadata, codec.name);
	const metadata = readMetadata(detached.node);
	return { file, branches, detached, metadata, findings: [...file.findings, ...unknownFields(metadata)] };
}

/** Parse, detach, unwrap, decrypt, verify: the first half of every operation on an encrypted file. */
export async function openText(text: string, request: OpenRequest): Promise<OpenedFile> {
	return openParsed(envelopeOf(request.codec).parse(text, request), request);
}

export async function openParsed(file: ParsedFile, request: OpenRequest): Promise<OpenedFile> {
	return openSealed(sealedFile(file, request.codec), request);
}

export async function openSealed(sealed: SealedFile, request: OpenRequest): Promise<OpenedFile> {
	return withDataKey(sealed.metadata, request, (dataKey) => open(sealed, request, new Cipher(dataKey)));
}

/** The same file anew, for an operation that changes what it is given, under the data key that was unwrapped. */
export function openAgain({ cipher }: OpenedFile, text: string, request: OpenRequest): OpenedFile {
	return open(readSealed(text, request.codec, request.wideIntegers), request, cipher);
}

function open(sealed: SealedFile, { codec, ignoreMac }: OpenRequest, cipher: Cipher): OpenedFile {
	const { branches, metadata, findings } = sealed;
	decryptTree(branches, metadata, cipher, ignoreMac, findings);
	return { ...sealed, codec, cipher };
}

/**
 * Unwraps the data key of a file for the time of some work, and overwrites it.
 *
 * @throws SopsError `data-key-unavailable`, `aborted`, and what the work throws
 */
export async function withDataKey<T>(
	{ groups, shamirThreshold }: Metadata,
	{
		providers,
		decryptionOrder,
		signal,
	}: Pick<KeyOptions, "providers" | "decryptionOrder"> & Pick<CommonOptions, "signal">,
	work: (dataKey: Uint8Array) => T | Promise<T>,
): Promise<T> {
	const dataKey = await unwrapDataKey({
		groups,
		shamirThreshold,
		providers,
		decryptionOrder: decryptionOrder ?? DEFAULT_DECRYPTION_ORDER,
		signal,
	});
	try {
		return await work(dataKey);
	} finally {
		dataKey.fill(0);
	}
}

function unknownFields(metadata: Metadata): Finding[] {
	return metadata.unknown.map((field) => ({
		code: "metadata-unknown",
		message: `The metadata has a field "${field.key}" that this library does not know; it is kept.`,
		path: ["sops", field.key],
	}));
}
