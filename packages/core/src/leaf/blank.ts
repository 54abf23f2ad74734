// The characters of Go's `unicode.IsSpace` (Go 1.26): not those of `\s`, which lacks U+0085 and has U+FEFF.
const BLANK = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ONE = new RegExp(BLANK);

function isBlank(character: string): boolean {
	const unit = character.charCodeAt(0);
	return unit > 0x20 && unit < 0x85 ? false : ONE.test(character);
}

/** The first place in `[start, end)` that is not blank, or `end`. */
export function skipBlanks(text: string, start: number, end: number): number {
	let at = start;
	while (at < end && isBlank(text.charAt(at))) at++;
	return at;
}

/** Where `[start, end)` ends without the blanks behind it. */
export function dropBlanks(text: string, start: number, end: number): number {
	let at = end;
	while (at > start && isBlank(text.charAt(at - 1))) at--;
	return at;
}

/** Go: `strings.TrimSpace`. */
export function trim(text: string): string {
	const start = skipBlanks(text, 0, text.length);
	return text.slice(start, dropBlanks(text, start, text.length));
}
