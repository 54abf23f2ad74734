import { isBlank, isBreak, isBreakOrEnd, LF, SPACE, TAB } from "./characters.ts";

/** A reason for a syntax error and where it is. */
export class ScalarError extends Error {
	readonly index: number;
	constructor(reason: string, index: number) {
		super(reason);
		this.index = index;
	}
}

const BREAKS = /[\n\r\x85\u2028\u2029]/;
const BLANKS_AND_BREAKS = /[ \t]*(?:\r\n|[\n\r\x85\u2028\u2029])[ \t\n\r\x85\u2028\u2029]*/g;
const ONE_BREAK = /\r\n|[\n\r\x85\u2028\u2029]/g;

/** Whether a stretch of source spans lines. */
export function spansLines(source: string): boolean {
	return BREAKS.test(source);
}

/** go-yaml keeps LS and PS and turns every other break into LF. */
function breakText(found: string): string {
	return found === "\u2028" || found === "\u2029" ? found : "\n";
}

/** What a run of blanks with at least one break in it becomes: a single break folds into a space. */
function foldRun(run: string): string {
	const breaks = run.match(ONE_BREAK)!.map(breakText);
	if (breaks[0] !== "\n") return breaks.join("");
	return breaks.length === 1 ? " " : breaks.slice(1).join("");
}

/** The content of a plain scalar. */
export function decodePlain(source: string): string {
	return spansLines(source) ? source.replace(BLANKS_AND_BREAKS, foldRun) : source;
}

/** The content of a single-quoted scalar, from its source with quotes. */
export function decodeSingle(source: string): string {
	const inner = source.slice(1, -1);
	const folded = spansLines(inner) ? inner.replace(BLANKS_AND_BREAKS, foldRun) : inner;
	return folded.includes("'") ? folded.replaceAll("''", "'") : folded;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
	"0": "\0",
	a: "\x07",
	b: "\b",
	t: "\t",
	"\t": "\t",
	n: "\n",
	v: "\v",
	f: "\f",
	r: "\r",
	e: "\x1b",
	" ": " ",
	'"': '"',
	"'": "'",
	"\\": "\\",
	N: "\x85",
	_: "\xa0",
	L: "\u2028",
	P: "\u2029",
};
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The content of a double-quoted scalar, from its source with quotes. `\/` and escapes of surrogates are
 * refused, as go-yaml does.
 * @throws ScalarError with an index into `source`
 */
export function decodeDouble(source: string): string {
	if (!/[\\\n\r\x85\u2028\u2029]/.test(source)) return source.slice(1, -1);
	const end = source.length - 1;
	let out = "";
	let at = 1;
	while (at < end) {
		let next = at;
		for (; next < end; next++) {
			const c = source.charCodeAt(next);
			if (c === 92 || isBlank(c) || isBreak(c)) break;
		}
		out += source.slice(at, next);
		if (next >= end) break;
		if (source.charCodeAt(next) === 92) {
			const letter = source[next + 1]!;
			if (isBreak(letter.charCodeAt(0))) {
				// An escaped break vanishes together with the indentation behind it; further breaks stay.
				at = skipRun(source, next + 1, end);
				out += (source.slice(next + 1, at).match(ONE_BREAK) ?? []).slice(1).map(breakText).join("");
				continue;
			}
			const digits = HEX_LENGTH[letter];
			if (digits !== undefined) {
				const hex = source.slice(next + 2, next + 2 + digits);
				if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex)) {
					throw new ScalarError("an escape needs more hexadecimal digits", next);
				}
				const code = Number.parseInt(hex, 16);
				if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
					throw new ScalarError("an escape is not a Unicode character", next);
				}
				out += String.fromCodePoint(code);
				at = next + 2 + digits;
				continue;
			}
			const simple = SIMPLE_ESCAPES[letter];
			if (simple === undefined) throw new ScalarError("an escape is not known to YAML", next);
			out += simple;
			at = next + 2;
			continue;
		}
		at = skipRun(source, next, end);
		const run = source.slice(next, at);
		out += spansLines(run) ? foldRun(run) : run;
	}
	return out;
}

