/** The ways to cut a text, from the coarsest on: lines, tokens, characters. */
const CUTS: readonly RegExp[] = [/[^\n]*\n|[^\n]+$/g, /\w+|[^\S\n]+|[^\w\s]+|\n/g, /[\s\S]/g];

/**
 * The smallest text that can be reached from `text` by leaving out lines, then tokens, then characters, and by
 * taking plainer ones, and still shows the same difference.
 *
 * @param text - bytes, one for each character
 * @param same - whether a text shows it
 * @param evaluations - how often `same` may be asked
 */
export async function minimise(
	text: string,
	same: (text: string) => Promise<boolean>,
	evaluations = 1500,
): Promise<string> {
	let left = evaluations;
	const shows = async (candidate: string): Promise<boolean> => left-- > 0 && (await same(candidate));
	let current = text;
	for (let before = ""; before !== current && left > 0; ) {
		before = current;
		for (const cut of CUTS) current = await withFewer(current, cut, shows);
		current = await plainer(current, shows);
	}
	return current;
}

/** Leaves out parts, many at once first. */
async function withFewer(
	text: string,
	cut: RegExp,
	shows: (text: string) => Promise<boolean>,
): Promise<string> {
	let parts: string[] = [...(text.match(cut) ?? [])];
	for (let size = Math.ceil(parts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = parts.length - size; at > -size; at -= size) {
			const fewer = parts.toSpliced(Math.max(0, at), at < 0 ? size + at : size);
			if (fewer.length < parts.length && (await shows(fewer.join("")))) parts = fewer;
		}
	}
	return parts.join("");
}

/** Words become one letter, numbers one digit. */
async function plainer(text: string, shows: (text: string) => Promise<boolean>): Promise<string> {
	let current = text;
	for (const word of new Set(text.match(/[A-Za-z_]{2,}|\d{2,}/g) ?? [])) {
		const candidate = current.replaceAll(word, /\d/.test(word) ? "1" : "a");
		if (candidate !== current && (await shows(candidate))) current = candidate;
	}
	return current;
}
