import { SopsError } from "../errors.ts";
import { formatPath, type Path, pathOf } from "../path.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import type { NewValue } from "./draft.ts";
import { type EditOptions, editDocument } from "./edit.ts";

/**
 * Puts one value into an encrypted file (`sops set`): the value keeps its type, so a whole number stays an int where
 * the reference makes a float of it (decision 0021). When it is there already, the file stays as it is, to the byte.
 *
 * @example
 * ```ts
 * await setValue(text, '["stringData"]["password"]', "correct horse", { format: "yaml", providers });
 * ```
 * @param input - the encrypted file as text or UTF-8 bytes
 * @param path - keys and positions, or text as `sops` takes it; in the first document
 * @param value - plain data; `int()`, `float()`, `timestamp()` where the type matters
 * @throws SopsError as `editDocument`; `path-not-found` when the way goes through a single value, or a position is
 * beyond the end of its list
 * @throws UsageError for unknown options and wrong argument types
 */
export function setValue(
	input: string | Uint8Array,
	path: Path | string,
	value: NewValue,
	options: EditOptions,
): Promise<EncryptedFile> {
	return editDocument(input, options, (draft) => draft.set(pathOf(path), value));
}

/**
 * Takes one value out of an encrypted file (`sops unset`).
 *
 * @param path - as for {@link setValue}
 * @throws SopsError as `editDocument`; `path-not-found` when nothing is there
 * @throws UsageError for unknown options and wrong argument types
 */
export function unsetValue(
	input: string | Uint8Array,
	path: Path | string,
	options: EditOptions,
): Promise<EncryptedFile> {
	return editDocument(input, options, (draft) => {
		const at = pathOf(path);
		if (!draft.delete(at)) throw nothingAt(at);
	});
}

/** What to throw where a path leads to nothing. */
export function nothingAt(path: Path): SopsError {
	return new SopsError(
		"path-not-found",
		`The document has nothing at ${formatPath(path)}. Positions count from 0, and comments are none.`,
		{ path },
	);
}
