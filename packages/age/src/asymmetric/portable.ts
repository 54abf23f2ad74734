import { randomBytes } from "@noble/hashes/utils.js";
import type { Asymmetric, X25519Key } from "./asymmetric.ts";
import { webKey, webKeyOfScalar } from "./web-x25519.ts";

async function fromScalar(scalar: Uint8Array): Promise<X25519Key> {
	try {
		return await webKeyOfScalar(scalar);
	} catch {
		return nobleKey(scalar);
	}
}

/** For runtimes whose WebCrypto has no X25519. Slow: milliseconds for each agreement. */
async function nobleKey(scalar: Uint8Array): Promise<X25519Key> {
	const { x25519 } = await import("@noble/curves/ed25519.js");
	const own = scalar.slice();
	return Object.freeze({
		publicKey: x25519.getPublicKey(own),
		agree(peer: Uint8Array): Uint8Array | undefined {
			try {
				return x25519.getSharedSecret(own, peer);
			} catch {
				return undefined;
			}
		},
	});
}

export const asymmetric: Asymmetric = {
	backend: "portable",
	async generate() {
		const scalar = randomBytes(32);
		try {
			return await fromScalar(scalar);
		} finally {
			scalar.fill(0);
		}
	},
	fromScalar,
	fromCryptoKey: webKey,
	async sealOaep({ modulus, exponent }, plain, label) {
		const { base64urlnopad } = await import("@scure/base");
		const { subtle } = globalThis.crypto;
		const jwk = { kty: "RSA", n: base64urlnopad.encode(modulus), e: base64urlnopad.encode(exponent) };
		const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
		const key = await subtle.importKey("jwk", jwk, algorithm, false, ["encrypt"]);
		const parameters = { name: "RSA-OAEP", label: new TextEncoder().encode(label) };
		return new Uint8Array(await subtle.encrypt(parameters, key, Uint8Array.from(plain)));
	},
};
