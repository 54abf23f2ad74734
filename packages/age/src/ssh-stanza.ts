import { sha256 } from "@noble/hashes/sha2.js";
import { asymmetric } from "#asymmetric";
import type { X25519Key } from "./asymmetric/asymmetric.ts";
import { derive, openFileKey, sealFileKey } from "./file-key.ts";
import { type AgeStanza, fromBase64, joined, toBase64 } from "./header.ts";
import type { SshPublicKey } from "./ssh-public-key.ts";

// The stanzas of SSH keys. The age specification leaves them to filippo.io/age (v1.3.1, agessh/agessh.go).

const ED25519_LABEL = "age-encryption.org/v1/ssh-ed25519";
export const RSA_LABEL = "age-encryption.org/v1/ssh-rsa";
const POINT_LENGTH = 32;

/** What names an SSH key in a stanza: the start of its SHA-256. */
export function sshTag({ wire }: SshPublicKey): string {
	return toBase64(sha256(wire).subarray(0, 4));
}

/** The stanza for an SSH key; undefined for a point that is none or of low order. */
export async function wrapForSsh(key: SshPublicKey, fileKey: Uint8Array): Promise<AgeStanza | undefined> {
	if (key.type === "ssh-rsa") {
		return { args: [key.type, sshTag(key)], body: await asymmetric.sealOaep(key, fileKey, RSA_LABEL) };
	}
	const theirs = await montgomery(key);
	if (theirs === undefined) return undefined;
	const ephemeral = await asymmetric.generate();
	const wrappingKey = await ed25519Key(key, ephemeral, theirs, joined([ephemeral.publicKey, theirs]));
	return (
		wrappingKey && {
			args: [key.type, sshTag(key), toBase64(ephemeral.publicKey)],
			body: sealFileKey(wrappingKey, fileKey),
		}
	);
}

/**
 * The file key in a stanza for an SSH key of Ed25519, whose tag is that of the key.
 *
 * @param own - the key that the SSH key is as X25519
 * @returns undefined where the stanza is malformed or was altered
 */
export async function openSshEd25519(
	{ args, body }: AgeStanza,
	key: SshPublicKey,
	own: X25519Key,
): Promise<Uint8Array | undefined> {
	const share = args.length === 3 ? fromBase64(args[2]!) : undefined;
	if (share?.length !== POINT_LENGTH) return undefined;
	const wrappingKey = await ed25519Key(key, own, share, joined([share, own.publicKey]));
	return wrappingKey && openFileKey(wrappingKey, body);
}

async function ed25519Key(
	key: SshPublicKey,
	own: X25519Key,
	peer: Uint8Array,
	salt: Uint8Array,
): Promise<Uint8Array | undefined> {
	const secret = await own.agree(peer);
	const tweaked = secret && (await (await tweakOf(key)).agree(secret));
	return tweaked && derive(tweaked, salt, ED25519_LABEL);
}

const tweaks = new WeakMap<SshPublicKey, X25519Key | Promise<X25519Key>>();

/** Binds the result to the SSH key, of which X25519 sees one coordinate only. */
function tweakOf(key: SshPublicKey): X25519Key | Promise<X25519Key> {
	const known = tweaks.get(key) ?? asymmetric.fromScalar(derive(new Uint8Array(), key.wire, ED25519_LABEL));
	tweaks.set(key, known);
	return known;
}

const points = new WeakMap<SshPublicKey, Uint8Array>();

/** The point of an Ed25519 key on the curve of X25519; undefined where it is none. */
async function montgomery(
	key: SshPublicKey & { readonly type: "ssh-ed25519" },
): Promise<Uint8Array | undefined> {
	const known = points.get(key);
	if (known !== undefined) return known;
	const { ed25519 } = await import("@noble/curves/ed25519.js");
	try {
		ed25519.Point.fromBytes(key.point);
		const point = ed25519.utils.toMontgomery(key.point);
		points.set(key, point);
		return point;
	} catch {
		return undefined;
	}
}
