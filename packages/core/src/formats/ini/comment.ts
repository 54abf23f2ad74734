import { skipBlanks, trim } from "../../leaf/blank.ts";
import type { Span } from "../../tree/tree.ts";

/** A line that is nothing but a comment; its span begins at the mark and ends where the text does. */
export interface CommentLine extends Span {
	/** Where the line begins. */
	readonly line: number;
	/** Where the next line begins. */
	readonly next: number;
}

/** What ini.v1 attaches to a section or key: the comment lines above it and the comment behind it, as one text. */
export interface SourceComment {
	/** With the marks, trimmed. */
	readonly raw: string;
	readonly above: readonly CommentLine[];
	readonly inline: Span | undefined;
}

/**
 * The comment of a section or key (ini.v1 1.67.3, parser.go, `parse`): the lines above without their
 * indentation, but with their line breaks, then what stands behind.
 */
export function sourceComment(
	source: string,
	above: readonly CommentLine[],
	inline: Span | undefined,
): SourceComment | undefined {
	if (above.length === 0 && inline === undefined) return undefined;
	let raw = "";
	for (const line of above) raw += source.slice(line.start, line.next);
	if (inline !== undefined) raw += source.slice(inline.start, inline.end);
	return { raw: trim(raw), above, inline };
}

/**
 * The text of a comment in the tree: the marks and spaces that it begins with are gone, those of further
 * lines stay (sops 3.13.3, stores/ini/store.go, `stripCommentChar`).
 */
export function commentText(raw: string): string {
	return raw.slice(commentPrefix(raw).length);
}

/** What is not the text: the marks, all of one kind, and the spaces among and behind them. */
export function commentPrefix(raw: string): string {
	return /^(?:;[; ]*|#[# ]*)?/.exec(raw)![0];
}

/** The text that lines of comments are read as. */
export function readCommentLines(lines: string): string {
	let raw = "";
	for (const line of lines.split(/(?<=\n)/)) raw += line.slice(skipBlanks(line, 0, line.length));
	return commentText(trim(raw));
}
