/** Where the line behind the one at `at` begins: only a line feed ends a line. */
export function endOfLine(source: string, at: number): number {
	const found = source.indexOf("\n", at);
	return found < 0 ? source.length : found + 1;
}
