/**
 * The cryptography behind one seam: AES-256-GCM, SHA-512, randomness and base64. `#crypto` resolves to
 * `node.ts` where there is `node:crypto` (Node, Deno, Bun, workerd) and to `portable.ts` elsewhere. All of it
 * is synchronous: a file has thousands of values, and an await for each costs more than the cipher.
 */
export interface Crypto {
	/** Which implementation this is. */
	readonly backend: "node" | "noble";
	/** AES-256-GCM under one data key of 32 bytes, imported once: the caller may overwrite the bytes. */
	gcm(key: Uint8Array): Gcm;
	sha512(): Sha512;
	/** Fresh random bytes. */
	random(length: number): Uint8Array;
	/** Standard base64 with padding. */
	toBase64(bytes: Uint8Array): string;
}

export interface Gcm {
	/** Texts stand for their UTF-8. The IV may have any length above 0. The result is the ciphertext with its tag of 16 bytes behind it. */
	seal(iv: Uint8Array, plain: string | Uint8Array, additionalData: string | Uint8Array): Uint8Array;
	/**
	 * Opens what is stored as base64, ciphertext and tag apart. `syntax`: a part is not standard base64 with
	 * padding; `undefined`: key, IV, ciphertext, tag and additional data do not fit each other. The backend of
	 * `@noble/ciphers` takes no IV of less than 8 bytes, which nobody writes.
	 */
	openBase64(parts: SealedParts, additionalData: string | Uint8Array): Uint8Array | "syntax" | undefined;
}

/** Base64 texts. */
export interface SealedParts {
	readonly data: string;
	readonly iv: string;
	readonly tag: string;
}

export interface Sha512 {
	/** Text is hashed as UTF-8. */
	update(part: string | Uint8Array): void;
	digest(): Uint8Array;
}

export const TAG_LENGTH = 16;
/** Standard base64 with padding, as Go's `base64.StdEncoding` takes it. */
export function isBase64(text: string): boolean {
	if (text.length % 4 !== 0) return false;
	// One pattern for the whole would overflow the stack of its engine on megabytes.
	const end = text.search(/[^A-Za-z0-9+/]/);
	return end === -1 || /^==?$/.test(text.slice(end, end + 3));
}
