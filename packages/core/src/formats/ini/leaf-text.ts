import { flatText } from "../../leaf/flat.ts";
import type { Leaf } from "../../leaf/leaf.ts";

/** A leaf as text; `undefined` for bytes that are not UTF-8, which files of INI cannot hold here. */
export function leafText(leaf: Leaf): string | undefined {
	const text = flatText(leaf);
	return typeof text === "string" ? text.toWellFormed() : undefined;
}
