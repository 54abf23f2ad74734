import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { derive, FILE_KEY_LENGTH } from "./file-key.ts";
import { type AgeStanza, type Header, joined, macLine, readHeader, signedHeader } from "./header.ts";

// The framing of age v1 for what SOPS puts into it: a few dozen bytes, so a payload of one chunk. Decision 0013.

const NONCE_LENGTH = 16;
const TAG_LENGTH = 16;
const CHUNK_LENGTH = 64 * 1024;
/** The nonce of a chunk that is the first and the last one. */
const ONLY_CHUNK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** An age file, not opened yet. */
export interface AgeFile {
	readonly header: Header;
	readonly payload: Uint8Array;
}

/** Parts a file from its header; undefined for what is not an age file. */
export function readAgeFile(file: Uint8Array): AgeFile | undefined {
	const header = readHeader(file);
	return header && { header, payload: file.subarray(header.bytes.length) };
}

/** What is in the file, or undefined where header or payload were altered, or it is longer than a chunk. */
export function openAgeFile({ header, payload }: AgeFile, fileKey: Uint8Array): Uint8Array | undefined {
	if (!same(hmac(sha256, derive(fileKey, undefined, "header"), header.signed), header.mac)) return undefined;
	const chunk = payload.subarray(NONCE_LENGTH);
	if (chunk.length < TAG_LENGTH || chunk.length > CHUNK_LENGTH + TAG_LENGTH) return undefined;
	const key = derive(fileKey, payload.subarray(0, NONCE_LENGTH), "payload");
	try {
		return chacha20poly1305(key, ONLY_CHUNK).decrypt(chunk);
	} catch {
		return undefined;
	}
}

/**
 * Makes an age file.
 *
 * @param plain - at most 64 KiB
 * @param wrap - makes the stanzas for the file key; it keeps none of it
 */
export async function sealAgeFile(
	plain: Uint8Array,
	wrap: (fileKey: Uint8Array) => AgeStanza[] | Promise<AgeStanza[]>,
): Promise<Uint8Array> {
	if (plain.length > CHUNK_LENGTH) throw new RangeError("longer than a chunk");
	const fileKey = randomBytes(FILE_KEY_LENGTH);
	try {
		const signed = signedHeader(await wrap(fileKey));
		const mac = hmac(sha256, derive(fileKey, undefined, "header"), signed);
		const nonce = randomBytes(NONCE_LENGTH);
		const key = derive(fileKey, nonce, "payload");
		return joined([signed, macLine(mac), nonce, chacha20poly1305(key, ONLY_CHUNK).encrypt(plain)]);
	} finally {
		fileKey.fill(0);
	}
}

/** In a time that does not tell where they differ. */
function same(a: Uint8Array, b: Uint8Array): boolean {
	let difference = a.length ^ b.length;
	for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!;
	return difference === 0;
}
