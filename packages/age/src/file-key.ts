import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

export const FILE_KEY_LENGTH = 16;
const KEY_LENGTH = 32;
const TAG_LENGTH = 16;
// Each wrapping key is derived from fresh randomness and used once.
const NONCE = new Uint8Array(12);

/** HKDF-SHA-256 to a key of 32 bytes. */
export function derive(secret: Uint8Array, salt: Uint8Array | undefined, info: string): Uint8Array {
	return hkdf(sha256, secret, salt, new TextEncoder().encode(info), KEY_LENGTH);
}

/** The body of a stanza: the file key under the key that the stanza's own secret gives. */
export function sealFileKey(key: Uint8Array, fileKey: Uint8Array): Uint8Array {
	return chacha20poly1305(key, NONCE).encrypt(fileKey);
}

/**
 * The file key in the body of a stanza, or undefined where the body is of another key. A body of another length is
 * refused before it is tried, against texts that open under several keys (filippo.io/age v1.3.1, primitives.go).
 */
export function openFileKey(key: Uint8Array, body: Uint8Array): Uint8Array | undefined {
	if (body.length !== FILE_KEY_LENGTH + TAG_LENGTH) return undefined;
	try {
		return chacha20poly1305(key, NONCE).decrypt(body);
	} catch {
		return undefined;
	}
}
