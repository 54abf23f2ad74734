import type { Span } from "../../tree/tree.ts";

/** New text for a span of the source. */
export interface Edit extends Span {
	readonly text: string;
}

/** A stretch of the source with edits applied, which do not overlap; those at one place in the order given. */
export function applyEdits(source: string, start: number, end: number, edits: readonly Edit[]): string {
	const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
	let out = "";
	let at = start;
	for (const edit of ordered) {
		out += source.slice(at, edit.start) + edit.text;
		at = edit.end;
	}
	return out + source.slice(at, end);
}
