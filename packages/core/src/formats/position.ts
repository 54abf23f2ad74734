/** Line and column, from 1, of an offset; columns count UTF-16 units. */
export function positionAt(text: string, index: number): { line: number; column: number } {
	let line = 1;
	let start = 0;
	for (let at = text.indexOf("\n"); at !== -1 && at < index; at = text.indexOf("\n", at + 1)) {
		line++;
		start = at + 1;
	}
	return { line, column: index - start + 1 };
}
