import type { Message, PrivateKey } from "openpgp";
import { type OpenPgp, READING } from "./library.ts";

/** What the text of an `enc` is, before any key is tried. */
export type Reading =
	/** The message is good for one try with a key. */
	| { readonly keyIds: readonly string[]; readonly message: Message<string> }
	/** Not an armored message of packets that are known. */
	| { readonly trouble: "not-armored" }
	/** A message that is not encrypted, or without a check of its integrity: nothing of it is believed. */
	| { readonly trouble: "not-encrypted" | "no-integrity" }
	/** Encrypted, and for passphrases only. */
	| { readonly trouble: "no-recipient" };

/** Reads a message as far as that goes without a key. */
export async function readMessage(enc: string, library: OpenPgp): Promise<Reading> {
	const message = await parse(enc, library);
	if (message === undefined) return { trouble: "not-armored" };
	const { packet } = library.enums;
	const tags = message.packets.map((one) => (one.constructor as unknown as { tag: number }).tag);
	if (tags.includes(packet.symmetricallyEncryptedData)) return { trouble: "no-integrity" };
	const data: readonly number[] = [packet.symEncryptedIntegrityProtectedData, packet.aeadEncryptedData];
	if (!tags.some((tag) => data.includes(tag))) return { trouble: "not-encrypted" };
	const keyIds = message.getEncryptionKeyIDs().map((id) => id.toHex().toUpperCase());
	return keyIds.length === 0 ? { trouble: "no-recipient" } : { keyIds, message };
}

/**
 * Decrypts with one key that is ready. Undefined where it does not open the message, or the message was altered;
 * the library cannot tell these apart, and neither should an answer.
 *
 * @param unused - the message as {@link readMessage} gave it, for the first try
 */
export async function openMessage(
	enc: string,
	key: PrivateKey,
	library: OpenPgp,
	unused: Message<string> | undefined,
): Promise<Uint8Array | undefined> {
	const message = unused ?? (await parse(enc, library));
	if (message === undefined) return undefined;
	try {
		const { data } = await library.decrypt({
			message,
			decryptionKeys: key,
			format: "binary",
			config: READING,
		});
		return data as Uint8Array;
	} catch {
		return undefined;
	}
}

async function parse(enc: string, { readMessage: read }: OpenPgp): Promise<Message<string> | undefined> {
	try {
		return await read({ armoredMessage: enc, config: READING });
	} catch {
		return undefined;
	}
}
