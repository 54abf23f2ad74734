import { isKeyError, KeyError, type NotMine } from "@sopskit/core";
import { fingerprintTrouble, shown } from "./fingerprint.ts";
import { foreignCurve, type KeyRing } from "./key-ring.ts";
import { openMessage, readMessage } from "./message.ts";
import type { Unlock } from "./passphrase.ts";

/** Why a message cannot be read, in the words of an error about `enc`. */
const TROUBLES = {
	"not-armored": "is not an armored OpenPGP message",
	"not-encrypted": "is a message that is not encrypted",
	"no-integrity": "has no protection of its integrity, so nothing of it is believed",
	"no-recipient": "is encrypted to a passphrase, not to a key",
} as const;

/**
 * Unwraps with the private keys of a ring. The `fp` does not choose the key: the message names its keys, and any
 * that is here will do, as with the reference. It says whose failure it is.
 *
 * @throws KeyError `wrong-key`, `damaged`, `misconfigured`, `denied`
 */
export async function unwrap(
	enc: string,
	fp: string,
	ring: KeyRing,
	unlock: Unlock,
): Promise<Uint8Array | NotMine> {
	const mine = ring.privateOf(fp).length > 0;
	const reading = await readMessage(enc, ring.library);
	if ("trouble" in reading) {
		const trouble = `enc of ${shown(fp)} ${TROUBLES[reading.trouble]}`;
		if (mine) throw new KeyError("damaged", trouble);
		return { notMine: `${missing(fp, ring)}; enc is no sound message` };
	}
	const candidates = ring.candidates(reading.keyIds);
	const named = candidates.some(({ key }) => reading.keyIds.includes(key.getKeyID().toHex().toUpperCase()));
	let locked: KeyError | undefined;
	let foreign: string | undefined;
	let tried = 0;
	for (const found of candidates) {
		try {
			await unlock(found);
		} catch (error) {
			if (!isKeyError(error)) throw error;
			locked ??= error;
			continue;
		}
		const part = await openMessage(enc, found.owner, ring.library, tried === 0 ? reading.message : undefined);
		tried += 1;
		if (part === undefined) {
			foreign ??= foreignCurve(found.owner);
			continue;
		}
		if (part.length > 0) return part;
		throw new KeyError("damaged", `enc of ${shown(fp)} opens and holds nothing`);
	}
	if (locked !== undefined && (mine || named)) throw locked;
	if (foreign !== undefined && (mine || named)) {
		throw new KeyError(
			"misconfigured",
			`the private key for ${shown(fp)} is on the curve ${foreign}, which only gpg uses; give gpg() beside pgp()`,
		);
	}
	if (!mine) return { notMine: missing(fp, ring) };
	if (tried > 0 && named) {
		throw new KeyError(
			"damaged",
			`the message in enc of ${shown(fp)} was altered or cut, or uses what is not read here (gpg may read it)`,
		);
	}
	throw new KeyError(
		"wrong-key",
		`there is a private key for ${shown(fp)}, but enc is for ${reading.keyIds.map((id) => `key id ${id}`).join(", ")}`,
	);
}

function missing(fp: string, { privateCount: count, remarks }: KeyRing): string {
	const tried =
		count === 0 ? "none was given" : count === 1 ? "1 private key tried" : `${count} private keys tried`;
	const trouble = fingerprintTrouble(fp);
	return [
		`no private key for ${shown(fp)}`,
		tried,
		...remarks,
		...(trouble === undefined ? [] : [trouble]),
	].join("; ");
}
