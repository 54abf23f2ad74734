import { UsageError } from "./usage-error.ts";

/** Where something is in a document: mapping keys as text, list positions as numbers that count data, not comments. */
export type Path = readonly (string | number)[];

/** @throws UsageError for anything but an array of texts and whole numbers */
export function checkPath(path: unknown): Path {
	const isStep = (step: unknown): boolean => typeof step === "string" || Number.isInteger(step);
	if (Array.isArray(path) && path.every(isStep)) return path;
	throw new UsageError(
		"argument-invalid",
		'A path is an array of keys and positions, such as ["data", "password"].',
	);
}

/** Writes a path as the reference's `extract` reads it: `["a"]["b"][0]`. */
export function formatPath(path: Path): string {
	return checkPath(path)
		.map((step) => `[${JSON.stringify(step)}]`)
		.join("");
}