function skipRun(source: string, from: number, end: number): number {
	let at = from;
	while (at < end && (isBlank(source.charCodeAt(at)) || isBreak(source.charCodeAt(at)))) at++;
	return at;
}

export interface BlockScalar {
	readonly style: "literal" | "folded";
	/** Behind the indicators. */
	readonly headerEnd: number;
	/** Behind the last line of content, its break included. */
	readonly contentEnd: number;
	/** Behind the blanks and breaks that libyaml reads while looking for more content. */
	readonly end: number;
	readonly value: string;
}

/**
 * Reads a block scalar that starts at `at` with `|` or `>`.
 *
 * @param parentIndent - column of the block it stands in, -1 at the root
 * @throws ScalarError with an index into `text`
 */
export function readBlockScalar(text: string, at: number, parentIndent: number): BlockScalar {
	const style = text.charCodeAt(at) === 124 ? "literal" : "folded";
	let i = at + 1;
	let chomp = "";
	let increment = 0;
	for (let turn = 0; turn < 2; turn++) {
		const c = text.charCodeAt(i);
		if (chomp === "" && (c === 43 || c === 45)) {
			chomp = text[i]!;
			i++;
		} else if (increment === 0 && c >= 48 && c <= 57) {
			if (c === 48) throw new ScalarError("an indentation indicator is 0", i);
			increment = c - 48;
			i++;
		}
	}
	const headerEnd = i;
	while (isBlank(text.charCodeAt(i))) i++;
	if (text.charCodeAt(i) === 35) while (!isBreakOrEnd(text.charCodeAt(i))) i++;
	if (!isBreakOrEnd(text.charCodeAt(i))) {
		throw new ScalarError("only a comment may follow the header of a block scalar", i);
	}
	i = overBreak(text, i);

	let indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
	let contentEnd = i;
	let column = 0;
	let breaks = "";

	// Eats indentation and empty lines up to the next line of content, and settles the indentation at the first.
	const readBreaks = (): void => {
		contentEnd = i;
		breaks = "";
		let widest = 0;
		for (;;) {
			column = 0;
			while ((indent === 0 || column < indent) && text.charCodeAt(i) === SPACE) {
				i++;
				column++;
			}
			widest = Math.max(widest, column);
			const c = text.charCodeAt(i);
			if ((indent === 0 || column < indent) && c === TAB) {
				throw new ScalarError("a tab stands where indentation by spaces is needed", i);
			}
			if (!isBreak(c)) break;
			const start = i;
			i = overBreak(text, i);
			breaks += breakText(text.slice(start, i));
			contentEnd = i;
		}
		if (indent === 0) indent = Math.max(widest, parentIndent + 1, 1);
	};

	readBreaks();
	let value = "";
	let pending = "";
	let afterBlank = false;
	while (column === indent && i < text.length) {
		const startsBlank = isBlank(text.charCodeAt(i));
		if (style === "folded" && pending === "\n" && !afterBlank && !startsBlank) {
			if (breaks === "") value += " ";
		} else value += pending;
		value += breaks;
		afterBlank = startsBlank;
		const lineEnd = endOfLine(text, i);
		value += text.slice(i, lineEnd);
		i = overBreak(text, lineEnd);
		pending = i > lineEnd ? breakText(text.slice(lineEnd, i)) : "";
		readBreaks();
	}
	if (chomp !== "-") value += pending;
	if (chomp === "+") value += breaks;
	return { style, headerEnd, contentEnd, end: i, value };
}

function endOfLine(text: string, from: number): number {
	let at = from;
	while (!isBreakOrEnd(text.charCodeAt(at))) at++;
	return at;
}

function overBreak(text: string, at: number): number {
	const c = text.charCodeAt(at);
	if (!isBreak(c)) return at;
	return c === 13 && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
}
