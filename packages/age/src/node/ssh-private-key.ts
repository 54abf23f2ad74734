import {
	constants,
	createHash,
	createPrivateKey,
	createPublicKey,
	type JsonWebKey,
	type KeyObject,
	privateDecrypt,
} from "node:crypto";
import { KeyError } from "@sopskit/core";
import { asymmetric } from "#asymmetric";
import type { AgeStanza } from "../header.ts";
import { type SshPublicKey, sshPublicKeyOf } from "../ssh-public-key.ts";
import { openSshEd25519, RSA_LABEL } from "../ssh-stanza.ts";

/** Opens a stanza whose tag is that of the key; undefined where it was altered. */
export type StanzaOpener = (stanza: AgeStanza) => Promise<Uint8Array | undefined>;

/**
 * Makes a private key of OpenSSH's own format ready.
 *
 * @param fields - as `openOpenSshKey` gives them
 * @throws KeyError `misconfigured` where the private half is not that of the public one
 */
export function openerOfFields(
	fields: readonly Uint8Array[],
	publicKey: SshPublicKey,
	name: string,
): Promise<StanzaOpener> {
	const type = new TextDecoder().decode(fields[0]);
	if (type === "ssh-ed25519" && fields[2]!.length === 64) {
		const seed = Buffer.from(fields[2]!.subarray(0, 32)).toString("base64url");
		const point = Buffer.from(fields[1]!).toString("base64url");
		return openerOf(keyOfJwk({ kty: "OKP", crv: "Ed25519", d: seed, x: point }, name), publicKey, name);
	}
	if (type !== "ssh-rsa") throw new KeyError("misconfigured", `the SSH key ${name} was altered or cut`);
	const [n, e, d, inverse, p, q] = fields.slice(1, 7).map(toNumber) as [
		bigint,
		bigint,
		bigint,
		bigint,
		bigint,
		bigint,
	];
	// As Go's ssh.ParseRawPrivateKey has it (crypto/rsa, Validate): numbers that do not belong together go to no cipher.
	const fits =
		p > 1n &&
		q > 1n &&
		p * q === n &&
		(e * d) % (p - 1n) === 1n &&
		(e * d) % (q - 1n) === 1n &&
		(inverse * q) % p === 1n;
	if (!fits) throw new KeyError("misconfigured", `the SSH key ${name} was altered or cut`);
	const jwk: JsonWebKey = {
		...{
			kty: "RSA",
			n: fromNumber(n),
			e: fromNumber(e),
			d: fromNumber(d),
			p: fromNumber(p),
			q: fromNumber(q),
		},
		...{ dp: fromNumber(d % (p - 1n)), dq: fromNumber(d % (q - 1n)), qi: fromNumber(inverse) },
	};
	return openerOf(keyOfJwk(jwk, name), publicKey, name);
}

/** The same for a key of `node:crypto`. */
export async function openerOf(key: KeyObject, publicKey: SshPublicKey, name: string): Promise<StanzaOpener> {
	const own = sshPublicKeyOf(wireOf(key) ?? new Uint8Array());
	if (typeof own === "string" || !Buffer.from(own.wire).equals(publicKey.wire)) {
		throw new KeyError("misconfigured", `the two halves of the SSH key ${name} do not fit each other`);
	}
	if (own.type === "ssh-rsa") {
		const padding = {
			padding: constants.RSA_PKCS1_OAEP_PADDING,
			oaepHash: "sha256",
			oaepLabel: Buffer.from(RSA_LABEL),
		};
		return async ({ args, body }) => {
			if (args.length !== 2) return undefined;
			try {
				return new Uint8Array(privateDecrypt({ key, ...padding }, body));
			} catch {
				return undefined;
			}
		};
	}
	// The scalar that Ed25519 itself signs with (RFC 8032, section 5.1.5).
	const seed = Buffer.from(key.export({ format: "jwk" }).d!, "base64url");
	const hash = createHash("sha512").update(seed).digest();
	const agreement = await asymmetric.fromScalar(new Uint8Array(hash.subarray(0, 32)));
	seed.fill(0);
	hash.fill(0);
	return (stanza) => openSshEd25519(stanza, publicKey, agreement);
}

/** The public half of a private key in the wire format of SSH; undefined for keys that age does not know. */
export function wireOf(key: KeyObject): Uint8Array | undefined {
	const { kty, crv, x, n, e } = createPublicKey(key).export({ format: "jwk" });
	if (kty === "OKP" && crv === "Ed25519")
		return wire(Buffer.from("ssh-ed25519"), Buffer.from(x!, "base64url"));
	if (kty === "RSA") return wire(Buffer.from("ssh-rsa"), ...[e!, n!].map(wireNumber));
	return undefined;
}

/**
 * A private key in PEM (PKCS #1 or PKCS #8).
 *
 * @throws KeyError `misconfigured` for a wrong passphrase and for a key that was altered
 */
export function keyOfPem(pem: string, passphrase: string | undefined, name: string): KeyObject {
	try {
		return createPrivateKey({ key: pem, format: "pem", ...(passphrase !== undefined && { passphrase }) });
	} catch {
		const why = passphrase === undefined ? "" : "the passphrase is wrong, or ";
		throw new KeyError("misconfigured", `the SSH key ${name} cannot be read: ${why}it was altered or cut`);
	}
}

function keyOfJwk(key: JsonWebKey, name: string): KeyObject {
	try {
		return createPrivateKey({ key, format: "jwk" });
	} catch {
		throw new KeyError("misconfigured", `the SSH key ${name} was altered or cut`);
	}
}

function wire(...fields: readonly Buffer[]): Uint8Array {
	return new Uint8Array(
		Buffer.concat(
			fields.flatMap((field) => {
				const length = Buffer.alloc(4);
				length.writeUInt32BE(field.length);
				return [length, field];
			}),
		),
	);
}

/** Numbers of SSH have a zero in front where the first bit is set. */
function wireNumber(base64url: string): Buffer {
	const bytes = Buffer.from(base64url, "base64url");
	return bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]);
}

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);

function fromNumber(number: bigint): string {
	const hex = number.toString(16);
	return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}
