/** The formats of the reference. */
export type Format = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** A typed leaf. Numbers are text: an int in decimal, a float as Go writes it with 'g', -1; a time is RFC 3339. */
export type Leaf =
	| { readonly str: string }
	/** A string that is not UTF-8, in base64. */
	| { readonly bytes: string }
	| { readonly int: string }
	| { readonly float: string }
	| { readonly bool: boolean }
	| { readonly time: string }
	| { readonly null: true };

export type Comment =
	| { readonly comment: string; readonly inline: boolean }
	| { readonly commentBytes: string; readonly inline: boolean };

export type Item =
	| { readonly key: string; readonly value: Value }
	| { readonly keyBytes: string; readonly value: Value }
	| Comment;

export interface MapValue {
	readonly map: readonly Item[];
}

export interface ListValue {
	readonly list: readonly Value[];
}

/** The oracle's answers may also hold `{ unknown, text }` and items `{ badKey, text, value }`: what a tree should not hold. */
export type Value = MapValue | ListValue | Comment | Leaf;

/** The documents of a file. */
export type Tree = readonly MapValue[];

export type Selector =
	| "unencrypted_suffix"
	| "encrypted_suffix"
	| "unencrypted_regex"
	| "encrypted_regex"
	| "unencrypted_comment_regex"
	| "encrypted_comment_regex";

/** Text as UTF-8, or bytes as they are. */
export type Text = string | Uint8Array;

interface FormatOptions {
	readonly format: Format;
	/** Another format to write. */
	readonly outputFormat?: Format;
	/** As `sops --indent`; absent: 4 for YAML, a tab for JSON. */
	readonly indent?: number;
}

export interface Emitted {
	readonly text: string;
	/** The same before it was decoded as UTF-8. */
	readonly bytes: Buffer;
}

export interface EncryptOptions extends FormatOptions {
	readonly text: Text;
	readonly selectors?: { readonly [name in Selector]?: string };
	readonly macOnlyEncrypted?: boolean;
	readonly shamirThreshold?: number;
	/** One key group of these. */
	readonly ageRecipients?: readonly string[];
	/** Several key groups, instead of `ageRecipients`. */
	readonly keyGroups?: readonly (readonly string[])[];
	/** Absent: random. */
	readonly dataKey?: Uint8Array;
	/** `enc` of an earlier answer for the same `dataKey` and keys: saves the wrapping. */
	readonly enc?: readonly (readonly string[])[];
	/** RFC 3339. Absent: now. */
	readonly lastModified?: string;
}

export interface Encrypted extends Emitted {
	readonly dataKey: Buffer;
	/** The plaintext MAC: upper-case hex. */
	readonly mac: string;
	readonly lastModified: string;
	/** The wrapped (part of the) data key of each key, by group. */
	readonly enc: readonly (readonly string[])[];
}

export interface DecryptOptions extends FormatOptions {
	readonly text: Text;
	/** Lines of an identity file. */
	readonly ageIdentity?: string;
	readonly dataKey?: Uint8Array;
	readonly ignoreMac?: boolean;
	/** Leaves `tree` out of the answer. */
	readonly skipTree?: boolean;
	/** Does not emit the plaintext. */
	readonly skipText?: boolean;
}

export interface Decrypted extends Emitted {
	readonly tree: Tree;
	readonly dataKey: Buffer;
	readonly computedMac: string;
	/** Absent when it does not decrypt (which only `ignoreMac` lets pass). */
	readonly storedMac?: string;
	readonly metadata: {
		readonly version: string;
		readonly lastModified: string;
		readonly macOnlyEncrypted: boolean;
		readonly shamirThreshold: number;
		/** The default suffix rule stands here too when the file names none. */
		readonly selectors: { readonly [name in Selector]?: string };
		readonly keyGroups: readonly (readonly { readonly type: string; readonly id: string }[])[];
	};
}

