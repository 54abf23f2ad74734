import {
	constants,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	type KeyObject,
	publicEncrypt,
} from "node:crypto";
import { type Asymmetric, pkcs8, type X25519Key } from "./asymmetric.ts";
import { webKey } from "./web-x25519.ts";

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

// As JWK: reading the same key as DER takes OpenSSL ten times longer.
const peerKey = (peer: Uint8Array): KeyObject =>
	createPublicKey({ key: { kty: "OKP", crv: "X25519", x: base64url(peer) }, format: "jwk" });

/** Synchronous: WebCrypto's way through the thread pool takes three times as long, also with 16 under way. */
function nodeKey(privateKey: KeyObject, publicKey: KeyObject): X25519Key {
	return Object.freeze({
		publicKey: new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")),
		agree(peer: Uint8Array): Uint8Array | undefined {
			try {
				return new Uint8Array(diffieHellman({ privateKey, publicKey: peerKey(peer) }));
			} catch {
				return undefined;
			}
		},
	});
}

export const asymmetric: Asymmetric = {
	backend: "node",
	generate() {
		const pair = generateKeyPairSync("x25519");
		return nodeKey(pair.privateKey, pair.publicKey);
	},
	fromScalar(scalar) {
		const encoded = pkcs8(scalar);
		try {
			const key = createPrivateKey({ key: encoded as Buffer, format: "der", type: "pkcs8" });
			return nodeKey(key, createPublicKey(key));
		} finally {
			encoded.fill(0);
		}
	},
	fromCryptoKey: webKey,
	sealOaep({ modulus, exponent }, plain, label) {
		const key = createPublicKey({
			key: { kty: "RSA", n: base64url(modulus), e: base64url(exponent) },
			format: "jwk",
		});
		return new Uint8Array(
			publicEncrypt(
				{
					key,
					padding: constants.RSA_PKCS1_OAEP_PADDING,
					oaepHash: "sha256",
					oaepLabel: Buffer.from(label),
				},
				plain,
			),
		);
	},
};
