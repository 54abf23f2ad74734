import type { AgeStanza } from "./header.ts";

/**
 * An X25519 private key of WebCrypto: a `CryptoKey` with type `private`, algorithm `X25519` and usage
 * `deriveBits`. Named by its shape, so that neither DOM nor Node types are needed.
 */
export interface X25519PrivateKey {
	readonly type: string;
	readonly extractable: boolean;
	readonly algorithm: { readonly name: string };
	readonly usages: readonly string[];
}

/** What comes with every call to an {@link AgeIdentity}. */
export interface UnwrapCall {
	/** The recipient that the entry names: what the file says, and so no proof of anything. */
	readonly recipient: string;
	/** The header of the age file, from its first to its last byte. */
	readonly header: Uint8Array;
	/** Ends the call early. */
	readonly signal?: AbortSignal;
}

/**
 * A private key that can open stanzas: an identity of `@sopskit/age/node`, or one of your own. What
 * `age-encryption` calls `Identity` (also its passkeys, `webauthn.WebAuthnIdentity`) fits.
 */
export interface AgeIdentity {
	/**
	 * Whether this is the private half of a recipient. Entries for an own recipient are tried first, and what is
	 * wrong with them is an error and not *not mine*. Absent: nobody knows before trying.
	 */
	owns?(recipient: string): boolean | Promise<boolean>;
	/**
	 * True: it needs no person, no process and no network. All entries of a file are offered to such identities
	 * before the first one is offered to any other.
	 */
	readonly silent?: boolean;
	/**
	 * Opens one of the stanzas in the header of an age file.
	 *
	 * @returns the file key (16 bytes, overwritten after use), or null where none of the stanzas is for this
	 * identity
	 * @throws KeyError with words that may be shown; of any other error, only its name is told
	 */
	unwrapFileKey(
		stanzas: AgeStanza[],
		call: UnwrapCall,
	): Uint8Array | null | undefined | Promise<Uint8Array | null | undefined>;
}

/** An object with the one function that makes an identity. */
export function isAgeIdentity(value: unknown): value is AgeIdentity {
	return typeof (value as Partial<AgeIdentity> | null)?.unwrapFileKey === "function";
}
