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
import { type IdentityInput, readIdentities } from "./given-identity.ts";
import { type EntryAttempt, type IdentitySet, identitySet, type Opened } from "./identity-set.ts";
import { checkOptionNames } from "./option-names.ts";
import type { AskPassphrase } from "./passphrase.ts";
import { type AgePlugins, isAgePlugins } from "./plugins.ts";
import { recipientRef, recipientTrouble, shown, wrapFor } from "./recipient.ts";

/** What {@link age} takes. */
export interface AgeOptions {
	/** The private keys. Without any, the provider can wrap for any recipient and unwrap nothing. */
	readonly identities?: IdentityInput | readonly IdentityInput[] | undefined;
	/** Gives the passphrase of an encrypted key file among the identities. */
	readonly passphrase?: AskPassphrase | undefined;
	/**
	 * Enables plugins, for `AGE-PLUGIN-…` identities and for recipients `age1<name>1…`, also those that stand in
	 * files: `agePlugins()` of `@sopskit/age/node`.
	 */
	readonly plugins?: AgePlugins | undefined;
}

/**
 * A provider that acts for age keys: wraps for any recipient, and unwraps with the identities it was given.
 * It reads no environment and no files, and starts no program but the plugins that were enabled. The cryptography
 * is loaded at the first wrap or unwrap.
 *
 * Of the keys it gives, `wrap` takes bytes and gives the text of an armored age file, and `unwrap` the
 * other way round. Identities that need no person, process or network are tried first. The KeyErrors have the
 * outcomes
 * - `wrong-key`: the recipient is one of ours, and `enc` is an age file that our identity does not open;
 * - `damaged`: the recipient is one of ours, and `enc` is not an age file, or was altered;
 * - `misconfigured`: asked to wrap for what is not a recipient, or a passphrase is missing or wrong, or a
 *   plugin is not installed;
 * - `refused`: a plugin that was not enabled is needed;
 * - `timeout`: a plugin did not answer in time;
 * - `aborted`: the caller's signal;
 * - `failed`: something that identities or recipients need does not work: a plugin, a callback, `age-encryption`.
 *
 * An `enc` of a foreign recipient that no identity opens is *not mine*, unless an identity could not be tried: then
 * the KeyError says why.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid` for options of another type
 * @throws SopsError `key-invalid` for a text that holds no identity or something else; the reason names
 * text and line, never what stands there
 */
export function age(options: AgeOptions = {}): KeyProvider {
	const { identities, passphrase, plugins } = checked(options);
	const set = identitySet(readIdentities(identities), { passphrase, plugins });
	return Object.freeze({
		name: "age",
		masterKey: (ref: KeyRef) => masterKey(ref, set, plugins),
		unwrapAny: (entries: readonly KeyEntry[], call: KeyCall) =>
			untilAborted(call.signal, () => unwrapAny(entries, call, set)),
	});
}

const CHECKS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
	identities: () => undefined,
	passphrase: (value) => (typeof value === "function" ? undefined : "a function that gives a passphrase"),
	plugins: (value) => (isAgePlugins(value) ? undefined : "what agePlugins() gives"),
};

function checked(options: AgeOptions): AgeOptions {
	checkOptionNames("age", options, Object.keys(CHECKS));
	for (const [name, value] of Object.entries(options)) {
		const expected = value === undefined ? undefined : CHECKS[name]!(value);
		if (expected !== undefined) throw new UsageError("argument-invalid", `age: ${name} must be ${expected}`);
	}
	return options;
}

function masterKey(ref: KeyRef, set: IdentitySet, plugins: AgePlugins | undefined): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "age") return undefined;
	const text = ref.fields?.recipient;
	if (typeof text !== "string") return undefined;
	const recipient = text.trim();
	return Object.freeze({
		ref: recipientRef(recipient),
		wrap: wrapFor(recipient, plugins),
		unwrap: (enc: string, call: KeyCall) =>
			untilAborted(call.signal, () => unwrap(enc, recipient, call, set)),
	});
}

async function unwrap(
	enc: string,
	recipient: string,
	call: KeyCall,
	set: IdentitySet,
): Promise<Uint8Array | NotMine> {
	if (set.size === 0) return noneGiven(recipient);
	const attempt = await whileLoading(() => set.attempt(enc, recipient, call.signal));
	return answer(await attempt.open("all"), attempt, recipient, set);
}

function noneGiven(recipient: string): NotMine {
	return { notMine: `no identity for ${shown(recipient)}; none was given` };
}

function answer(
	opened: Opened,
	{ owned }: EntryAttempt,
	recipient: string,
	set: IdentitySet,
): Uint8Array | NotMine {
	if ("part" in opened) return opened.part;
	const failures = opened.trouble === "no-match" ? opened.failures : [];
	const [failure] = failures;
	if (failure !== undefined) {
		const whys = [...new Set(failures.map(({ message }) => message))].join("; ");
		throw new KeyError(failure.outcome, owned ? whys : `no identity for ${shown(recipient)}; ${whys}`);
	}
	if (!owned) return { notMine: missing(recipient, set, opened.trouble !== "no-match") };
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
	// A plugin that only encrypts is no concern here.
	const trouble = /^age1/.test(recipient) ? undefined : recipientTrouble(recipient, undefined);
	const remarks = [
		tried,
		...(recipient === "" || trouble === undefined ? [] : [trouble]),
		...(damaged ? ["enc is not a sound age file"] : []),
	];
	return `no identity for ${shown(recipient)}; ${remarks.join("; ")}`;
}

/** All entries for those that ask nobody first, and our own ones before others: a person should be asked in vain by no file. */
async function unwrapAny(
	entries: readonly KeyEntry[],
	call: KeyCall,
	set: IdentitySet,
): Promise<UnwrapAnyResult> {
	const recipientOf = ({ ref }: KeyEntry): string => String(ref.fields.recipient ?? "").trim();
	if (set.size === 0) {
		const failures = entries.map((entry) => {
			return { entry, outcome: "not-mine" as const, hint: noneGiven(recipientOf(entry)).notMine };
		});
		return { failures };
	}
	const hands = await whileLoading(() =>
		Promise.all(
			entries.map(async (entry) => {
				const recipient = recipientOf(entry);
				return { entry, recipient, attempt: await set.attempt(entry.enc, recipient, call.signal) };
			}),
		),
	);
	const ours = [...hands.filter((one) => one.attempt.owned), ...hands.filter((one) => !one.attempt.owned)];
	const failures = new Map<KeyEntry, { entry: KeyEntry; outcome: KeyError["outcome"]; hint: string }>();
	for (const which of ["silent", "all"] as const) {
		for (const { entry, recipient, attempt } of ours) {
			// The caller has its answer already: this only ends the work.
			if (call.signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
			try {
				const opened = await attempt.open(which);
				if ("part" in opened) return { part: opened.part, entry };
				if (which === "silent") continue;
				const result = answer(opened, attempt, recipient, set);
				failures.set(entry, { entry, outcome: "not-mine", hint: (result as NotMine).notMine });
			} catch (error) {
				if (!isKeyError(error) || call.signal?.aborted) throw error;
				failures.set(entry, { entry, outcome: error.outcome, hint: error.message });
			}
		}
	}
	return { failures: entries.map((entry) => failures.get(entry)!) };
}

/** Turns trouble with making identities ready into a KeyError. */
async function whileLoading<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (isKeyError(error)) throw error;
		const kind = error instanceof Error ? error.name : "unknown error";
		throw new KeyError("failed", `the age identities could not be made ready (${kind})`);
	}
}
