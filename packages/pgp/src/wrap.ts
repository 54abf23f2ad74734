import { isKeyError, KeyError, type MasterKey, untilAborted } from "@sopskit/core";
import type { Key, PublicKey, Subkey } from "openpgp";
import { armorMessage } from "./armor.ts";
import { fingerprintTrouble, readFingerprint, shown } from "./fingerprint.ts";
import { type Found, foreignCurve, type KeyRing, namedAs } from "./key-ring.ts";
import { type OpenPgp, WRITING } from "./library.ts";

/** The `wrap` of the key that an `fp` names, with what is public of a key ring. */
export function wrapWith(fp: string, ring: () => Promise<KeyRing>): NonNullable<MasterKey["wrap"]> {
	return (part, call) =>
		untilAborted(call.signal, async () => {
			// Aborted work may still run when the caller overwrites the part: work on a copy of our own.
			const copy = part.slice();
			try {
				return await wrap(copy, fp, await ring());
			} catch (error) {
				if (isKeyError(error)) throw error;
				// Only the kind of error: a message of the library may quote what it was given.
				const kind = error instanceof Error ? error.name : "unknown error";
				throw new KeyError("failed", `could not wrap for ${shown(fp)} (${kind})`);
			} finally {
				copy.fill(0);
			}
		});
}

async function wrap(part: Uint8Array, fp: string, ring: KeyRing): Promise<string> {
	const found = await ring.publicOf(fp);
	if (found === undefined) {
		const trouble = fingerprintTrouble(fp);
		throw new KeyError(
			"misconfigured",
			[`no public key for ${shown(fp)}`, ...ring.remarks, trouble ?? "pass it as publicKeys"].join("; "),
		);
	}
	const { library } = ring;
	const subkey = await encryptionKey(found, fp, library);
	const { createMessage, encrypt, enums, generateSessionKey } = library;
	const owner = found.owner as PublicKey;
	const { data, algorithm } = await generateSessionKey({ encryptionKeys: owner, config: WRITING });
	try {
		const message = await encrypt({
			// The time says nothing that `created_at` does not; the reference writes 0 too.
			message: await createMessage({ binary: part, date: new Date(0), format: "binary" }),
			encryptionKeys: owner,
			encryptionKeyIDs: subkey.getKeyID(),
			// Without an AEAD algorithm the packet is SEIPD version 1, which GnuPG reads in all its versions. The
			// reference writes it also for keys that would take another one.
			sessionKey: { data, algorithm } as never,
			format: "binary",
			config: { ...WRITING, preferredCompressionAlgorithm: enums.compression.uncompressed },
		});
		return armorMessage(message as Uint8Array, library);
	} finally {
		data.fill(0);
	}
}

/** The key or subkey to encrypt with: the newest that may, or with a trailing `!` the one that is named. */
async function encryptionKey(found: Found, fp: string, library: OpenPgp): Promise<Key | Subkey> {
	const { owner, key } = found;
	const exact = readFingerprint(fp)?.exact === true;
	try {
		return await owner.getEncryptionKey(
			exact ? key.getKeyID() : undefined,
			undefined,
			undefined,
			configOf(library),
		);
	} catch {
		// The reasons of the library are sentences: ours is found by asking the key.
	}
	const foreign = foreignCurve(owner);
	if (foreign !== undefined) {
		throw new KeyError(
			"misconfigured",
			`the key ${shown(fp)} is on the curve ${foreign}, which only gpg uses; use gpg() for it`,
		);
	}
	throw new KeyError("refused", await refusal(found, fp, exact, library));
}

/** The library's own functions for keys take no part of a configuration, only a whole one. */
function configOf({ config }: OpenPgp): typeof config {
	return { ...config, ...WRITING };
}

async function refusal({ owner, key }: Found, fp: string, exact: boolean, library: OpenPgp): Promise<string> {
	const whole = await ownerTrouble(owner, library);
	if (whole !== undefined) return `the key ${shown(fp)} ${whole}; encrypt to another one, or renew it`;
	const parts = exact ? [key] : owner.subkeys;
	const troubles = await Promise.all(
		parts.map(async (part) => {
			const trouble = "mainKey" in part ? await subkeyTrouble(part, library) : weakness(part, library);
			return `${namedAs(fp, part)} ${trouble ?? "may not encrypt"}`;
		}),
	);
	if (exact) return `the trailing ! asks for this key alone, and ${troubles[0]}`;
	return `the key ${shown(fp)} has no subkey to encrypt with${troubles.length > 0 ? `: ${troubles.join("; ")}` : ""}`;
}

async function ownerTrouble(owner: Key, library: OpenPgp): Promise<string | undefined> {
	const config = configOf(library);
	if (await owner.isRevoked(undefined, undefined, undefined, config)) return "is revoked";
	const expires = await owner.getExpirationTime(undefined, config);
	if (expires === null) return "has no valid signature of its own";
	if (expires instanceof Date && expires <= new Date()) return `expired on ${day(expires)}`;
	return weakness(owner, library);
}

async function subkeyTrouble(subkey: Subkey, library: OpenPgp): Promise<string | undefined> {
	const config = configOf(library);
	const weak = weakness(subkey, library);
	if (weak !== undefined) return weak;
	const expires = await subkey.getExpirationTime(undefined, config);
	if (expires === null) return "has no valid signature of its owner";
	if (expires instanceof Date && expires <= new Date()) return `expired on ${day(expires)}`;
	for (const signature of subkey.bindingSignatures) {
		const { keyPacket } = subkey.mainKey;
		if (await subkey.isRevoked(signature, keyPacket as never, undefined, config)) return "is revoked";
	}
	return undefined;
}

/** Keys that open what they once encrypted, and get nothing new (docs/decisions/0016). */
function weakness(key: Key | Subkey, { config, enums }: OpenPgp): string | undefined {
	const { algorithm, bits, curve } = key.getAlgorithmInfo();
	if (bits !== undefined && algorithm.startsWith("rsa") && bits < config.minRSABits) {
		return `is an RSA key of ${bits} bits, which is too weak to encrypt to`;
	}
	if (algorithm === "elgamal") return "is an ElGamal key, which is too weak to encrypt to";
	if (algorithm === "dsa") return "is a DSA key, which is too weak to vouch for its subkeys";
	if (curve !== undefined && config.rejectCurves.has(enums.curve[curve as keyof typeof enums.curve])) {
		return `is on the curve ${curve}, which is not encrypted to`;
	}
	return undefined;
}

function day(date: Date): string {
	return date.toISOString().slice(0, 10);
}
