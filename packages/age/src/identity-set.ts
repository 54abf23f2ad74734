import { isKeyError, KeyError } from "@sopskit/core";
import type { AgeFile } from "./age-file.ts";
import type { GivenIdentity } from "./given-identity.ts";
import type { AgeIdentity, UnwrapCall } from "./identity.ts";
import type { IdentityAids } from "./ready-identity.ts";
import { comparable } from "./recipient.ts";

/** What identities made of one entry. */
export type Opened =
	| { readonly part: Uint8Array }
	/** Not an armored age file, or one that was altered. */
	| { readonly trouble: "not-armored" | "altered" }
	/** A well-formed age file that none of them opens; `failures` are those that could not say. */
	| { readonly trouble: "no-match"; readonly failures: readonly KeyError[] };

/** All identities of one provider, made ready on first use and kept ready. */
export interface IdentitySet {
	readonly size: number;
	/** Takes an entry in hand; nothing is opened yet. */
	attempt(enc: string, recipient: string, signal: AbortSignal | undefined): Promise<EntryAttempt>;
}

/** One entry in the hands of a set. */
export interface EntryAttempt {
	/** Whether one of the identities is known to be the private half of the recipient. */
	readonly owned: boolean;
	/**
	 * Offers the entry to identities that were not offered it yet.
	 *
	 * @param which - `silent`: those that ask nobody; `all`: the others as well
	 */
	open(which: "silent" | "all"): Promise<Opened>;
}

interface Ready {
	/** The silent ones first; otherwise in the order in which they were given. */
	readonly identities: readonly AgeIdentity[];
	readonly read: (enc: string) => AgeFile | undefined | "altered";
	readonly openAgeFile: (file: AgeFile, fileKey: Uint8Array) => Uint8Array | undefined;
}

/** The set keeps its keys in a closure: no property of anything leads to them. */
export function identitySet(given: readonly GivenIdentity[], aids: IdentityAids): IdentitySet {
	let pending: Promise<Ready> | undefined;
	const ready = (): Promise<Ready> => {
		pending ??= makeReady(given, aids).catch((error: unknown) => {
			pending = undefined;
			throw error;
		});
		return pending;
	};
	return {
		size: given.length,
		attempt: async (enc, recipient, signal) => attempt(await ready(), enc, recipient, signal),
	};
}

async function makeReady(given: readonly GivenIdentity[], aids: IdentityAids): Promise<Ready> {
	const [{ readyIdentity }, { readAgeFile, openAgeFile }, { unarmor }] = await Promise.all([
		import("./ready-identity.ts"),
		import("./age-file.ts"),
		import("./armor.ts"),
	]);
	const all = await Promise.all(given.map((one) => readyIdentity(one, aids)));
	return {
		identities: [...all.filter(({ silent }) => silent), ...all.filter(({ silent }) => !silent)],
		read(enc) {
			const bytes = unarmor(enc);
			return bytes && (readAgeFile(bytes) ?? "altered");
		},
		openAgeFile,
	};
}

async function attempt(
	{ identities, read, openAgeFile }: Ready,
	enc: string,
	recipient: string,
	signal: AbortSignal | undefined,
): Promise<EntryAttempt> {
	const owners: AgeIdentity[] = [];
	const wanted = comparable(recipient);
	for (const identity of identities) if (await owns(identity, wanted)) owners.push(identity);
	const file = read(enc);
	// With many identities, the one that the file names is mostly the one.
	const waiting = [...owners, ...identities.filter((identity) => !owners.includes(identity))];
	const failures: KeyError[] = [];
	let altered = false;

	async function open(which: "silent" | "all"): Promise<Opened> {
		if (file === undefined) return { trouble: "not-armored" };
		if (file === "altered") return { trouble: "altered" };
		const call: UnwrapCall = { recipient, header: file.header.bytes, ...(signal && { signal }) };
		while (waiting.length > 0) {
			const next = waiting.findIndex(({ silent }) => silent || which === "all");
			if (next === -1) break;
			if (signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
			const [identity] = waiting.splice(next, 1);
			let fileKey: Uint8Array | null | undefined;
			try {
				fileKey = await identity!.unwrapFileKey(file.header.stanzas, call);
			} catch (error) {
				// A silent one throws only for a malformed stanza of its type.
				if (identity!.silent && !isKeyError(error)) altered = true;
				else failures.push(asKeyError(error));
				continue;
			}
			if (!fileKey) continue;
			const part = openAgeFile(file, fileKey);
			fileKey.fill(0);
			if (part) return { part };
			altered = true;
		}
		return altered ? { trouble: "altered" } : { trouble: "no-match", failures };
	}
	return { owned: owners.length > 0, open };
}

/** An `owns` of somebody else's that fails says nothing. */
async function owns(identity: AgeIdentity, recipient: string): Promise<boolean> {
	try {
		return (await identity.owns?.(recipient)) === true;
	} catch {
		return false;
	}
}

function asKeyError(error: unknown): KeyError {
	if (isKeyError(error)) return error;
	const name = error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : "unknown error";
	return new KeyError("failed", `an identity failed with ${name}`);
}
