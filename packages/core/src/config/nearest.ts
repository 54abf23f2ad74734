/** The known name that was probably meant: the same but for case, dashes and a plural, or at most two typing errors away. */
export function nearest(name: string, known: readonly string[]): string | undefined {
	const bare = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, "").replace(/s$/, "");
	return (
		known.find((one) => bare(one) === bare(name)) ??
		known.find((one) => one.length > 4 && Math.abs(one.length - name.length) <= 2 && edits(one, name) <= 2)
	);
}

/** Characters to insert, remove or exchange (Levenshtein). */
function edits(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const exchange = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(exchange, row[j]! + 1, next[j - 1]! + 1));
		}
		row = next;
	}
	return row[b.length]!;
}
