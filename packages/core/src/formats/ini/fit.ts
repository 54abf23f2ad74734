import { commentPrefix, commentText, readCommentLines } from "./comment.ts";
import { readKeyName } from "./key-name.ts";
import { readStatements } from "./statement.ts";
import { readValue } from "./value.ts";

/** Quotes from the plainest on; ini.v1 knows no escapes, so each of them carries some texts only. */
const VALUE_QUOTES = ["", '"', "`", '"""', "'"];
const KEY_QUOTES = ["", '"', "`", '"""'];

/**
 * How to write a value so that it is read as `text`: like the author if that can carry it.
 *
 * @param before - what the author wrote
 * @param tail - what follows on the line
 * @param accepts - judges the comment that is read behind the value
 */
export function fitValue(
	text: string,
	before: string,
	tail: string,
	accepts: (comment: string | undefined) => boolean,
): string | undefined {
	const reads = (raw: string): boolean => {
		// The line behind must not become part of the value.
		const source = `${raw}${tail}\n-`;
		const value = readValue(source, 0);
		return (
			value !== undefined &&
			value.text === text &&
			value.next === source.length - 1 &&
			accepts(value.comment && source.slice(value.comment.start, value.comment.end))
		);
	};
	if (reads(before)) return before;
	for (const quote of [quoteAround(before), ...VALUE_QUOTES]) {
		const raw = quote + text + quote;
		if (reads(raw)) return raw;
	}
	return undefined;
}

function quoteAround(raw: string): string {
	const quote = /^(?:"""|["'`])/.exec(raw)?.[0] ?? "";
	return raw.length >= 2 * quote.length && raw.endsWith(quote) ? quote : "";
}

/** How to write a key, in front of a delimiter, so that it is read as `name`. */
export function fitKey(name: string): string | undefined {
	// A key that is read as `-` is counted.
	if (name === "-" || name.includes("\n")) return undefined;
	for (const quote of KEY_QUOTES) {
		const raw = quote + name + quote;
		if (!/^[^#;[]/.test(raw)) continue;
		const key = readKeyName(`${raw} =\n`);
		if (typeof key !== "string" && key.name === name && key.delimiter === raw.length + 1) return raw;
	}
	return undefined;
}

/** Whether the line of a section says what it should. */
export function isHeader(
	line: string,
	name: string,
	accepts: (comment: string | undefined) => boolean,
): boolean {
	if (name === "" || /\n/.test(line)) return false;
	const header = readStatements(`${line}\n`).sections[1];
	return header?.name === name && accepts(header.header?.comment?.raw);
}

/**
 * A comment behind something, that is read as `text`.
 *
 * @param before - the author's
 */
export function fitInline(text: string, before: string): string | undefined {
	return /[\r\n]/.test(text) ? undefined : prefixesFor(before).find(reads(text))?.concat(text);
}

/** Lines of comments, that are read as `text`. @param before - the author's comment, or one like it */
export function fitLines(
	text: string,
	before: string,
	indent: string,
	lineBreak: string,
): string | undefined {
	const prefix = prefixesFor(before).find(reads(text));
	if (prefix === undefined) return undefined;
	const raw = text === "" ? prefix.trimEnd() : prefix + text;
	const lines = raw.split("\n");
	if (!lines.every((line) => /^[#;]/.test(line))) return undefined;
	const written = lines.map((line) => indent + line).join("\n") + lineBreak;
	return readCommentLines(written) === text ? written : undefined;
}

function prefixesFor(before: string): string[] {
	return [commentPrefix(before), "; ", "# "].filter((prefix) => prefix !== "");
}

/** Whether a text is still itself behind a prefix: it may begin with a mark or a blank. */
function reads(text: string): (prefix: string) => boolean {
	return (prefix) => commentText(prefix + text) === text;
}
