import type { X25519PrivateKey } from "../identity.ts";

/**
 * The public-key operations behind one seam, for they cost nearly all the time of a wrap or unwrap. `#asymmetric`
 * resolves to `node.ts` where there is `node:crypto` (Node, Deno, Bun) and to `portable.ts`, over WebCrypto and
 * `@noble/curves`, elsewhere. The symmetric half is `@noble/hashes` and `@noble/ciphers` everywhere: for a few
 * dozen bytes they are no slower than `node:crypto`, which has no ChaCha20-Poly1305 in Bun.
 */
export interface Asymmetric {
	/** Which implementation this is. */
	readonly backend: "node" | "portable";
	/** A fresh key pair. */
	generate(): X25519Key | Promise<X25519Key>;
	/** The key pair of a scalar of 32 bytes. */
	fromScalar(scalar: Uint8Array): X25519Key | Promise<X25519Key>;
	/** The key pair of a private key of WebCrypto. */
	fromCryptoKey(key: X25519PrivateKey): Promise<X25519Key>;
	/** RSAES-OAEP with SHA-256. Modulus and exponent are big-endian. */
	sealOaep(
		key: { readonly modulus: Uint8Array; readonly exponent: Uint8Array },
		plain: Uint8Array,
		label: string,
	): Uint8Array | Promise<Uint8Array>;
}

/** A private key that was imported once; nothing of it can be printed. */
export interface X25519Key {
	readonly publicKey: Uint8Array;
	/** The shared secret, or undefined where the peer's point is of low order. */
	agree(peer: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** What stands before the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = [
	0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
] as const;

/** An X25519 private key as PKCS #8, to be overwritten after use. */
export function pkcs8(scalar: Uint8Array): Uint8Array<ArrayBuffer> {
	return Uint8Array.from([...PKCS8_PREFIX, ...scalar]);
}
