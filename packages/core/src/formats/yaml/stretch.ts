import { ScalarError } from "./scalar.ts";

/** A part of the source, `[start, end)`. */
export interface Stretch {
	readonly start: number;
	readonly end: number;
}

const COMMENT = /(?<=[\s])#[^\n\r]*/y;

/** Offset behind the closing quote of what starts at `at`. @throws ScalarError */
export function quotedEnd(text: string, at: number): number {
	const end = text[at] === "'" ? singleEnd(text, at) : doubleEnd(text, at);
	if (end === -1) throw new ScalarError("a quoted value has no end", at);
	const marker = text.slice(at, end).search(/[\n\r](?:---|\.\.\.)(?:\s|$)/);
	if (marker !== -1) throw new ScalarError("a document marker stands in a quoted value", at + marker + 1);
	return end;
}

function singleEnd(text: string, at: number): number {
	for (let close = text.indexOf("'", at + 1); close !== -1; close = text.indexOf("'", close + 2)) {
		if (text[close + 1] !== "'") return close + 1;
	}
	return -1;
}

function doubleEnd(text: string, at: number): number {
	for (let i = at + 1; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c === 34) return i + 1;
		if (c === 92) i++;
	}
	return -1;
}

/** Offset behind the bracket that closes the flow collection which starts at `at`. @throws ScalarError */
export function flowEnd(text: string, at: number): number {
	let depth = 0;
	for (let i = at; i < text.length; i++) {
		const c = text[i]!;
		if (c === "[" || c === "{") depth++;
		else if (c === "]" || c === "}") {
			if (--depth === 0) return i + 1;
		} else if (startsQuoted(text, i)) i = quotedEnd(text, i) - 1;
		else if (c === "#") i += Math.max(0, (matchAt(COMMENT, text, i)?.length ?? 0) - 1);
	}
	throw new ScalarError("a flow collection has no end", at);
}

/**
 * The text with a stretch of the same length but without line breaks: in quoted values another character
 * stands for blanks, elsewhere blanks stand for breaks and comments.
 */
export function onOneLine(text: string, { start, end }: Stretch): string {
	let out = "";
	for (let i = start; i < end; i++) {
		if (startsQuoted(text, i)) {
			const close = quotedEnd(text, i);
			out += text.slice(i, close).replace(/\s/g, "x");
			i = close - 1;
			continue;
		}
		const comment = text[i] === "#" ? matchAt(COMMENT, text, i) : undefined;
		if (comment !== undefined) {
			out += " ".repeat(comment.length);
			i += comment.length - 1;
		} else out += /[\n\r\x85\u2028\u2029]/.test(text[i]!) ? " " : text[i];
	}
	return text.slice(0, start) + out + text.slice(end);
}

/** Within plain text a quote is a character like any other. */
function startsQuoted(text: string, at: number): boolean {
	const c = text[at];
	return (c === "'" || c === '"') && (at === 0 || /[\s,:[\]{}]/.test(text[at - 1]!));
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
	pattern.lastIndex = at;
	return pattern.exec(text)?.[0];
}
