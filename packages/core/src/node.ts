/**
 * The operations over files, for Node and whatever else has `node:fs`. Reading and writing are all that this adds:
 * for content, options and errors see the functions of `@sopskit/core` for text.
 *
 * @packageDocumentation
 */
export { addFileKeyGroup, deleteFileKeyGroup, rotateFile, updateFileKeys } from "./files/change-keys.ts";
export { setFileValue, unsetFileValue, updateFile } from "./files/change-values.ts";
export { commandWords } from "./files/command-words.ts";
export { type DecryptFileOptions, decryptFile } from "./files/decrypt-file.ts";
export { type EditFileOptions, editFile } from "./files/edit-file.ts";
export { type EditorOptions, editInEditor } from "./files/edit-in-editor.ts";
export { type EncryptFileOptions, encryptFile } from "./files/encrypt-file.ts";
export type { OverFile } from "./files/in-place.ts";
export { type LoadConfigOptions, loadConfig } from "./files/load-config.ts";
export {
	extractFileValue,
	fileEncryptionStatus,
	inspectFile,
	maskFile,
	planFileKeyUpdate,
	verifyFile,
} from "./files/look.ts";
export type { FilePath } from "./files/path.ts";
export { resolveFileRule } from "./files/resolve-file-rule.ts";
