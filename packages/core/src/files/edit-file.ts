import type { Format } from "../formats/formats.ts";
import type { Draft } from "../operations/draft.ts";
import { EDIT_CHECKS, type EditOptions, editDocument, requireEdit } from "../operations/edit.ts";
import type { EncryptedFile } from "../operations/encrypted-file.ts";
import { requireOption } from "../operations/input.ts";
import { checkOptions } from "../options.ts";
import { namingFile } from "./file-error.ts";
import { formatFor } from "./format.ts";
import { type FilePath, pathText } from "./path.ts";
import { readFile } from "./read.ts";
import { replaceFile } from "./write.ts";

/** Options of {@link editFile}: those of `editDocument`, without the need to name the format. */
export interface EditFileOptions extends Omit<EditOptions, "format"> {
	/** By default what the end of the path says. */
	readonly format?: Format | undefined;
}

/**
 * Changes an encrypted file in place, as `editDocument` does. The write is atomic (see {@link encryptFile}), and
 * there is none when nothing changed, when `edit` throws, or when someone else changed the file in the meantime.
 *
 * @example
 * ```ts
 * await editFile("secret.yaml", { providers }, (draft) => {
 *   draft.set(["stringData", "password"], "correct horse");
 * });
 * ```
 * @param path - the encrypted file
 * @param edit - changes the draft in place
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, `format-unknown`, and all of `editDocument`, with the path in the message
 * @throws UsageError for unknown options and wrong argument types
 */
export async function editFile(
	path: FilePath,
	options: EditFileOptions,
	edit: (draft: Draft) => void | Promise<void>,
): Promise<EncryptedFile> {
	const of = "editFile()";
	const name = pathText(of, path);
	checkOptions(of, options, EDIT_CHECKS);
	requireOption(of, "providers", options.providers);
	requireEdit(of, edit);
	const format = formatFor(name, options.format);
	const { bytes, stats } = await readFile(name, options);
	const file = await namingFile(name, () => editDocument(bytes, { ...options, format }, edit));
	if (file.changed) {
		await replaceFile(name, file.bytes, { unchangedSince: stats, signal: options.signal });
	}
	return file;
}
