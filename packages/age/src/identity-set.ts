import type { Identity, X25519PrivateKey } from "./identity.ts";
import { type AgeLibrary, loadLibrary } from "./library.ts";

/** What all identities together made of one `enc`. */
export type Opened =
	| { readonly part: Uint8Array }
	/** A well-formed age file for somebody else. */
	| { readonly trouble: "no-match" }
	/** Not an armored age file, or one that was altered. */
	| { readonly trouble: "not-armored" | "altered" };

/** All identities of one provider, made ready on first use and kept ready. */
export interface IdentitySet {
	readonly size: number;
	/** Offers all identities to one `enc`. */
	open(enc: string): Promise<Opened>;
	/** Whether one of the identities is the private half of this recipient. */
	owns(recipient: string): Promise<boolean>;
}

interface Ready {
	readonly library: AgeLibrary;
	readonly decrypter: InstanceType<AgeLibrary["Decrypter"]>;
	readonly recipients: ReadonlySet<string>;
}

/** Thrown through the library by the last identity of a set, which is asked only when no other matched. */
class NoMatch extends Error {}

/** The set keeps its keys in a closure: no property of anything leads to them. */
export function identitySet(identities: readonly Identity[]): IdentitySet {
	let pending: Promise<Ready> | undefined;
	const ready = (): Promise<Ready> => {
		pending ??= makeReady(identities).catch((error: unknown) => {
			pending = undefined;
			throw error;
		});
		return pending;
	};
	return {
		size: identities.length,
		async open(enc) {
			const { library, decrypter } = await ready();
			let file: Uint8Array;
			try {
				file = library.armor.decode(enc);
			} catch {
				return { trouble: "not-armored" };
			}
			try {
				return { part: await decrypter.decrypt(file) };
			} catch (error) {
				return { trouble: error instanceof NoMatch ? "no-match" : "altered" };
			}
		},
		async owns(recipient) {
			return (await ready()).recipients.has(recipient);
		},
	};
}

async function makeReady(identities: readonly Identity[]): Promise<Ready> {
	const library = await loadLibrary();
	// One decrypter for the life of the set: adding an identity computes its public key each time.
	const decrypter = new library.Decrypter();
	const recipients = new Set<string>();
	const usable = await Promise.all(identities.map((identity) => makeUsable(identity, library)));
	for (const { key, recipient } of usable) {
		decrypter.addIdentity(key as string);
		recipients.add(recipient);
	}
	// Tells "for somebody else" from "altered" without reading the library's messages.
	decrypter.addIdentity({
		unwrapFileKey() {
			throw new NoMatch();
		},
	});
	return { library, decrypter, recipients };
}

interface Usable {
	readonly key: string | X25519PrivateKey;
	readonly recipient: string;
}

async function makeUsable(identity: Identity, { identityToRecipient }: AgeLibrary): Promise<Usable> {
	if (identity.kind === "crypto-key") {
		return { key: identity.key, recipient: await identityToRecipient(identity.key as never) };
	}
	if (identity.kind === "x25519") {
		try {
			// Imported once: from the text, the library would import the key again for each file (three times slower).
			const key = await importX25519(identity.scalar);
			return { key, recipient: await identityToRecipient(key as never) };
		} catch {
			// A runtime without X25519 in WebCrypto, or with half of it: the library brings its own.
		}
	}
	return { key: identity.text, recipient: await identityToRecipient(identity.text) };
}

/** What stands before the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = [
	0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
] as const;

async function importX25519(scalar: Uint8Array): Promise<X25519PrivateKey> {
	const pkcs8 = Uint8Array.from([...PKCS8_PREFIX, ...scalar]);
	try {
		return await globalThis.crypto.subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, false, [
			"deriveBits",
		]);
	} finally {
		pkcs8.fill(0);
	}
}
