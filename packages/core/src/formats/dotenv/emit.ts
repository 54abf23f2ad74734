/// <reference lib="es2024.string" />
import { SopsError } from "../../errors.ts";
import { decodeAnyBytes } from "../../leaf/any-bytes.ts";
import { flatText } from "../../leaf/flat.ts";
import { formatPath, type Path } from "../../path.ts";
import type { Branches, CommentNode, EntryNode } from "../../tree/tree.ts";

/**
 * The tree as sops 3.13.3 writes dotenv (stores/dotenv/store.go): a line for each comment and entry, newlines in
 * values as the two characters `\n`. Only the first branch is written, as there.
 *
 * Stricter than the reference in what it could not read again: names with `=` or newlines, or with `#` in front, and
 * comments of several lines.
 *
 * @throws `value-unsupported` for lists, mappings and such names and comments; `document-empty` without a branch
 */
export function emitDotenv(branches: Branches): string {
	const [branch] = branches;
	if (branch === undefined) {
		throw new SopsError("document-empty", "There is no document to write as dotenv.", { format: "dotenv" });
	}
	return branch.entries.map((item) => `${emitLine(item)}\n`).join("");
}

/** The line of a comment or an entry, without its end. */
export function emitLine(item: EntryNode | CommentNode): string {
	if (item.kind === "comment") {
		if (item.text.includes("\n")) throw unsupported([], "a comment of several lines");
		return `#${item.text}`;
	}
	const { key, value } = item;
	if (value.kind !== "scalar") throw unsupported([key], value.kind === "map" ? "a mapping" : "a list");
	if (/^#|[=\n]/.test(key)) throw unsupported([key], 'a name with "=", a newline, or "#" in front');
	const text = flatText(value.leaf);
	// A lone surrogate of a text is no escaped byte.
	const written = typeof text === "string" ? text.toWellFormed() : decodeAnyBytes(text);
	return `${key}=${value.leaf.type === "str" ? written.replaceAll("\n", "\\n") : written}`;
}

function unsupported(path: Path, found: string): SopsError {
	const where = path.length === 0 ? "" : ` at ${formatPath(path)}`;
	return new SopsError(
		"value-unsupported",
		`A dotenv file holds names and texts, one a line, and cannot hold ${found}${where}. Choose another format, or take it out.`,
		{ path, found },
	);
}
