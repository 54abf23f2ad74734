import type { Draft } from "../operations/draft.ts";
import { EDIT_CHECKS, type EditOptions, editDocument, requireEdit } from "../operations/edit.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { inPlace, type OverFile } from "./in-place.ts";
import type { FilePath } from "./path.ts";

/** Options of {@link editFile}. */
export type EditFileOptions = OverFile<EditOptions>;

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
	requireEdit(of, edit);
	return inPlace(of, path, options, EDIT_CHECKS, (bytes, all) => editDocument(bytes, all, edit));
}
