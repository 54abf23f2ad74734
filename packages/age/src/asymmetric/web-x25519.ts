import type { X25519PrivateKey } from "../identity.ts";
import { pkcs8, type X25519Key } from "./asymmetric.ts";

const ALGORITHM = { name: "X25519" };
/** The point that X25519 public keys are multiples of (RFC 7748, section 6.1). */
const BASE_POINT = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 9 : 0));

// WebCrypto's types are those of the DOM or of Node; this package needs neither.
type Subtle = {
	importKey(...parameters: unknown[]): Promise<X25519PrivateKey>;
	deriveBits(...parameters: unknown[]): Promise<ArrayBuffer>;
};

/** A key pair over WebCrypto. */
export async function webKey(key: X25519PrivateKey): Promise<X25519Key> {
	// WebCrypto gives no public key for a private one.
	return { publicKey: await derive(key, BASE_POINT), agree: (peer) => agree(key, peer) };
}

/** @throws an error of the runtime where WebCrypto has no X25519, or half of it */
export async function webKeyOfScalar(scalar: Uint8Array): Promise<X25519Key> {
	const encoded = pkcs8(scalar);
	try {
		return await webKey(await subtle().importKey("pkcs8", encoded, ALGORITHM, false, ["deriveBits"]));
	} finally {
		encoded.fill(0);
	}
}

async function agree(key: X25519PrivateKey, peer: Uint8Array): Promise<Uint8Array | undefined> {
	try {
		const secret = await derive(key, peer);
		return secret.every((byte) => byte === 0) ? undefined : secret;
	} catch {
		// The key has done its work before: it is the peer.
		return undefined;
	}
}

async function derive(key: X25519PrivateKey, peer: Uint8Array): Promise<Uint8Array> {
	const point = await subtle().importKey("raw", peer, ALGORITHM, false, []);
	return new Uint8Array(await subtle().deriveBits({ name: "X25519", public: point }, key, 256));
}

function subtle(): Subtle {
	return globalThis.crypto.subtle as unknown as Subtle;
}
