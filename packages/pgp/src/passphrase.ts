import { KeyError } from "@sopskit/core";
import type { PrivateKey, SecretKeyPacket } from "openpgp";
import { type Found, fingerprintOf } from "./key-ring.ts";

/** The key that a passphrase is asked for. */
export interface LockedPgpKey {
	/** Of the key, not of its subkey: 40 hexadecimal digits. */
	readonly fingerprint: string;
	/** As the key has them, such as `Ann <ann@example.org>`. */
	readonly userIds: readonly string[];
}

/**
 * The passphrase of all keys, or a function that is asked once for each key that is needed, and whose answer is
 * kept as long as the provider. `undefined` leaves the key locked.
 */
export type PgpPassphrase =
	| string
	| ((key: LockedPgpKey) => string | undefined | Promise<string | undefined>)
	| undefined;

/** Opens locked private keys, each once. */
export type Unlock = (found: Found<PrivateKey>) => Promise<void>;

/**
 * @returns a function that makes the secret half of a key ready
 * @throws (from that function) KeyError `misconfigured` where it stays locked, or is not in the key at all;
 * `denied` where the callback throws
 */
export function unlocker(passphrase: PgpPassphrase): Unlock {
	const answers = new Map<string, Promise<string | undefined>>();
	// By packet: a key may be here twice, once without its secret.
	const opened = new Map<SecretKeyPacket, Promise<void>>();

	function answerFor(owner: PrivateKey): Promise<string | undefined> {
		const fingerprint = fingerprintOf(owner);
		let answer = answers.get(fingerprint);
		if (answer === undefined) {
			answer = ask(passphrase, { fingerprint, userIds: owner.getUserIDs() });
			answers.set(fingerprint, answer);
		}
		return answer;
	}

	return ({ owner, key }) => {
		const packet = key.keyPacket as SecretKeyPacket;
		let opening = opened.get(packet);
		if (opening === undefined) {
			opening = open(packet, owner, () => answerFor(owner));
			opened.set(packet, opening);
		}
		return opening;
	};
}

async function ask(passphrase: PgpPassphrase, key: LockedPgpKey): Promise<string | undefined> {
	if (typeof passphrase !== "function") return passphrase;
	try {
		return await passphrase(key);
	} catch {
		// What the callback throws is the caller's, and may hold anything.
		throw new KeyError("denied", `the passphrase of ${key.fingerprint} was not given: the callback failed`);
	}
}

async function open(
	packet: SecretKeyPacket,
	owner: PrivateKey,
	answer: () => Promise<string | undefined>,
): Promise<void> {
	const name = fingerprintOf(owner);
	if (packet.isMissingSecretKeyMaterial()) {
		throw new KeyError(
			"misconfigured",
			`the secret half of ${name} is not in the key text (on a smart card, or left out of the export)`,
		);
	}
	if (packet.isDecrypted()) return;
	const passphrase = await answer();
	if (typeof passphrase !== "string" || passphrase === "") {
		throw new KeyError(
			"misconfigured",
			`the private key ${name} is locked: give its passphrase, or a function that does`,
		);
	}
	try {
		await packet.decrypt(passphrase);
		await packet.validate();
	} catch {
		throw new KeyError("misconfigured", `the passphrase does not open the private key ${name}`);
	}
}
