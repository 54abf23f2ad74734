import type { Attempt } from "./attempt.ts";
import type { Path } from "./path.ts";

/**
 * Every coded failure and the data that comes with it. Details are public by construction: paths, names,
 * line numbers and reasons, never a value, a key or an excerpt of a file.
 */
export interface ErrorDetails {
	/** The text has no `sops` metadata. */
	"not-encrypted": { readonly format: string };
	/** Encryption was asked for a file that already has a `sops` key. */
	"already-encrypted": { readonly format: string };
	/** The text is not well-formed in its format. Lines and columns start at 1. */
	"syntax-invalid": {
		readonly format: string;
		readonly line: number;
		readonly column: number;
		readonly reason: string;
	};
	/** There is no document to encrypt or decrypt. */
	"document-empty": { readonly format: string };
	/** The root of a document is a list or a single value. */
	"root-not-mapping": { readonly found: "list" | "value" };
	/** A mapping key is not text. */
	"key-not-string": { readonly path: Path };
	/** A key appears twice in a mapping where the reference refuses it. */
	"key-duplicate": { readonly path: Path };
	/** An integer outside the signed 64-bit range of the format. */
	"integer-out-of-range": { readonly path: Path };
	/** An integer that a JavaScript number cannot hold. */
	"integer-unsafe": { readonly path: Path };
	/** Nested deeper than the reference accepts. */
	"depth-exceeded": { readonly limit: number };
	/** Aliases expand to more than allowed: per cent of all nodes, or characters. */
	"alias-limit-exceeded": { readonly limit: number };
	/** The input is larger than the caller allows. */
	"size-exceeded": { readonly limit: number };
	/** The metadata cannot be understood. */
	"metadata-invalid": { readonly field: string; readonly reason: string };
	/** More than one of the six selectors is set. */
	"selector-conflict": { readonly selectors: readonly string[] };
	/** A selector is not a regular expression of RE2. */
	"selector-invalid": { readonly selector: string; readonly reason: string };
	/** An encrypted comment would be taken for an unencrypted one on reading. */
	"comment-selector-ambiguous": { readonly path: Path };
	/** No key group gave its part of the data key. */
	"data-key-unavailable": {
		readonly attempts: readonly Attempt[];
		readonly groups: number;
		readonly threshold: number;
	};
	/** A master key could not wrap the data key. */
	"wrap-failed": { readonly attempts: readonly Attempt[] };
	/** Encryption was asked for without any master key. */
	"keys-missing": { readonly group?: number };
	/** Entries that must be encrypted anew, and nobody at hand can do it. */
	"rewrap-impossible": {
		readonly keys: readonly { readonly group: number; readonly type: string; readonly id: string }[];
	};
	/** A key that was named is none of the file's. */
	"key-not-found": { readonly id: string };
	/** No key group has this position. */
	"group-not-found": { readonly group: number; readonly groups: number };
	/** More groups would be needed than there are, or fewer than two of several. */
	"threshold-invalid": { readonly threshold: number; readonly groups: number };
	/** A key or identity text cannot be understood. */
	"key-invalid": { readonly type: string; readonly reason: string };
	/** The file has no MAC. */
	"mac-missing": Record<never, never>;
	/** The MAC does not fit the values. */
	"mac-mismatch": Record<never, never>;
	/** The MAC itself does not decrypt. */
	"mac-damaged": Record<never, never>;
	/** An encrypted value was changed, moved or cut. */
	"value-damaged": { readonly path: Path; readonly reason: "syntax" | "authentication" | "type" };
	/** A value that must be encrypted is in clear. */
	"value-not-encrypted": { readonly path: Path };
	/** The placeholder of a masked file where a secret belongs. */
	"value-masked": { readonly path: Path };
	/** A value that the format cannot hold. */
	"value-unsupported": { readonly path: Path; readonly found: string };
	/** The result is bytes that are not UTF-8, and a text was asked for. */
	"text-not-utf8": { readonly format: string };
	/** Nothing is at a path. */
	"path-not-found": { readonly path: Path };
	/** One document was asked for and the file holds several. */
	"documents-several": { readonly count: number };
	/** The data does not satisfy the caller's schema. */
	"schema-mismatch": { readonly issues: readonly { readonly path: Path }[] };
	/** A file cannot be read or written. */
	"file-unusable": { readonly path: string; readonly operation: "read" | "write"; readonly reason: string };
	/** An editor is missing, or ended with an error. */
	"editor-failed": { readonly reason: string };
	/** The format cannot be told from a path. */
	"format-unknown": { readonly path?: string };
	/** No configuration was found on the way upwards. */
	"config-not-found": {
		/** The folder where the look-up began. */
		readonly folder: string;
		/** A `.sops.yml` that was passed over: it must be called `.sops.yaml`. */
		readonly misnamed?: string;
	};
	/** A configuration, or the rule of it that applies, cannot be used. */
	"config-invalid": {
		/** Where, such as `["creation_rules", 2, "path_regex"]`; positions start at 0. */
		readonly path: Path;
		readonly reason: string;
	};
	/** No creation rule matches a path. */
	"rule-not-found": {
		/** The path as it was tested. */
		readonly path: string;
		/** The rules in their order, and why each does not apply. */
		readonly passed: readonly { readonly rule: number; readonly reason: string }[];
	};
	/** Nobody can encrypt for a key that a configuration names. */
	"provider-missing": {
		readonly missing: readonly {
			readonly type: string;
			/** Positions of the group, and of the key in it, from 0. */
			readonly group: number;
			readonly key: number;
			/** The package to install; absent where there is none. */
			readonly package?: string;
		}[];
	};
	/** The caller's signal ended the work. */
	aborted: Record<never, never>;
}

export type ErrorCode = keyof ErrorDetails;

const BRAND: unique symbol = Symbol.for("sopskit.error") as never;

/**
 * The one error of sopskit for everything that input, keys or files can cause. Misuse by the programmer is
 * a `UsageError`. `message` says what to do next; `details` has the same facts as data.
 */
export class SopsError<C extends ErrorCode = ErrorCode> extends Error {
	override readonly name: string = "SopsError";
	readonly code: C;
	readonly details: ErrorDetails[C];

	constructor(code: C, message: string, details: ErrorDetails[C]) {
		super(message);
		this.code = code;
		this.details = details;
		Object.defineProperty(this, BRAND, { value: true });
	}
}

/**
 * Tells whether something thrown is a {@link SopsError}, also one of another copy of this package.
 *
 * @param code - narrows to one code
 */
export function isSopsError<C extends ErrorCode = ErrorCode>(
	thrown: unknown,
	code?: C,
): thrown is SopsError<C> {
	if (typeof thrown !== "object" || thrown === null || !(BRAND in thrown)) return false;
	return code === undefined || (thrown as unknown as SopsError).code === code;
}
