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

/** One step of a path as text: a key in single or double quotes, or a whole number. */
const STEP = /\[(?:"([\s\S]*?)"|'([\s\S]*?)'|(-?\d+))\](?=\[|$)/y;

/**
 * Reads a path as `sops --extract` does: `["a"]['b'][0]` (sops 3.13.3, cmd/sops/main.go, `parseTreePath`). What stands
 * in quotes is the key as it is, without escapes; unlike there, it may hold brackets.
 *
 * @throws UsageError for anything else
 */
export function parsePath(text: string): Path {
	const path: (string | number)[] = [];
	for (let at = 0; at < text.length; at = STEP.lastIndex) {
		STEP.lastIndex = at;
		const match = STEP.exec(text);
		const number = Number(match?.[3] ?? 0);
		if (match === null || !Number.isSafeInteger(number)) {
			throw new UsageError(
				"argument-invalid",
				'A path as text is a row of keys in quotes and positions, each in brackets, such as ["data"]["list"][0].',
			);
		}
		path.push(match[3] === undefined ? (match[1] ?? match[2] ?? "") : number);
	}
	return path;
}

/** A path as an array, or as text for {@link parsePath}. @throws UsageError */
export function pathOf(path: Path | string): Path {
	return typeof path === "string" ? parsePath(path) : checkPath(path);
}
