/**
 * How one try to use a master key ended.
 *
 * - `not-mine`: the provider holds nothing for this key
 * - `no-provider`: no provider in the list answers for this type of key
 * - `refused`: the provider's `allow` or its rules forbid using what the file names
 * - `denied`: the service knows the caller and says no
 * - `wrong-key`: the key is another one, or what it wrapped does not authenticate under it (most cannot tell these apart)
 * - `damaged`: the stored `enc` is not what a key of this type writes
 * - `throttled`, `unreachable`, `timeout`: try again later
 * - `aborted`: the caller's signal
 * - `misconfigured`: credentials or settings are missing or cannot be understood
 * - `failed`: anything else; `hint` names the kind of error
 */
export type AttemptOutcome =
	| "not-mine"
	| "no-provider"
	| "refused"
	| "denied"
	| "wrong-key"
	| "damaged"
	| "throttled"
	| "unreachable"
	| "timeout"
	| "aborted"
	| "misconfigured"
	| "failed";

/** One try to wrap or unwrap, for reports. Everything in it may be shown to anyone who may see the file. */
export interface Attempt {
	/** Position of the key group in the file, from 0. */
	readonly group: number;
	readonly key: { readonly type: string; readonly id: string };
	/** Name of the provider that was asked; absent where none answers for the key. */
	readonly provider?: string;
	readonly outcome: AttemptOutcome;
	/** What was missing and what to do, in words; holds no secret. */
	readonly hint: string;
}
