import { formatFloatShortest } from "../../leaf/float.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import { isBreak } from "./characters.ts";
import { resolvePlain } from "./resolve.ts";
import { isPrintable } from "./style.ts";

/**
 * Text for a leaf in the place of an older one, in the style the author gave that place. The result is read
 * again and compared by the caller, so a rule here may be generous but never silent.
 */
export interface Site {
	/** Source of the scalar that stands there. */
	readonly source: string;
	readonly inFlow: boolean;
	/** Column of the block that holds it. */
	readonly parentColumn: number;
	readonly parentIsList: boolean;
	/** Spaces per level in this file. */
	readonly unit: number;
}

/**
 * Marks, in a flow collection, an encrypted text whose plaintext was in single quotes: the last bracket as an
 * escape. There plaintext in any quotes or none becomes quoted ciphertext, and the quotes must tell the three apart.
 */
const SINGLE_MARK = '\\x5D"';

/** `undefined`: the style of the place cannot carry the leaf. */
export function rewriteScalar(leaf: Leaf, site: Site): string | undefined {
	if (leaf.type !== "str") return plainLeaf(leaf);
	if (leaf.value instanceof Uint8Array) return undefined;
	const text = leaf.value;
	const sealed = text.startsWith("ENC[AES256_GCM,");
	switch (site.source[0]) {
		case '"':
			if (site.inFlow && !sealed && site.source.endsWith(SINGLE_MARK))
				return singleQuoted(text) ?? doubleQuoted(text);
			return doubleQuoted(text);
		case "'":
			if (!site.inFlow) return singleQuoted(text) ?? doubleQuoted(text);
			if (sealed) return `${doubleQuoted(text).slice(0, -2)}${SINGLE_MARK}`;
			// Plain text of a flow collection was put in single quotes when it was encrypted.
			return (isPlain(text, true) ? text : singleQuoted(text)) ?? doubleQuoted(text);
		default:
			if (isPlain(text, site.inFlow)) return text;
			if (!site.inFlow && text.includes("\n")) return newBlock(text, site) ?? doubleQuoted(text);
			return singleQuoted(text) ?? doubleQuoted(text);
	}
}

function plainLeaf(leaf: Exclude<Leaf, { readonly type: "str" }>): string {
	switch (leaf.type) {
		case "int":
			return leaf.value;
		case "bool":
			return leaf.value ? "true" : "false";
		case "null":
			return "null";
		case "time":
			// Midnight is far more often a date that somebody wrote.
			return leaf.value.endsWith("T00:00:00Z") ? leaf.value.slice(0, 10) : leaf.value;
		case "float": {
			if (Number.isNaN(leaf.value)) return ".nan";
			if (leaf.value === Infinity) return ".inf";
			if (leaf.value === -Infinity) return "-.inf";
			const text = formatFloatShortest(leaf.value);
			// Without a point it would be read as an integer.
			return /^-?\d+$/.test(text) ? `${text}.0` : text;
		}
	}
}

const PLAIN_START = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=\S))/;

function isPlain(text: string, inFlow: boolean): boolean {
	if (!PLAIN_START.test(text) || /\s$/.test(text) || text.includes(": ") || text.endsWith(":")) return false;
	if (text.includes(" #") || /^(?:---|\.\.\.)(?:\s|$)/.test(text) || !isClean(text)) return false;
	if (inFlow && (/[,?[\]{}]/.test(text) || /:(?=[,[\]{}]|$)/.test(text) || /^[-?:]/.test(text))) return false;
	const leaf = resolvePlain(text);
	return typeof leaf !== "string" && leaf.type === "str" && text !== "<<";
}

function singleQuoted(text: string): string | undefined {
	return isClean(text) ? `'${text.replaceAll("'", "''")}'` : undefined;
}

/** Only characters that may stand in a scalar on one line as they are. */
function isClean(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (isBreak(c) || !(isPrintable(c) || (c >= 0xd800 && c <= 0xdfff))) return false;
	}
	return true;
}

const SHORT: Readonly<Record<string, string>> = {
	'"': '\\"',
	"\\": "\\\\",
	"\n": "\\n",
	"\t": "\\t",
	"\r": "\\r",
	"\0": "\\0",
};

/** Unlike the reference's, it leaves characters beyond the BMP as the author wrote them. */
function doubleQuoted(text: string): string {
	let out = '"';
	for (const character of text) {
		const short = SHORT[character];
		const code = character.codePointAt(0)!;
		if (short !== undefined) out += short;
		else if (code > 0xffff || (isPrintable(code) && !isBreak(code))) out += character;
		else out += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
	}
	return `${out}"`;
}

/** Whether every line can stand in a block scalar as it is. */
function fitsBlock(text: string): boolean {
	return (
		text !== "" &&
		/[^\n]/.test(text) &&
		text.split("\n").every((line) => line === "" || isClean(line.replaceAll("\t", "")))
	);
}

function chompOf(text: string): string {
	if (!text.endsWith("\n")) return "-";
	return text.endsWith("\n\n") ? "+" : "";
}

/** A literal block where another style stood; it starts behind the colon or dash of its place. */
function newBlock(text: string, site: Site): string | undefined {
	if (!fitsBlock(text)) return undefined;
	const { parentColumn, unit } = site;
	const indent = site.parentIsList ? parentColumn + 2 : unit * Math.floor((parentColumn + unit) / unit);
	const hint = /^[ \n]/.test(text) ? String(indent - parentColumn) : "";
	return `|${hint}${chompOf(text)}\n${indented(text, indent)}`.replace(/\n$/, "");
}

function indented(text: string, indent: number): string {
	const pad = " ".repeat(indent);
	const lines = text.split("\n");
	if (text.endsWith("\n")) lines.pop();
	return lines.map((line) => (line === "" ? "" : pad + line)).join("\n");
}

/** New content for a block scalar that stands in the source: its header and its lines, which a comment may part. */
export interface BlockParts {
	readonly header: string;
	/** With the break behind the last line. */
	readonly content: string;
}

/**
 * @param header - indicators as they stand, such as `|2-`
 * @param indent - column of the content
 * @returns `undefined` when the leaf does not fit a block scalar
 */
export function rewriteBlock(
	leaf: Leaf,
	header: string,
	indent: number,
	parentColumn: number,
): BlockParts | undefined {
	if (leaf.type !== "str" || typeof leaf.value !== "string" || !fitsBlock(leaf.value)) return undefined;
	const text = leaf.value;
	const folded = header.startsWith(">");
	if (folded && /(?:^|\n)[ \t]|^\n/.test(text)) return undefined;
	const hint = /^[ \n]/.test(text) ? String(indent - Math.max(parentColumn, 0)) : "";
	const written = folded ? unfolded(text) : text;
	return { header: `${header[0]}${hint}${chompOf(text)}`, content: `${indented(written, indent)}\n` };
}

/** In a folded scalar a line break of the text is an empty line. */
function unfolded(text: string): string {
	const end = /\n*$/.exec(text)!.index;
	return text.slice(0, end).replace(/\n+/g, "$&\n") + text.slice(end);
}
