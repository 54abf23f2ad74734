import { splitAtInvalidUtf8 } from "../../leaf/utf8.ts";

// Looking for these one after another is several times faster than one class of all of them.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
// Surrogates are here for those without a partner; a pair costs a second look, not an escape.
const WIDE = /[\u2028\u2029\ud800-\udfff]/;
const ESCAPED = /["\\\u0000-\u001f<>&\u2028\u2029]|\p{Surrogate}/gu;

/**
 * A string as Go's `json.Marshal` writes it (Go 1.26): `<`, `>`, `&` and the two line separators of Unicode
 * are escaped, DEL and everything else beyond ASCII is not. A surrogate without a partner is U+FFFD, as in
 * UTF-8.
 */
export function quote(text: string): string {
	return isSafe(text) ? `"${text}"` : `"${text.replace(ESCAPED, escapeOf)}"`;
}

/** Bytes that are not UTF-8: like Go, one escaped U+FFFD for each of those that belong to no character. */
export function quoteBytes(bytes: Uint8Array): string {
	return `"${splitAtInvalidUtf8(bytes)
		.map((part) => part.replace(ESCAPED, escapeOf))
		.join("\\ufffd")}"`;
}

function isSafe(text: string): boolean {
	PLAIN.lastIndex = 0;
	PLAIN.test(text);
	return (
		PLAIN.lastIndex === text.length &&
		!text.includes("&") &&
		!text.includes("<") &&
		!text.includes(">") &&
		!WIDE.test(text)
	);
}

function escapeOf(character: string): string {
	switch (character) {
		case '"':
		case "\\":
			return `\\${character}`;
		case "\b":
			return "\\b";
		case "\f":
			return "\\f";
		case "\n":
			return "\\n";
		case "\r":
			return "\\r";
		case "\t":
			return "\\t";
		default: {
			const unit = character.charCodeAt(0);
			return unit >= 0xd800 && unit <= 0xdfff ? "\uFFFD" : `\\u${unit.toString(16).padStart(4, "0")}`;
		}
	}
}
