/// <reference lib="es2024.string" />
import { SopsError } from "../../errors.ts";

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN_MAP = 0x7b;
export const CLOSE_MAP = 0x7d;
export const BOM = 0xfeff;

const PLAIN = /[^"\\\u0000-\u001f]*/y;

/** Reads the words of JSON, from a place that the caller may move. */
export class Lexer {
	readonly source: string;
	at = 0;

	constructor(source: string) {
		this.source = source;
	}

	readWord(word: string): void {
		if (!this.source.startsWith(word, this.at)) this.fail(`expected the word ${word}`);
		this.at += word.length;
	}

	/** The text of a number, which says whether it is an integer; the caller says what it is worth. */
	readNumber(): { readonly start: number; readonly text: string; readonly isFloat: boolean } {
		const source = this.source;
		const start = this.at;
		let at = start;
		let c = source.charCodeAt(at);
		if (c === MINUS) c = source.charCodeAt(++at);
		if (!isDigit(c)) this.fail("expected a digit", at);
		if (c === 0x30) at++;
		else at = skipDigits(source, at);
		c = source.charCodeAt(at);
		if (isDigit(c)) this.fail("a number does not start with a zero", start);
		let isFloat = false;
		if (c === 0x2e) {
			isFloat = true;
			if (!isDigit(source.charCodeAt(at + 1))) this.fail("expected a digit behind the decimal point", at + 1);
			at = skipDigits(source, at + 1);
			c = source.charCodeAt(at);
		}
		if (c === 0x65 || c === 0x45) {
			isFloat = true;
			c = source.charCodeAt(++at);
			if (c === MINUS || c === 0x2b) c = source.charCodeAt(++at);
			if (!isDigit(c)) this.fail("expected a digit in the exponent", at);
			at = skipDigits(source, at);
		}
		this.at = at;
		return { start, text: source.slice(start, at), isFloat };
	}

	/** Reads a string from its opening quote on. */
	readString(): string {
		const source = this.source;
		const start = this.at + 1;
		PLAIN.lastIndex = start;
		PLAIN.test(source);
		const end = PLAIN.lastIndex;
		if (source.charCodeAt(end) !== QUOTE) return this.#readEscapedString(start, end);
		this.at = end + 1;
		return source.slice(start, end);
	}

	/** @param at - the first character that is not plain */
	#readEscapedString(start: number, at: number): string {
		const source = this.source;
		let text = source.slice(start, at);
		let surrogates = false;
		for (;;) {
			const c = source.charCodeAt(at);
			if (c === QUOTE) break;
			if (at >= source.length) this.fail("a string is not closed", start - 1);
			if (c !== BACKSLASH) this.fail("a control character in a string needs an escape", at);
			const kind = source.charCodeAt(at + 1);
			if (kind === 0x75) {
				const unit = readHex4(source, at + 2);
				if (unit < 0) this.fail("expected four hexadecimal digits in the escape", at);
				if (unit >= 0xd800 && unit <= 0xdfff) surrogates = true;
				text += String.fromCharCode(unit);
				at += 6;
			} else {
				const plain = unescaped(kind);
				if (plain === undefined) this.fail("unknown escape in a string", at);
				text += plain;
				at += 2;
			}
			PLAIN.lastIndex = at;
			PLAIN.test(source);
			if (PLAIN.lastIndex > at) {
				text += source.slice(at, PLAIN.lastIndex);
				at = PLAIN.lastIndex;
			}
		}
		this.at = at + 1;
		return surrogates ? text.toWellFormed() : text;
	}

	skipBlanks(): void {
		const source = this.source;
		let at = this.at;
		for (;;) {
			const c = source.charCodeAt(at);
			if (c !== 0x20 && c !== 0x09 && c !== 0x0a && c !== 0x0d) break;
			at++;
		}
		this.at = at;
	}

	/** @param at - what is wrong, as an offset; by default the place reached */
	fail(reason: string, at: number = this.at): never {
		const why = at >= this.source.length ? "the file ends too early" : reason;
		const { line, column } = positionOf(this.source, at);
		throw new SopsError(
			"syntax-invalid",
			`The file is not well-formed JSON: line ${line}, column ${column}: ${why}.`,
			{ format: "json", line, column, reason: why },
		);
	}
}

export function isDigit(c: number): boolean {
	return c >= 0x30 && c <= 0x39;
}

function skipDigits(source: string, at: number): number {
	let end = at;
	while (isDigit(source.charCodeAt(end))) end++;
	return end;
}

function unescaped(kind: number): string | undefined {
	switch (kind) {
		case QUOTE:
			return '"';
		case BACKSLASH:
			return "\\";
		case 0x2f:
			return "/";
		case 0x62:
			return "\b";
		case 0x66:
			return "\f";
		case 0x6e:
			return "\n";
		case 0x72:
			return "\r";
		case 0x74:
			return "\t";
		default:
			return undefined;
	}
}

/** The code unit of four hexadecimal digits, -1 for anything else. */
function readHex4(source: string, at: number): number {
	let unit = 0;
	for (let i = at; i < at + 4; i++) {
		const c = source.charCodeAt(i);
		let digit: number;
		if (isDigit(c)) digit = c - 0x30;
		else if (c >= 0x61 && c <= 0x66) digit = c - 0x57;
		else if (c >= 0x41 && c <= 0x46) digit = c - 0x37;
		else return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/** Line and column from 1 on; a column is one UTF-16 unit. */
function positionOf(source: string, at: number): { line: number; column: number } {
	const breaks = /\r\n|\n|\r/g;
	let line = 1;
	let lineStart = 0;
	for (let match = breaks.exec(source); match !== null; match = breaks.exec(source)) {
		if (breaks.lastIndex > at) break;
		line++;
		lineStart = breaks.lastIndex;
	}
	return { line, column: at - lineStart + 1 };
}
