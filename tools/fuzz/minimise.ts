/**
 * The smallest text that can be reached from `text` by leaving out lines, then characters, and still shows the
 * same difference.
 *
 * @param same - whether a text shows it
 * @param evaluations - how often `same` may be asked
 */
export async function minimise(
	text: string,
	same: (text: string) => Promise<boolean>,
	evaluations = 600,
): Promise<string> {
	let left = evaluations;
	const still = async (parts: readonly string[], glue: string): Promise<boolean> =>
		left-- > 0 && (await same(parts.join(glue)));
	let current = text;
	for (const glue of ["\n", ""]) {
		for (let progress = true; progress && left > 0; ) {
			progress = false;
			let parts = current.split(glue);
			for (let size = Math.ceil(parts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
				for (let at = parts.length - size; at >= 0 && left > 0; at -= size) {
					const fewer = [...parts.slice(0, at), ...parts.slice(at + size)];
					if (await still(fewer, glue)) {
						parts = fewer;
						progress = true;
					}
				}
			}
			current = parts.join(glue);
		}
	}
	return current;
}
