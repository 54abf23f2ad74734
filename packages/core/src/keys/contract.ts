import type { AttemptOutcome } from "../attempt.ts";
import type { KeyFields } from "./key-fields.ts";
import type { RuleSyntax } from "./rule-syntax/rule-syntax.ts";

/**
 * A key as a file or a configuration names it: data, no credentials. `type` and `id` together say whether
 * two refs are the same key; `id` is also what a person recognises in reports.
 */
export interface KeyRef {
	/** Name of the key's list in the metadata: `age`, `pgp`, `kms`, `gcp_kms`, `azure_kv`, `hc_vault`, `hckms`, or a third party's. */
	readonly type: string;
	readonly id: string;
	/** What the metadata stores for this key beside `enc` and `created_at`. */
	readonly fields: KeyFields;
}

/** One stored entry: a key and what it wrapped. */
export interface KeyEntry {
	readonly ref: KeyRef;
	/** The wrapped data key, or the wrapped share of it, as the text the file stores. */
	readonly enc: string;
	/** RFC 3339 with seconds; absent for types that store none. */
	readonly createdAt?: string;
}

/** The syntax of one type of key: how entries and rules turn into refs. Knows no credentials. */
export interface KeyType {
	readonly type: string;
	/** Whether entries of this type carry `created_at`. */
	readonly timestamped: boolean;
	/**
	 * Reads the fields of an entry, without `enc` and `created_at`.
	 * @throws SopsError `key-invalid` when the fields cannot name a key
	 */
	fromFields(fields: KeyFields): KeyRef;
	/** How `.sops.yaml` names keys of this type; absent: not at all. */
	readonly rules?: RuleSyntax;
}

/** What comes with every call to a key. */
export interface KeyCall {
	/** Ends the call early; a provider honours it down to the socket. */
	readonly signal?: AbortSignal;
}

/** The answer "this key is not one I can act for", with a reason that may be shown to anyone. */
export interface NotMine {
	readonly notMine: string;
}

/**
 * One master key, bound to someone who can act for it: wraps the data key of a file, or a share of it, and
 * unwraps it again. A part is 32 bytes, or 33 for a share; a provider must not assume a length. The core
 * overwrites parts after use, so a provider keeps none and returns fresh arrays.
 */
export interface MasterKey {
	readonly ref: KeyRef;
	/** Looks up what encryption must store and the caller left open (an Azure key version). */
	resolve?(call: KeyCall): Promise<KeyRef>;
	/**
	 * Wraps a part; the result is stored as `enc`. Absent: this key can only decrypt. Always answers with a
	 * promise; once the signal aborts it rejects with `aborted`, even where the work itself cannot be stopped.
	 * @throws KeyError always with a public message
	 */
	wrap?(part: Uint8Array, call: KeyCall): Promise<string>;
	/**
	 * Unwraps the text of an `enc`. Absent: this key can only encrypt. *Not mine* is an answer, not an error.
	 * Promise and abort as for {@link wrap}.
	 * @throws KeyError when the key is this one's and it still cannot be unwrapped
	 */
	unwrap?(enc: string, call: KeyCall): Promise<Uint8Array | NotMine>;
}

/**
 * What {@link KeyProvider.unwrapAny} found: a part, or one failure for every entry, with the outcome that
 * `unwrap` would have had. `entry` is the very object that was passed.
 */
export type UnwrapAnyResult =
	| { readonly part: Uint8Array; readonly entry: KeyEntry }
	| {
			readonly failures: readonly {
				readonly entry: KeyEntry;
				readonly outcome: AttemptOutcome;
				readonly hint: string;
			}[];
	  };

/** Someone who can act for keys: holds credentials, identities and clients. Passed as a value, never registered. */
export interface KeyProvider {
	/** For reports, such as `age` or `aws-kms`. */
	readonly name: string;
	/**
	 * The key of a ref, if this provider answers for it. Does no I/O and does not throw, whatever the ref holds:
	 * refs come out of files. The key's own ref may be a normalised one.
	 */
	masterKey(ref: KeyRef): MasterKey | undefined;
	/**
	 * Unwraps any one of several entries that wrap the same part, where offering all identities to all of them
	 * at once is cheaper than one after the other (age, OpenPGP). Called only with entries that
	 * {@link masterKey} answered for. Does not throw for what an entry holds.
	 * @throws KeyError `aborted`, or `failed` when the provider itself cannot work
	 */
	unwrapAny?(entries: readonly KeyEntry[], call: KeyCall): Promise<UnwrapAnyResult>;
	/** Ends pooled connections. */
	close?(): Promise<void>;
}

const BRAND: unique symbol = Symbol.for("sopskit.key-error") as never;

/**
 * The way a provider says that a key failed. The message is shown to people and holds no secret; errors of
 * SDKs are reduced to name, status, code and request id before they come near it, and never kept as `cause`.
 */
export class KeyError extends Error {
	override readonly name: string = "KeyError";
	readonly outcome: AttemptOutcome;

	constructor(outcome: AttemptOutcome, message: string) {
		super(message);
		this.outcome = outcome;
		Object.defineProperty(this, BRAND, { value: true });
	}
}

/** Tells whether something thrown is a {@link KeyError}, also one of another copy of this package. */
export function isKeyError(thrown: unknown): thrown is KeyError {
	return typeof thrown === "object" && thrown !== null && BRAND in thrown;
}
