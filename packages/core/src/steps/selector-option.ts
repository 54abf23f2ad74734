import { SopsError } from "../errors.ts";
import {
	DEFAULT_SELECTOR,
	OPTION_OF_SELECTOR,
	type Selector,
	type SelectorName,
	type SelectorOptions,
} from "../selectors.ts";

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
