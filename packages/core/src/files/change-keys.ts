import {
	ADD_GROUP_CHECKS,
	type AddGroupOptions,
	addKeyGroup,
	DELETE_GROUP_CHECKS,
	type DeleteGroupOptions,
	deleteKeyGroup,
} from "../operations/key-groups.ts";
import { ROTATE_CHECKS, type RotateOptions, rotateDocument } from "../operations/rotate.ts";
import { UPDATE_KEYS_CHECKS, type UpdateKeysOptions, updateKeys } from "../operations/update-keys.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { inPlace, type OverFile } from "./in-place.ts";
import type { FilePath } from "./path.ts";

/**
 * `rotateDocument` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `rotateDocument`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function rotateFile(path: FilePath, options: OverFile<RotateOptions>): Promise<EncryptedFile> {
	return inPlace("rotateFile()", path, options, ROTATE_CHECKS, rotateDocument);
}

/**
 * `updateKeys` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `updateKeys`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function updateFileKeys(path: FilePath, options: OverFile<UpdateKeysOptions>): Promise<EncryptedFile> {
	return inPlace("updateFileKeys()", path, options, UPDATE_KEYS_CHECKS, updateKeys);
}

/**
 * `addKeyGroup` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `addKeyGroup`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function addFileKeyGroup(path: FilePath, options: OverFile<AddGroupOptions>): Promise<EncryptedFile> {
	return inPlace("addFileKeyGroup()", path, options, ADD_GROUP_CHECKS, addKeyGroup);
}

/**
 * `deleteKeyGroup` over a file, in place.
 *
 * @returns what the file holds now
 * @throws SopsError `file-unusable`, and all of `deleteKeyGroup`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export function deleteFileKeyGroup(
	path: FilePath,
	options: OverFile<DeleteGroupOptions>,
): Promise<EncryptedFile> {
	return inPlace("deleteFileKeyGroup()", path, options, DELETE_GROUP_CHECKS, deleteKeyGroup);
}
