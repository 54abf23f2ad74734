import { decodeAnyBytes } from "../../leaf/any-bytes.ts";
import { flatText } from "../../leaf/flat.ts";
import type { Leaf } from "../../leaf/leaf.ts";

/** A leaf as text; bytes that are not UTF-8 as {@link decodeAnyBytes} maps them. */
export function leafText(leaf: Leaf): string {
	const text = flatText(leaf);
	// A lone surrogate of a text is no escaped byte.
	return typeof text === "string" ? text.toWellFormed() : decodeAnyBytes(text);
}
