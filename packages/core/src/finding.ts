import type { Path } from "./path.ts";

/** What a finding can be about. Findings never stop an operation. */
export type FindingCode =
	/** A comment in an encrypted place did not decrypt and is kept as it is (files of older versions). */
	| "comment-not-encrypted"
	/** The same key twice in one mapping; readers of data see the last one. */
	| "key-duplicate"
	/** The author's layout could not be kept, and the file was written as the reference writes it. */
	| "layout-not-kept"
	/** The MAC was not checked because the caller said so. */
	| "mac-ignored"
	/** A selector in the file is not a regular expression of RE2; like the reference, it matches nothing. */
	| "selector-invalid"
	/** Selectors were passed for a format where everything is encrypted. */
	| "selectors-ignored"
	/** A value in an encrypted place is in clear. */
	| "value-not-encrypted"
	/** An integer of a JSON file was rounded to a float on request. */
	| "integer-rounded"
	/** A metadata field this library does not know; it is kept. */
	| "metadata-unknown"
	/** An entry of a master key is older than half a year. */
	| "key-old"
	/** The file is not as its creation rule says. */
	| "rule-deviation"
	/** Whoever lost access still has it to earlier versions of the file. */
	| "history-readable"
	/** A field of a configuration that nothing reads: misspelt, or of another version. */
	| "config-field-unknown"
	/** A part of a configuration that has no effect because of another part. */
	| "config-part-ignored"
	/** A `.sops.yml` on the way upwards; the file must be called `.sops.yaml`. */
	| "config-misnamed"
	/** A key's address holds a user name or a password, which goes into every file in clear. */
	| "credentials-in-address"
	/** A creation rule that no path can reach. */
	| "rule-unreachable"
	/** Another rule matches the path too; the first one applies. */
	| "rules-overlap"
	/** A reader of environment or files met a source it could not use. */
	| "source-unusable";

/** A warning as data. `message` is for people; it never holds a value. */
export interface Finding {
	readonly code: FindingCode;
	readonly message: string;
	readonly path?: Path;
}
