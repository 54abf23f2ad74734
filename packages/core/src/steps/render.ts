/// <reference lib="es2024.string" />
import { isSopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { EmitOptions, FormatCodec, ParsedFile } from "../formats/codec.ts";
import { flatText } from "../leaf/flat.ts";
import { type Leaf, sameLeaf } from "../leaf/leaf.ts";
import type { Change } from "../tree/change.ts";
import { sameBranches } from "../tree/same.ts";
import type { Branches } from "../tree/tree.ts";
import { encryptedCommentsToItems } from "./list-comments.ts";

/**
 * How a result is laid out. `reference`: byte for byte as `sops` would write it. `keep`: the author's bytes
 * wherever nothing changed.
 */
export type Layout = "reference" | "keep";

export const LAYOUTS: readonly Layout[] = ["reference", "keep"];

/**
 * Writes branches in a layout. What `keep` gives is read again and compared; if it does not say exactly what
 * the tree says, the reference's layout is written instead, with a finding.
 *
 * @param file - what was read, for `keep`
 */
export function render(
	codec: FormatCodec,
	branches: Branches,
	layout: Layout,
	options: EmitOptions,
	file: ParsedFile,
	changes: readonly Change[],
	findings: Finding[],
): string {
	if (layout === "keep") {
		const patched = codec.patch(file, changes, options);
		if (patched !== undefined && saysTheSame(codec, patched, branches)) return finished(codec, patched);
		findings.push({
			code: "layout-not-kept",
			message:
				"The layout of the file could not be kept with these changes, so it was written as sops writes it.",
		});
	}
	encryptedCommentsToItems(branches);
	return finished(codec, codec.emit(branches, options));
}

/** Lone surrogates are escaped bytes in formats of any bytes; elsewhere they come from callers, and no UTF-8 has them. */
function finished(codec: FormatCodec, text: string): string {
	return codec.content === "any" ? text : text.toWellFormed();
}

/** Flat formats hold texts only: a number is back as its text. */
function sameText(a: Leaf, b: Leaf): boolean {
	const [x, y] = [flatText(a), flatText(b)];
	return sameLeaf({ type: "str", value: x }, { type: "str", value: y });
}

function saysTheSame(codec: FormatCodec, text: string, branches: Branches): boolean {
	try {
		const again = codec.parse(text, { wideIntegers: "round" }).branches;
		return sameBranches(again, branches, codec.metadata === "nested" ? sameLeaf : sameText);
	} catch (error) {
		if (isSopsError(error)) return false;
		throw error;
	}
}
