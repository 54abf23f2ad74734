import { isKeyError, type MasterKey, SopsError, UsageError } from "@sopskit/core";
import { refOf } from "./fingerprint.ts";
import { fingerprintOf, openKeyRing } from "./key-ring.ts";
import { type PgpKeyText, readKeyTexts } from "./key-text.ts";
import { wrapWith } from "./wrap.ts";

/**
 * The master keys of public keys, for encryption; no private key is needed.
 *
 * @param publicKeys - armored text, with one key or several, bytes as `gpg --export` writes them, or a list of
 * these
 * @returns one key for each fingerprint, in the order of the texts, that wraps and cannot unwrap. In a file it
 * is named by the fingerprint of its primary key: 40 hexadecimal digits in upper case, which the reference
 * finds in ring files and gpg finds everywhere. `wrap` gives an armored message, and throws a KeyError with
 * outcome `refused` for a key that is expired, revoked or too weak, `aborted`, or `failed`
 * @throws UsageError `argument-invalid` for what is neither text nor bytes
 * @throws SopsError `key-invalid` for what holds no key, or a private one
 */
export async function pgpRecipients(
	publicKeys: PgpKeyText | readonly PgpKeyText[],
): Promise<readonly MasterKey[]> {
	if (publicKeys === undefined) {
		throw new UsageError("argument-invalid", "pgpRecipients(): give armored public keys");
	}
	const blocks = readKeyTexts(publicKeys, "public", "pgpRecipients()");
	try {
		const ring = await openKeyRing({ blocks, remarks: [] });
		const fingerprints = [...new Set(ring.publicKeys.map(fingerprintOf))];
		return fingerprints.map((fp) => Object.freeze({ ref: refOf(fp), wrap: wrapWith(fp, async () => ring) }));
	} catch (error) {
		if (!isKeyError(error) || error.outcome !== "misconfigured") throw error;
		throw new SopsError("key-invalid", `OpenPGP keys cannot be read: ${error.message}`, {
			type: "pgp",
			reason: error.message,
		});
	}
}

/**
 * The master key of a text with exactly one public key. Everything else as {@link pgpRecipients}.
 *
 * @throws SopsError `key-invalid` also where the text holds several keys
 */
export async function pgpRecipient(publicKey: PgpKeyText): Promise<MasterKey> {
	if (Array.isArray(publicKey)) {
		throw new UsageError("argument-invalid", "pgpRecipient(): give one text; pgpRecipients() takes several");
	}
	const keys = await pgpRecipients(publicKey);
	if (keys.length === 1) return keys[0]!;
	const reason = `the text holds ${keys.length} keys; use pgpRecipients() for all of them`;
	throw new SopsError("key-invalid", `OpenPGP key cannot be used: ${reason}`, { type: "pgp", reason });
}
