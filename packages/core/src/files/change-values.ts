import type { NewValue } from "../operations/draft.ts";
import { EDIT_CHECKS, type EditOptions } from "../operations/edit.ts";
import { setValue, unsetValue } from "../operations/set-value.ts";
import {
	type NewPlaintext,
	UPDATE_CHECKS,
	type UpdateOptions,
	updateDocument,
} from "../operations/update.ts";
import type { Path } from "../path.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { inPlace, type OverFile } from "./in-place.ts";
import type { FilePath } from "./path.ts";

/**
 * `setValue` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `setValue`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function setFileValue(
	file: FilePath,
	path: Path | string,
	value: NewValue,
	options: OverFile<EditOptions>,
): Promise<EncryptedFile> {
	return inPlace("setFileValue()", file, options, EDIT_CHECKS, (bytes, all) =>
		setValue(bytes, path, value, all),
	);
}

/**
 * `unsetValue` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `unsetValue`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function unsetFileValue(
	file: FilePath,
	path: Path | string,
	options: OverFile<EditOptions>,
): Promise<EncryptedFile> {
	return inPlace("unsetFileValue()", file, options, EDIT_CHECKS, (bytes, all) =>
		unsetValue(bytes, path, all),
	);
}

/**
 * `updateDocument` over a file, in place: encrypts a new plaintext against what the file holds.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `updateDocument`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function updateFile(
	file: FilePath,
	plaintext: NewPlaintext,
	options: OverFile<UpdateOptions>,
): Promise<EncryptedFile> {
	return inPlace("updateFile()", file, options, UPDATE_CHECKS, (bytes, all) =>
		updateDocument(bytes, plaintext, all),
	);
}
