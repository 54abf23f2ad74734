/** Where something is in a document: mapping keys as text, list positions as numbers that count data, not comments. */
export type Path = readonly (string | number)[];

/** Writes a path as the reference's `extract` reads it: `["a"]["b"][0]`. */
export function formatPath(path: Path): string {
	return path.map((step) => `[${JSON.stringify(step)}]`).join("");
}
