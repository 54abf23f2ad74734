import { SopsError, UsageError } from "@sopskit/core";
import { bech32Bytes } from "./bech32.ts";

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

/** A private key that was understood, not yet made ready for use. */
export type Identity =
	| { readonly kind: "x25519"; readonly text: string; readonly scalar: Uint8Array }
	| { readonly kind: "hybrid"; readonly text: string }
	| { readonly kind: "crypto-key"; readonly key: X25519PrivateKey };

/** What stands on one line, or in one word, of an identity text. `unsupported` is age, but not for us yet. */
export type IdentityReading =
	| { readonly identity: Exclude<Identity, { kind: "crypto-key" }> }
	| { readonly unsupported: string }
	| { readonly invalid: string };

/** Reads one identity. No reason holds any of the text. */
export function readIdentity(text: string): IdentityReading {
	if (text.startsWith("AGE-SECRET-KEY-PQ-1")) {
		const seed = bech32Bytes(text, "AGE-SECRET-KEY-PQ-", 32);
		return seed === undefined
			? { invalid: "a hybrid identity with a typing error or a part missing" }
			: { identity: { kind: "hybrid", text } };
	}
	if (text.startsWith("AGE-SECRET-KEY-1")) {
		const scalar = bech32Bytes(text, "AGE-SECRET-KEY-", 32);
		return scalar === undefined
			? { invalid: "an identity with a typing error or a part missing" }
			: { identity: { kind: "x25519", text, scalar } };
	}
	if (text.startsWith("AGE-PLUGIN-"))
		return { unsupported: "identities of age plugins are not supported yet" };
	if (text.startsWith("-----BEGIN AGE") || text.startsWith("age-encryption")) {
		return { unsupported: "identities protected by a passphrase are not supported yet" };
	}
	if (text.startsWith("-----BEGIN ")) return { unsupported: "SSH keys are not supported yet" };
	if (text.startsWith("age1")) return { invalid: "a recipient (the public half), not an identity" };
	if (text.startsWith("age-secret-key-")) return { invalid: "an identity must be in capital letters" };
	return { invalid: "not an age identity" };
}

/**
 * Reads what `age({ identities })` takes.
 *
 * @throws UsageError `argument-invalid` for anything but texts and X25519 private keys
 * @throws SopsError `key-invalid` for a text without identity, or with something else in it
 */
export function readIdentities(given: unknown): Identity[] {
	if (given === undefined) return [];
	const items: readonly unknown[] = Array.isArray(given) ? given : [given];
	return items.flatMap((item, index) => {
		if (typeof item === "string") return readIdentityText(item, index + 1);
		if (!isX25519PrivateKey(item)) {
			throw new UsageError(
				"argument-invalid",
				`age: identity ${index + 1} must be a text or a CryptoKey (private, X25519, usage deriveBits)`,
			);
		}
		return [{ kind: "crypto-key", key: item } as const];
	});
}

function readIdentityText(text: string, position: number): Identity[] {
	const identities: Identity[] = [];
	for (const [index, untrimmed] of text.split("\n").entries()) {
		const line = untrimmed.trim();
		if (line === "" || line.startsWith("#")) continue;
		const reading = readIdentity(line);
		if ("identity" in reading) identities.push(reading.identity);
		else invalid(`line ${index + 1} of identity text ${position}: ${Object.values(reading)[0]}`);
	}
	if (identities.length === 0) invalid(`identity text ${position} has no identity in it`);
	return identities;
}

function invalid(reason: string): never {
	throw new SopsError("key-invalid", `age identities cannot be read: ${reason}`, { type: "age", reason });
}

function isX25519PrivateKey(item: unknown): item is X25519PrivateKey {
	const CryptoKey = (globalThis as { CryptoKey?: abstract new () => unknown }).CryptoKey;
	if (CryptoKey === undefined || !(item instanceof CryptoKey)) return false;
	const key = item as X25519PrivateKey;
	return key.type === "private" && key.algorithm.name === "X25519" && key.usages.includes("deriveBits");
}
