import type { Format } from "../../packages/core/src/formats/formats.ts";
import { decodeAnyBytes } from "../../packages/core/src/leaf/any-bytes.ts";
import type { Difference, Stage } from "./check/difference.ts";
import { refusedWith, type Side } from "./check/side.ts";
import type { FuzzDocument } from "./document.ts";

/** A way in which this library is meant to differ from the reference. */
export interface Row {
	readonly name: string;
	readonly reason: string;
	/** Path of the decision record. */
	readonly decision: string;
	readonly formats: readonly Format[];
	readonly stages: readonly Stage[];
	predicate(difference: Difference, document: FuzzDocument, text: string): boolean;
	/** Largest share of the documents of these formats, in thousandths: a row that covers more hides something. */
	readonly atMost: number;
}

/** Every deliberate difference. What no row explains fails the run. */
export const DIFFERENCES: readonly Row[] = [
	{
		name: "JSON that is none is refused",
		reason: "The reference ignores what follows the root object, and drops the unfinished end of some files.",
		decision: "docs/decisions/0002-incomplete-json.md",
		formats: ["json", "binary"],
		stages: ["load", "decrypt"],
		predicate: ({ ours }, _document, text) => refusedWith(ours, "syntax-invalid") && !isJson(text),
		atMost: 60,
	},
	{
		name: "a JSON integer beyond 64 bit is refused",
		reason: "The reference rounds it to a float in silence.",
		decision: "docs/decisions/0001-wide-json-integers.md",
		formats: ["json", "binary"],
		stages: ["load", "decrypt"],
		predicate: ({ ours }) => refusedWith(ours, "integer-out-of-range"),
		atMost: 60,
	},
	{
		name: "a YAML file without any document is refused",
		reason: "The reference loads nothing from an empty file, and its command refuses that.",
		decision: "docs/decisions/0009-files-that-sops-cannot-read-again.md",
		formats: ["yaml"],
		stages: ["load"],
		predicate: ({ ours }) => refusedWith(ours, "document-empty"),
		atMost: 15,
	},
	{
		name: "we read what the reference writes and cannot read",
		reason:
			"It wants a mapping behind `<<` even where the key was quoted, and takes a second comment before a list item, behind one that matches encrypted_comment_regex, for a value.",
		decision: "docs/decisions/0009-files-that-sops-cannot-read-again.md",
		formats: ["yaml", "json"],
		stages: ["encrypt"],
		predicate: ({ what, ours, theirs }) =>
			what.startsWith("what the reference cannot read of its own") && "value" in ours && "refused" in theirs,
		atMost: 40,
	},
	{
		name: "any value behind a `<<` that is quoted or has a tag is read",
		reason:
			"The reference writes a quoted `<<` as a merge key with its tag, and then wants a mapping behind it.",
		decision: "docs/decisions/0009-files-that-sops-cannot-read-again.md",
		formats: ["yaml"],
		stages: ["load", "decrypt"],
		predicate: ({ ours, theirs }) =>
			"value" in ours && "refused" in theirs && theirs.refused.includes("map merge requires map"),
		atMost: 3,
	},
	{
		name: "a comment behind one that matches encrypted_comment_regex, in a list, decrypts",
		reason: "The reference takes it for a value in clear on reading, and leaves its ciphertext in the list.",
		decision: "docs/decisions/0009-files-that-sops-cannot-read-again.md",
		formats: ["yaml"],
		stages: ["encrypt", "decrypt"],
		predicate: ({ ours, theirs }, document, text) =>
			document.selector?.name === "encrypted_comment_regex" &&
			("value" in theirs
				? /\{"str":"ENC\[[^"]*,type:comment\]"\}/.test(JSON.stringify(theirs.value))
				: "value" in ours && theirs.refused.startsWith("mac: ") && /- ENC\[[^\n]*,type:comment\]/.test(text)),
		atMost: 5,
	},
	{
		name: "an empty comment of an encrypted list becomes no item",
		reason: "The reference makes an item of it, an empty text that nobody wrote.",
		decision: "docs/decisions/0004-empty-comments-in-lists.md",
		formats: ["yaml"],
		stages: ["encrypt", "keep", "decrypt"],
		predicate: ({ ours, theirs }, { text }) =>
			/#[ \t]*([\n\r]|$)/.test(text) && emptyItems(theirs) > emptyItems(ours),
		atMost: 40,
	},
	{
		name: "a value that its tag does not fit is refused in every document",
		reason: "The reference refuses it in the first document, and makes a null of it in a later one.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["load", "decrypt"],
		predicate: ({ ours }) =>
			"refused" in ours && /is not of the type that its tag names|value is not base64/.test(ours.refused),
		atMost: 5,
	},
	{
		name: "lines that begin with a tab are kept",
		reason: "The reference writes null for them: it tries a block that go-yaml cannot read.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["emit", "encrypt", "keep", "decrypt"],
		predicate: ({ ours, theirs }) =>
			isTextOf(ours, /"\\t(?:[^"\\]|\\.)*\\n/) && isTextOf(theirs, /(?:^|[:?-] )null(?:$|:)/m),
		atMost: 3,
	},
	{
		name: "a byte order mark in a comment is read",
		reason: "The reference refuses one at the edge of its buffer.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["load", "decrypt"],
		predicate: ({ ours, theirs }, _document, text) =>
			"value" in ours && "refused" in theirs && text.length > 400 && /#.*\ufeff/.test(text),
		atMost: 1,
	},
	{
		name: "text behind the colon that ends the name of an anchor is refused",
		reason: "The reference takes `&a:b c` for the anchor `a` of the text `:b c`.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["load", "decrypt"],
		predicate: ({ ours }, _document, text) =>
			"refused" in ours &&
			/name of an anchor/.test(ours.refused) &&
			/[&*][0-9A-Za-z_-]+[:?,\]}%@`]/.test(text),
		atMost: 5,
	},
	{
		name: "a flow collection that goes on at a lower indentation, with a quote within plain text, is refused",
		reason:
			"Our lexer ends it there, and where it is looked for again the quote passes for the start of a value.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["load", "decrypt"],
		predicate: ({ ours }, _document, text) =>
			"refused" in ours &&
			/something stands where YAML expects|has no end/.test(ours.refused) &&
			/[[{][\s\S]*\n[\s\S]*[^\s,:[\]{}][ \t]+["']/.test(text),
		atMost: 2,
	},
	{
		name: "a timestamp where the metadata wants a list is refused",
		reason: "The reference takes it for an empty mapping, for its struct has no fields that anyone can see.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml"],
		stages: ["decrypt"],
		predicate: ({ ours }, _document, text) =>
			refusedWith(ours, "metadata-invalid") && /^ +\w+: \d{4}-\d\d-\d\d\S*$/m.test(text),
		atMost: 2,
	},
	{
		name: "metadata that is not UTF-8 is refused",
		reason: "The reference reads it where nothing needs the text.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["dotenv", "ini"],
		stages: ["decrypt"],
		predicate: ({ ours }, _document, text) =>
			refusedWith(ours, "metadata-invalid") && /^sops_|^\[sops\]/m.test(text) && !text.isWellFormed(),
		atMost: 2,
	},
	{
		name: "a counted INI key is refused, also without a value",
		reason: "The reference writes a comment for it, and loses the key; without a value it does not notice.",
		decision: "docs/decisions/0010-nothing-that-cannot-be-read.md",
		formats: ["ini"],
		stages: ["encrypt"],
		predicate: ({ what, ours }, { text }) =>
			what.startsWith("a file that its writer cannot read") &&
			refusedWith(ours, "value-unsupported") &&
			/(^|\n)[\s\u0085]*["'`]*-["'`]*[\s\u0085]*[=:]/.test(text),
		atMost: 10,
	},
	{
		name: "a value of INI in clear that would be read as another is refused, also outside the MAC",
		reason:
			"The reference writes it, reads something else, and notices only where the MAC covers clear values.",
		decision: "docs/decisions/0010-nothing-that-cannot-be-read.md",
		formats: ["ini"],
		stages: ["encrypt"],
		predicate: ({ what, ours }, document) =>
			what.startsWith("a file that its writer cannot read") &&
			document.macOnlyEncrypted &&
			refusedWith(ours, "value-unsupported"),
		atMost: 5,
	},
	{
		name: "an empty line in a comment of INI is written",
		reason: "The reference panics where a comment that it read has one, and writes nothing.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["ini"],
		stages: ["emit", "encrypt", "decrypt"],
		predicate: ({ ours, theirs }) =>
			"value" in ours &&
			"refused" in theirs &&
			theirs.refused.startsWith("panic: runtime error: index out of range [0] with length 0"),
		atMost: 120,
	},
	{
		name: "a comment sealed as bytes stays ciphertext",
		reason:
			"The reference panics on the label `bytes`, and takes comments of any other wrong label for clear.",
		decision: "docs/decisions/0012-where-the-reference-fails.md",
		formats: ["yaml", "dotenv", "ini"],
		stages: ["decrypt"],
		predicate: ({ ours, theirs }) =>
			"value" in ours &&
			"refused" in theirs &&
			theirs.refused.startsWith("panic: runtime error: hash of unhashable type []uint8"),
		atMost: 3,
	},
];

/** The row that covers a difference. */
export function explain(document: FuzzDocument, difference: Difference): Row | undefined {
	const { encrypted, stage } = difference;
	const text = encrypted === undefined ? document.text : decodeAnyBytes(encrypted);
	return DIFFERENCES.find(
		(row) =>
			row.formats.includes(document.format) &&
			row.stages.includes(stage) &&
			row.predicate(difference, document, text),
	);
}

function isTextOf(side: Side, pattern: RegExp): boolean {
	if (!("value" in side)) return false;
	const { value } = side as { readonly value: string | { readonly text?: string } };
	return pattern.test(typeof value === "string" ? value : (value.text ?? ""));
}

/** How many empty texts a tree has, or a YAML text has as items of lists. */
function emptyItems(side: Side): number {
	if (!("value" in side)) return 0;
	return typeof side.value === "string"
		? side.value.split(/- ""(?=\n)/).length
		: JSON.stringify(side.value).split('{"str":""}').length;
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
