import { dropBlanks, skipBlanks, trim } from "../../leaf/blank.ts";
import type { Span } from "../../tree/tree.ts";
import { endOfLine } from "./line.ts";

/** A value in the source. The span covers its quotes and continued lines. */
export interface SourceValue extends Span {
	readonly text: string;
	/** The comment behind the value, from its mark on. */
	readonly comment: Span | undefined;
	/** Where the line behind the value begins. */
	readonly next: number;
	/** The last line asked to be continued, and there was none. */
	readonly open: boolean;
}

const SINGLE = `'`;
const DOUBLE = `"`;
const BACK = "`";
const TRIPLE = `"""`;

/**
 * Reads a value as ini.v1 1.67.3 does without options (parser.go, `readValue`):
 *
 * - in backquotes or `"""`, up to the last such quote of the line; whatever follows there is ignored. Without
 *   one, up to the first line that has one, where what follows may be a comment
 * - any other line that ends in a backslash goes on with the next one, both trimmed; no comment is looked for
 * - else `#` and `;` begin a comment wherever they stand, and `"` or `'` around all of the rest are dropped
 *   if there is none in it
 *
 * @param from - behind the delimiter
 * @returns `undefined` when a quote is not closed
 */
export function readValue(source: string, from: number): SourceValue | undefined {
	const next = endOfLine(source, from);
	const start = skipBlanks(source, from, next);
	const isTriple = source.startsWith(TRIPLE, start) && next - start > 3;
	if (isTriple) return readQuoted(source, start, next, TRIPLE);
	if (source.startsWith(BACK, start) && start < next) return readQuoted(source, start, next, BACK);

	const end = dropBlanks(source, start, next);
	if (source.startsWith("\\", end - 1) && end > start) return readContinued(source, start, end, next);
	const line = source.slice(start, end);
	const mark = line.search(/[#;]/);
	const comment = mark < 0 ? undefined : { start: start + mark, end };
	const valueEnd = mark < 0 ? end : dropBlanks(source, start, start + mark);
	if (valueEnd === start) {
		// Nothing: its place is behind the blank that separates.
		const place = Math.min(start, /[ \t]/.test(source.charAt(from)) ? from + 1 : from);
		return { text: "", start: place, end: place, comment, next, open: false };
	}
	const raw = source.slice(start, valueEnd);
	const text = isSurrounded(raw, SINGLE) || isSurrounded(raw, DOUBLE) ? raw.slice(1, -1) : raw;
	return { text, start, end: valueEnd, comment, next, open: false };
}

/** ini.v1: parser.go, `hasSurroundedQuote`. */
function isSurrounded(raw: string, quote: string): boolean {
	return raw.length >= 2 && raw.startsWith(quote) && raw.indexOf(quote, 1) === raw.length - 1;
}

/** ini.v1: parser.go, `readValue` and `readMultilines`. */
function readQuoted(source: string, start: number, end: number, quote: string): SourceValue | undefined {
	const inner = start + quote.length;
	const close = source.slice(inner, end).lastIndexOf(quote);
	if (close >= 0) {
		const at = inner + close;
		return {
			text: source.slice(inner, at),
			start,
			end: at + quote.length,
			comment: undefined,
			next: end,
			open: false,
		};
	}
	for (let line = end; line < source.length; ) {
		const next = endOfLine(source, line);
		const found = source.slice(line, next).lastIndexOf(quote);
		const at = line + found;
		// A backslash behind the quote makes it a part of the value.
		if (found >= 0 && !trim(source.slice(at + quote.length, next)).endsWith("\\")) {
			const mark = source.slice(at, next).search(/[#;]/);
			return {
				text: source.slice(inner, at),
				start,
				end: at + quote.length,
				comment: mark < 0 ? undefined : { start: at + mark, end: dropBlanks(source, at + mark, next) },
				next,
				open: false,
			};
		}
		line = next;
	}
	return undefined;
}

/** ini.v1: parser.go, `readContinuationLines`. A blank line ends the value, and belongs to it. */
function readContinued(source: string, start: number, firstEnd: number, firstNext: number): SourceValue {
	let text = source.slice(start, firstEnd - 1);
	let end = firstEnd;
	let next = firstNext;
	for (;;) {
		if (next === source.length) return { text, start, end, comment: undefined, next, open: true };
		const lineStart = skipBlanks(source, next, endOfLine(source, next));
		next = endOfLine(source, next);
		const lineEnd = dropBlanks(source, lineStart, next);
		if (lineEnd === lineStart) break;
		end = lineEnd;
		const isContinued = source.startsWith("\\", lineEnd - 1);
		text += source.slice(lineStart, isContinued ? lineEnd - 1 : lineEnd);
		if (!isContinued) break;
	}
	return { text, start, end, comment: undefined, next, open: false };
}
