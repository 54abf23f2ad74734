import type { PartialConfig } from "openpgp";

/** The parts of `openpgp` this package uses. */
export type OpenPgp = Pick<
	typeof import("openpgp"),
	| "armor"
	| "config"
	| "createMessage"
	| "decrypt"
	| "encrypt"
	| "enums"
	| "generateKey"
	| "generateSessionKey"
	| "readKeys"
	| "readMessage"
>;

let loading: Promise<OpenPgp> | undefined;

/**
 * Loads `openpgp` on first use: it takes some 50 ms, which a program that only describes keys should not pay.
 */
export function loadLibrary(): Promise<OpenPgp> {
	loading ??= import("openpgp").catch((error: unknown) => {
		// A failed import may be a passing trouble of the file system: the next call tries again.
		loading = undefined;
		throw error;
	});
	return loading;
}

/**
 * For reading keys and messages. Old keys may lack key flags, or be signed with hashes that are weak today: that
 * is a reason not to encrypt to them, and none to lose what was encrypted (docs/decisions/0016).
 */
export const READING: PartialConfig = {
	allowMissingKeyFlags: true,
	rejectHashAlgorithms: new Set(),
	// A data key is small; what inflates to more is no data key.
	maxDecompressedMessageSize: 65_536,
};

/** For encrypting: the library's own demands, except for key flags, which old keys do not have. */
export const WRITING: PartialConfig = { allowMissingKeyFlags: true };
