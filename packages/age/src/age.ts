import {
	isKeyError,
	type KeyCall,
	type KeyEntry,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	type NotMine,
	type UnwrapAnyResult,
	UsageError,
} from "@sopskit/core";
import { untilAborted } from "./abort.ts";
import { readIdentities, type X25519PrivateKey } from "./identity.ts";
import { type IdentitySet, identitySet } from "./identity-set.ts";
import { recipientRef, recipientTrouble, shown, wrapFor } from "./recipient.ts";

/** What {@link age} takes. */
export interface AgeOptions {
	/**
	 * The private keys. A text is a bare `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, or the content of a
	 * key file: one identity per line, empty lines and comments (`#`) between them. A `CryptoKey` must be a
	 * private X25519 key with usage `deriveBits`. Without identities the provider can wrap for any recipient
	 * and unwrap nothing.
	 */
	readonly identities?: string | X25519PrivateKey | readonly (string | X25519PrivateKey)[];
}

/**
 * A provider that acts for age keys: wraps for any recipient, and unwraps with the identities it was given.
 * It reads no environment and no files. `age-encryption` is loaded at the first wrap or unwrap.
 *
 * Of the keys it gives, `wrap` takes bytes and gives the text of an armored age file, and `unwrap` the
 * other way round. Their KeyErrors have the outcomes
 * - `wrong-key`: the recipient is one of ours, and `enc` is an age file that our identity does not open;
 * - `damaged`: the recipient is one of ours, and `enc` is not an age file, or was altered;
 * - `misconfigured`: asked to wrap for what is not a recipient, or for one of SSH or of a plugin;
 * - `aborted`: the caller's signal;
 * - `failed`: `age-encryption` could not be loaded, or cannot work with the key.
 *
 * An `enc` of a foreign recipient that no identity opens is *not mine*.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid` for identities that are neither text nor
 * `CryptoKey`
 * @throws SopsError `key-invalid` for a text that holds no identity or something else; the reason names
 * text and line, never what stands there
 */
export function age(options: AgeOptions = {}): KeyProvider {
	const set = identitySet(readIdentities(checked(options).identities));
	return Object.freeze({
		name: "age",
		masterKey: (ref: KeyRef) => masterKey(ref, set),
		unwrapAny: (entries: readonly KeyEntry[], call: KeyCall) =>
			untilAborted(call.signal, () => unwrapAny(entries, call, set)),
	});
}

function checked(options: AgeOptions): AgeOptions {
	if (typeof options !== "object" || options === null) {
		throw new UsageError("argument-invalid", "age: the options must be an object such as { identities }");
	}
	for (const name of Object.keys(options)) {
		// A stray text used as options would have its characters for names: none is repeated here but words.
		if (name !== "identities") {
			throw new UsageError(
				"option-unknown",
				`age: unknown option ${/^\w{1,40}$/.test(name) ? name : ""}`.trim(),
			);
		}
	}
	return options;
}

function masterKey(ref: KeyRef, set: IdentitySet): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "age") return undefined;
	const text = ref.fields?.recipient;
	if (typeof text !== "string") return undefined;
	const recipient = text.trim();
	return Object.freeze({
		ref: recipientRef(recipient),
		wrap: wrapFor(recipient),
		unwrap: (enc: string, call: KeyCall) => untilAborted(call.signal, () => unwrap(enc, recipient, set)),
	});
}

async function unwrap(enc: string, recipient: string, set: IdentitySet): Promise<Uint8Array | NotMine> {
	if (set.size === 0) return { notMine: `no identity for ${shown(recipient)}; none was given` };
	const opened = await whileLoading(() => set.open(enc));
	if ("part" in opened) return opened.part;
	if (!(await set.owns(recipient)))
		return { notMine: missing(recipient, set, opened.trouble !== "no-match") };
	switch (opened.trouble) {
		case "no-match":
			throw new KeyError(
				"wrong-key",
				`there is an identity for ${shown(recipient)}, but enc is for another key, or was altered`,
			);
		case "not-armored":
			throw new KeyError("damaged", `enc of ${shown(recipient)} is not an armored age file`);
		case "altered":
			throw new KeyError("damaged", `the age file in enc of ${shown(recipient)} was altered or cut`);
	}
}

function missing(recipient: string, set: IdentitySet, damaged: boolean): string {
	const tried = set.size === 1 ? "1 identity tried" : `${set.size} identities tried`;
	const trouble = recipient === "" ? undefined : recipientTrouble(recipient);
	const remarks = [
		tried,
		...(trouble === undefined ? [] : [trouble]),
		...(damaged ? ["enc is not a sound age file"] : []),
	];
	return `no identity for ${shown(recipient)}; ${remarks.join("; ")}`;
}

async function unwrapAny(
	entries: readonly KeyEntry[],
	call: KeyCall,
	set: IdentitySet,
): Promise<UnwrapAnyResult> {
	const recipientOf = ({ ref }: KeyEntry): string => String(ref.fields.recipient ?? "").trim();
	const ours = await Promise.all(
		entries.map(async (entry) => set.size > 0 && (await whileLoading(() => set.owns(recipientOf(entry))))),
	);
	const failures = new Map<KeyEntry, { entry: KeyEntry; outcome: KeyError["outcome"]; hint: string }>();
	// Those for our own public keys first; the others after them, because a recipient is only what the file says.
	for (const entry of [...entries.filter((_, i) => ours[i]), ...entries.filter((_, i) => !ours[i])]) {
		// The caller has its answer already: this only ends the work.
		if (call.signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
		try {
			const result = await unwrap(entry.enc, recipientOf(entry), set);
			if (result instanceof Uint8Array) return { part: result, entry };
			failures.set(entry, { entry, outcome: "not-mine", hint: result.notMine });
		} catch (error) {
			if (!isKeyError(error)) throw error;
			failures.set(entry, { entry, outcome: error.outcome, hint: error.message });
		}
	}
	return { failures: entries.map((entry) => failures.get(entry)!) };
}

/**
 * Turns trouble with the library itself into a KeyError; what went wrong with a file is no error of a set.
 */
async function whileLoading<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const kind = error instanceof Error ? error.name : "unknown error";
		throw new KeyError("failed", `age-encryption could not be loaded or set up (${kind})`);
	}
}
