import { KeyError } from "@sopskit/core";

/** The parts of `age-encryption` this package uses. */
export type AgeLibrary = Pick<
	typeof import("age-encryption"),
	"Decrypter" | "Encrypter" | "generateHybridIdentity" | "generateX25519Identity" | "identityToRecipient"
>;

let loading: Promise<AgeLibrary> | undefined;

/**
 * Loads `age-encryption` on first use: it takes some 100 ms (elliptic curves and ML-KEM), which only those should
 * pay who need more than X25519 and SSH keys.
 *
 * @throws KeyError `failed`
 */
export function loadLibrary(): Promise<AgeLibrary> {
	loading ??= import("age-encryption").catch((error: unknown) => {
		// A failed import may be a passing trouble of the file system: the next call tries again.
		loading = undefined;
		const kind = error instanceof Error ? error.name : "unknown error";
		throw new KeyError("failed", `age-encryption could not be loaded (${kind})`);
	});
	return loading;
}
