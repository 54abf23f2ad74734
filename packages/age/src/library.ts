/** The parts of `age-encryption` this package uses. */
export type AgeLibrary = Pick<
	typeof import("age-encryption"),
	| "Decrypter"
	| "Encrypter"
	| "armor"
	| "generateHybridIdentity"
	| "generateX25519Identity"
	| "identityToRecipient"
>;

let loading: Promise<AgeLibrary> | undefined;

/**
 * Loads `age-encryption` on first use: it takes some 100 ms (elliptic curves and ML-KEM), which a program
 * that only describes keys should not pay.
 */
export function loadLibrary(): Promise<AgeLibrary> {
	loading ??= import("age-encryption").catch((error: unknown) => {
		// A failed import may be a passing trouble of the file system: the next call tries again.
		loading = undefined;
		throw error;
	});
	return loading;
}
