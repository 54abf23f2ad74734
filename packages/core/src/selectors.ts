/// <reference lib="es2024.string" />
import { SopsError } from "./errors.ts";
import { compilePattern } from "./pattern.ts";

/** The six ways to say which values are encrypted; at most one applies to a file (format section 3). */
export type SelectorName =
	| "unencrypted_suffix"
	| "encrypted_suffix"
	| "unencrypted_regex"
	| "encrypted_regex"
	| "unencrypted_comment_regex"
	| "encrypted_comment_regex";

export const SELECTOR_NAMES: readonly SelectorName[] = [
	"unencrypted_suffix",
	"encrypted_suffix",
	"unencrypted_regex",
	"encrypted_regex",
	"unencrypted_comment_regex",
	"encrypted_comment_regex",
];

export interface Selector {
	readonly name: SelectorName;
	readonly value: string;
}

/** At most one of these says which values are encrypted; without any, all but keys that end in `_unencrypted`. */
export interface SelectorOptions {
	readonly unencryptedSuffix?: string | undefined;
	readonly encryptedSuffix?: string | undefined;
	/** RE2, searched anywhere in each key on the way to a value. */
	readonly unencryptedRegex?: string | undefined;
	/** RE2, searched anywhere in each key on the way to a value. */
	readonly encryptedRegex?: string | undefined;
	/** RE2, searched in the comments above a value. */
	readonly unencryptedCommentRegex?: string | undefined;
	/** RE2, searched in the comments above a value. */
	readonly encryptedCommentRegex?: string | undefined;
}

export const OPTION_OF_SELECTOR: Readonly<Record<SelectorName, keyof SelectorOptions>> = {
	unencrypted_suffix: "unencryptedSuffix",
	encrypted_suffix: "encryptedSuffix",
	unencrypted_regex: "unencryptedRegex",
	encrypted_regex: "encryptedRegex",
	unencrypted_comment_regex: "unencryptedCommentRegex",
	encrypted_comment_regex: "encryptedCommentRegex",
};

/** What applies, and is written, when nothing is chosen. */
export const DEFAULT_SELECTOR: Selector = { name: "unencrypted_suffix", value: "_unencrypted" };

/**
 * A selector ready to judge keys or comments. Verdicts on keys are kept by name: files have few names and
 * many values.
 */
export class Judge {
	readonly selector: Selector;
	/** Whether comments decide, and not keys. */
	readonly byComment: boolean;
	/** Whether a match means encrypted. */
	readonly matchEncrypts: boolean;
	/** Set when the pattern is not one of RE2: like in the reference, it then matches nothing. */
	readonly invalid: string | undefined;
	private readonly matchText: (text: string) => boolean;
	private readonly verdicts = new Map<string, boolean>();

	constructor(selector: Selector) {
		this.selector = selector;
		this.byComment = selector.name.endsWith("_comment_regex");
		this.matchEncrypts = selector.name.startsWith("encrypted");
		if (selector.name.endsWith("_suffix")) {
			this.matchText = (text) => text.endsWith(selector.value);
			return;
		}
		const pattern = compilePattern(selector.value);
		if (typeof pattern === "string") {
			this.invalid = pattern;
			this.matchText = () => false;
		} // Go reads a byte that is no character as U+FFFD.
		else this.matchText = (text) => pattern.test(text.toWellFormed());
	}

	matches(text: string): boolean {
		let verdict = this.verdicts.get(text);
		if (verdict === undefined) {
			verdict = this.matchText(text);
			// Comments differ from each other, and hostile files have no end of names.
			if (this.verdicts.size < 4096) this.verdicts.set(text, verdict);
		}
		return verdict;
	}

	/** @throws SopsError `selector-invalid` for a pattern that RE2 refuses; for encryption, where it would pass in silence */
	requireValid(): this {
		if (this.invalid === undefined) return this;
		throw new SopsError(
			"selector-invalid",
			`The selector ${this.selector.name} is not a regular expression of RE2. Look-around and back-references do not exist there.`,
			{ selector: this.selector.name, reason: this.invalid },
		);
	}
}
