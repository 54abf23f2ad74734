import { trim } from "../../leaf/blank.ts";

/** A key as it stands at the beginning of a line. */
export interface KeyName {
	readonly name: string;
	/** Behind the key, its quotes included. */
	readonly end: number;
	/** Where `=` or `:` stands. */
	readonly delimiter: number;
}

export type KeyNameFault = "quote" | "delimiter" | "empty";

const encoder = new TextEncoder();

/**
 * Reads a key name as ini.v1 1.67.3 (parser.go, `readKeyName`): in `"`, backquotes or `"""`, which ends at the
 * next such quote, or plain up to the first `=` or `:`. Single quotes are part of a name. What stands between
 * a closing quote and the delimiter is ignored.
 *
 * @param line - without the blanks that it begins with, up to and with its line feed
 */
export function readKeyName(line: string): KeyName | KeyNameFault {
	const quote = quoteOf(line);
	if (quote === "") {
		const delimiter = line.search(/[=:]/);
		if (delimiter < 0) return "delimiter";
		if (delimiter === 0) return "empty";
		const name = trim(line.slice(0, delimiter));
		return { name, end: name.length, delimiter };
	}
	const close = line.indexOf(quote, quote.length);
	if (close < 0) return "quote";
	const end = close + quote.length;
	const gap = line.slice(end).search(/[=:]/);
	if (gap < 0) return "delimiter";
	const name = trim(line.slice(quote.length, close));
	return name === "" ? "empty" : { name, end, delimiter: end + gap };
}

function quoteOf(line: string): string {
	if (line.startsWith("`")) return "`";
	if (!line.startsWith('"')) return "";
	// ini.v1 counts bytes, and the line feed is one of them.
	return line.startsWith('"""') && encoder.encode(line.slice(0, 7)).length > 6 ? '"""' : '"';
}
