import { SopsError, UsageError } from "@sopskit/core";
import { type AgeIdentity, isAgeIdentity, type X25519PrivateKey } from "./identity.ts";
import { type ReadIdentity, readIdentityText } from "./identity-text.ts";
import { isProtected, readProtected } from "./protected-file.ts";

/** A key file, as text or as bytes, or one identity. */
export type IdentityContent = string | Uint8Array;

/**
 * What holds identities:
 * - a text: a bare `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…` or `AGE-PLUGIN-…`, or the content of a key file,
 *   with one identity per line, empty lines and comments (`#`) between them; or a key file that is encrypted
 *   with a passphrase (`age -p`);
 * - the bytes of such a file;
 * - a private X25519 `CryptoKey` with usage `deriveBits`;
 * - an {@link AgeIdentity}, such as an SSH key (`sshIdentity()` of `@sopskit/age/node`);
 * - a function that gives a text or bytes, from a password manager, say. It is called when no other identity opens
 *   a file, and not again once it has answered.
 */
export type IdentityInput =
	| IdentityContent
	| X25519PrivateKey
	| AgeIdentity
	| (() => IdentityContent | Promise<IdentityContent>);

/** What was given, understood as far as it can be without asking anybody. */
export type GivenIdentity =
	| ReadIdentity
	| { readonly kind: "crypto-key"; readonly key: X25519PrivateKey }
	| { readonly kind: "protected"; readonly file: Uint8Array; readonly name: string }
	| { readonly kind: "supplied"; readonly supply: () => unknown; readonly name: string }
	| { readonly kind: "own"; readonly identity: AgeIdentity };

/**
 * Reads what `age({ identities })` takes.
 *
 * @throws UsageError `argument-invalid` for anything but an {@link IdentityInput}
 * @throws SopsError `key-invalid` for a text without identity, or with something else in it
 */
export function readIdentities(given: unknown): GivenIdentity[] {
	if (given === undefined) return [];
	const items: readonly unknown[] = Array.isArray(given) ? given : [given];
	return items.flatMap((item, index): GivenIdentity[] => {
		const position = index + 1;
		if (typeof item === "string" || item instanceof Uint8Array) {
			const name = `identity text ${position}`;
			const read = readContent(item, name);
			if (typeof read === "string") {
				const reason = read;
				throw new SopsError("key-invalid", `age identities cannot be read: ${reason}`, {
					type: "age",
					reason,
				});
			}
			return read;
		}
		if (typeof item === "function") {
			return [
				{ kind: "supplied", supply: item as () => unknown, name: `the function for identity ${position}` },
			];
		}
		if (isAgeIdentity(item)) return [{ kind: "own", identity: item }];
		if (isX25519PrivateKey(item)) return [{ kind: "crypto-key", key: item }];
		throw new UsageError(
			"argument-invalid",
			`age: identity ${position} must be a text, bytes, a CryptoKey (private, X25519, usage deriveBits), an AgeIdentity or a function`,
		);
	});
}

/** Reads a key file, or says what is wrong with it. */
export function readContent(content: IdentityContent, name: string): GivenIdentity[] | string {
	const start = typeof content === "string" ? content.trimStart() : content;
	if (isProtected(start)) {
		const file = readProtected(start);
		return "trouble" in file ? `${name}: ${file.trouble}` : [{ kind: "protected", file, name }];
	}
	const text = typeof content === "string" ? content : new TextDecoder().decode(content);
	const read = readIdentityText(text, "loose");
	if (typeof read === "string") return read.replace(":", ` of ${name}:`);
	return read.length === 0 ? `${name} has no identity in it` : read;
}

function isX25519PrivateKey(item: unknown): item is X25519PrivateKey {
	const CryptoKey = (globalThis as { CryptoKey?: abstract new () => unknown }).CryptoKey;
	if (CryptoKey === undefined || !(item instanceof CryptoKey)) return false;
	const key = item as X25519PrivateKey;
	return key.type === "private" && key.algorithm.name === "X25519" && key.usages.includes("deriveBits");
}
