import { COLON, DASH, HASH, LF, SPACE } from "./characters.ts";
import { decodeDouble, decodeSingle, readBlockScalar } from "./scalar.ts";
import type { Scanner } from "./scanner.ts";
import { quotedEnd } from "./stretch.ts";

/** Characters that the line scanner leaves to the other source: other breaks, tabs, byte order marks. */
const FOREIGN = /[\t\r\x85\u2028\u2029\ufeff]/;

/** First characters that are, or may be, more than a plain scalar: `! % & * , > ? @ [ ] ` { | }` and quotes, `#`, `-`, `:`. */
const INDICATORS: ReadonlySet<number> = new Set([..."!\"#%&'*,->:?@[]`{|}"].map((c) => c.charCodeAt(0)));

/**
 * Feeds a scanner line by line with block style as `sops` writes it: plain and quoted scalars on one line,
 * literal blocks, `{}` and `[]`, comments, `---`. This is most of the YAML in the world, and several times
 * faster than a general lexer.
 *
 * @returns false at the first thing it does not know; the scanner is then useless, and the caller starts anew with the other source
 */
export function scanLines(scanner: Scanner): boolean {
	const { text } = scanner;
	if (FOREIGN.test(text)) return false;
	while (scanner.toNextLexeme()) {
		if (!scanOne(scanner, text)) return false;
	}
	return true;
}

function scanOne(scanner: Scanner, text: string): boolean {
	const at = scanner.index;
	const c = text.charCodeAt(at);
	if (!INDICATORS.has(c)) return scanPlain(scanner, text, at);
	const next = text.charCodeAt(at + 1);
	switch (c) {
		case DASH:
			if (isSpaceOrEnd(next)) {
				scanner.blockEntry();
				return true;
			}
			if (
				scanner.column === 0 &&
				next === DASH &&
				text.charCodeAt(at + 2) === DASH &&
				isSpaceOrEnd(text.charCodeAt(at + 3))
			) {
				scanner.documentMarker("document-start");
				return true;
			}
			return scanPlain(scanner, text, at);
		case COLON:
			if (!isSpaceOrEnd(next)) return false;
			scanner.value();
			return true;
		case 39: // '
		case 34: // "
			return scanQuoted(scanner, text, at, c);
		case 124: // |
		case 62: {
			// >
			const block = readBlockScalar(text, at, scanner.indent);
			scanner.blockScalar(block.style, block.headerEnd, block.contentEnd, block.end, block.value);
			return true;
		}
		case 91: // [
			if (next !== 93) return false;
			scanner.flowStart("flow-sequence-start");
			return true;
		case 123: // {
			if (next !== 125) return false;
			scanner.flowStart("flow-mapping-start");
			return true;
		case 93: // ]
			if (scanner.flowLevel === 0) return false;
			scanner.flowEnd("flow-sequence-end");
			return true;
		case 125: // }
			if (scanner.flowLevel === 0) return false;
			scanner.flowEnd("flow-mapping-end");
			return true;
		default:
			return false;
	}
}

function scanPlain(scanner: Scanner, text: string, at: number): boolean {
	if (scanner.flowLevel > 0) return false;
	let lineEnd = text.indexOf("\n", at);
	if (lineEnd === -1) lineEnd = text.length;
	// `...` and anything like it at the margin is rare enough to leave alone.
	if (scanner.column === 0 && text.startsWith("...", at)) return false;

	const line = text.slice(at, lineEnd);
	let length = line.indexOf(": ");
	if (length === -1) length = line.endsWith(":") ? line.length - 1 : line.length;
	const hash = line.indexOf(" #");
	if (hash !== -1 && hash < length) length = hash;
	else if (length === line.length && continues(scanner, text, lineEnd)) return false;
	while (line.charCodeAt(length - 1) === SPACE) length--;
	scanner.flowScalar("plain", at + length, line.slice(0, length), false);
	return true;
}

/** Whether the next line that is not blank would continue a plain scalar. */
function continues(scanner: Scanner, text: string, lineEnd: number): boolean {
	let at = lineEnd + 1;
	let lineStart = at;
	for (;;) {
		const c = text.charCodeAt(at);
		if (c === LF) {
			at++;
			lineStart = at;
		} else if (c === SPACE) at++;
		else return !Number.isNaN(c) && c !== HASH && at - lineStart > scanner.indent;
	}
}

function scanQuoted(scanner: Scanner, text: string, at: number, quote: number): boolean {
	const end = quotedEnd(text, at);
	const source = text.slice(at, end);
	if (source.includes("\n")) return false;
	const after = text.charCodeAt(end);
	if (!isSpaceOrEnd(after) && after !== COLON) return false;
	if (quote === 39) scanner.flowScalar("single", end, decodeSingle(source), false);
	else scanner.flowScalar("double", end, decodeDouble(source), false);
	return true;
}

/** The text has no other blanks or breaks when this is asked. */
function isSpaceOrEnd(c: number): boolean {
	return c === SPACE || c === LF || Number.isNaN(c);
}
