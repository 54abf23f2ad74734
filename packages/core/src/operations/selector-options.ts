import { SopsError } from "../errors.ts";
import { DEFAULT_SELECTOR, type Selector, type SelectorName } from "../selectors.ts";

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

/** The selector that options name, or the default. @throws SopsError `selector-conflict` */
export function selectorOf(options: SelectorOptions): Selector {
	const given: Selector[] = [];
	for (const [name, option] of Object.entries(OPTION_OF_SELECTOR) as [
		SelectorName,
		keyof SelectorOptions,
	][]) {
		const value = options[option];
		if (value !== undefined && value !== "") given.push({ name, value });
	}
	if (given.length > 1) {
		const selectors = given.map((selector) => selector.name);
		throw new SopsError(
			"selector-conflict",
			`Only one selector can apply, and ${selectors.join(" and ")} were given.`,
			{
				selectors,
			},
		);
	}
	return given[0] ?? DEFAULT_SELECTOR;
}