/** A key of a rule, as its entry in a file would name it. */
export interface RuleKey {
	readonly type: string;
	/** What the reference prints for the key. */
	readonly id: string;
	/** Every field of the entry but `enc` and `created_at`, also empty ones. */
	readonly fields: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** What a `.sops.yaml` gives for a file. */
export interface Rule {
	readonly keyGroups: readonly (readonly RuleKey[])[];
	/** 0 when there is none. */
	readonly shamirThreshold: number;
	readonly selectors: { readonly [name in Selector]?: string };
	readonly macOnlyEncrypted: boolean;
	readonly omitExtensions?: boolean;
	/** Where a file called `name` would go. */
	readonly destination?: string;
}

export interface PgpOptions {
	readonly text: Text;
	/** Of the primary key, in upper case. */
	readonly pgpFingerprint: string;
	/** The path of a file of binary keys. */
	readonly pgpRing: string;
}

interface Operations {
	version: [Record<never, never>, { readonly sops: string; readonly go: string }];
	/** Text to tree, as `LoadPlainFile`. */
	load: [FormatOptions & { readonly text: Text }, { readonly tree: Tree }];
	/** Tree to text, as `EmitPlainFile`. */
	emit: [FormatOptions & { readonly tree: Tree }, Emitted];
	roundtrip: [
		FormatOptions & { readonly text: Text; readonly skipTree?: boolean },
		Emitted & { readonly tree: Tree },
	];
	/** As `sops encrypt`. */
	encrypt: [EncryptOptions, Encrypted];
	/** As `sops decrypt`. */
	decrypt: [DecryptOptions, Decrypted];
	/** What a configuration (`text`) gives for a file, a path relative to the folder of the configuration. Azure keys without a version would be looked up over the network. */
	rule: [
		{
			readonly text: Text;
			readonly file: string;
			/** The destination rule instead of the creation rule. */
			readonly destination?: boolean;
			/** As `--encryption-context`. */
			readonly kmsContext?: Readonly<Record<string, string>>;
		},
		{
			/** Null when the configuration has no creation rules. */
			readonly rule: Rule | null;
			readonly indents: { readonly yaml: number; readonly json: number; readonly binary: number };
		},
	];
	/** The keys of one flag's text, such as that of `--kms`. */
	flags: [
		{
			readonly keyType: string;
			readonly text: Text;
			readonly awsProfile?: string;
			readonly kmsContext?: Readonly<Record<string, string>>;
		},
		{ readonly keys: readonly RuleKey[] },
	];
	/** Wraps `text`, the bytes of a data key, with the Go library for OpenPGP. */
	pgpWrap: [PgpOptions, Emitted];
	/** Unwraps `text`, an `enc`, with the Go library for OpenPGP. */
	pgpUnwrap: [PgpOptions, { readonly dataKey: Buffer }];
	/** Wraps a data key for the first recipient. */
	wrap: [
		{ readonly ageRecipients: readonly string[]; readonly dataKey: Uint8Array },
		{ readonly enc: readonly (readonly string[])[] },
	];
	/** Unwraps the first `enc`, with the lines of an identity file or with an SSH key. */
	unwrap: [
		{
			readonly ageRecipients: readonly string[];
			readonly enc: readonly (readonly string[])[];
			readonly ageIdentity: string;
		},
		{ readonly dataKey: Buffer },
	];
	/** Wall times inside the oracle: of each run of `target`, or of each pass over all `targets` by `parallel` workers. */
	time: [
		{
			readonly target?: Target;
			readonly targets?: readonly Target[];
			readonly runs: number;
			readonly parallel?: number;
		},
		{ readonly nanoseconds: readonly number[] },
	];
}

export type Target = {
	[op in Exclude<keyof Operations, "time">]: { readonly op: op } & Operations[op][0];
}[Exclude<keyof Operations, "time">];

/** An answer of the oracle that says no. */
export class OracleError extends Error {
	/** The step of the flow: options, load, rule, already-encrypted, version, key, tree, mac, emit; process when the oracle died. */
	readonly stage: string | undefined;
	/** The code of sops panicked. */
	readonly panic: boolean;
}

/** The oracle program: started with the first call, and then kept; any number of calls may be under way. */
export class Oracle {
	constructor(path: string);
	/**
	 * @param options - `timeout` in milliseconds: the program is killed when it takes longer, and all calls under
	 * way fail with stage `process`; the next call starts it again. Without it a call may take forever.
	 * @throws {@link OracleError} when the reference refuses
	 */
	call<op extends keyof Operations>(
		op: op,
		args: Operations[op][0],
		options?: { readonly timeout?: number },
	): Promise<Operations[op][1]>;
	/** Ends the program when all calls are answered. A later call starts it again. */
	close(): Promise<void>;
}

export interface RunOptions {
	readonly input?: Text;
	/** All that the program sees, besides PATH and a HOME that is empty. */
	readonly env?: Readonly<Record<string, string>>;
	/** Absent: the empty folder that is also HOME. */
	readonly cwd?: string;
}

export interface RunResult {
	readonly status: number | null;
	readonly signal: string | null;
	readonly stdout: string;
	/** Standard output before it was decoded. */
	readonly bytes: Buffer;
	readonly stderr: string;
}

export interface Reference {
	/** Paths of the programs. */
	readonly sops: string;
	readonly age: string;
	readonly ageKeygen: string;
	/** The folder with age's own plugins `age-plugin-batchpass`, `-pq`, `-tag` and `-tagpq`. */
	readonly agePlugins: string;
	readonly oracle: Oracle;
	runSops(args: readonly string[], options?: RunOptions): Promise<RunResult>;
	runAge(args: readonly string[], options?: RunOptions): Promise<RunResult>;
	runAgeKeygen(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** The installed reference, or `undefined` when it is absent or of another version than oracle/go.mod pins. */
export function openReference(): Reference | undefined;

/** What the installation lacks; empty when it is complete. */
export function missingReference(): readonly string[];
