import type { DataOf, DecryptedDocument, StandardSchemaV1, UpdateKeysOptions } from "@sopskit/core";
import type { DecryptFileOptions, FilePath, OverFile } from "@sopskit/core/node";
import type { DefaultedKeys } from "./defaulted.ts";
import type { EncryptFilesOptions, FileEncryption } from "./encrypt-by-rule.ts";
import type { FileProgress, FileResult } from "./for-each-file.ts";
import type { FileKeyUpdate } from "./update-keys-by-rule.ts";

/** Options of `files()`. */
export interface FilesOptions {
	/** The folder of relative paths and patterns; the working directory by default. */
	readonly cwd?: FilePath | undefined;
	/** How many files are under way at most; by default what `createSops()` was told, or else 8. */
	readonly concurrency?: number | undefined;
	/** No further file is begun after it aborts, and those under way end early. */
	readonly signal?: AbortSignal | undefined;
	/** Called after each file. What it throws ends the run. */
	readonly onProgress?: ((progress: FileProgress) => void) | undefined;
}

/** Options of {@link FileSet.decrypt}. */
export type DecryptFilesOptions<S extends StandardSchemaV1 | undefined = undefined> = Omit<
	DefaultedKeys<DecryptFileOptions<S>>,
	"signal"
>;

/** Options of {@link FileSet.updateKeys}. */
export interface UpdateFilesKeysOptions
	extends Omit<DefaultedKeys<OverFile<UpdateKeysOptions>>, "keyGroups" | "signal"> {
	/** In the place of the keys of the rules. */
	readonly keyGroups?: UpdateKeysOptions["keyGroups"] | undefined;
	/** Only says what would be done. Nothing is written. */
	readonly dryRun?: boolean | undefined;
}

/**
 * Many files, for one run or several; each run looks for them anew. A run gives one result for each file, in the order of
 * the paths: `{ ok: true, path, value }` or `{ ok: false, path, error }`. A run rejects only for what is not about one
 * file: misuse, and SopsError `aborted` during the search. After a later abort, the files that were not done have
 * `aborted` for their error.
 */
export interface FileSet {
	/** The files that are there now. Folders that cannot be read are not told; runs tell them. */
	paths(): Promise<readonly string[]>;

	/**
	 * Runs any work on each file: an operation of this instance, or your own. Whatever it throws is the result of its
	 * file, but for a UsageError, which ends the run.
	 *
	 * @example
	 * ```ts
	 * await sops.files("clusters").each((path, { signal }) => sops.rotateFile(path, { signal }));
	 * ```
	 */
	each<T>(
		work: (path: string, call: { readonly signal?: AbortSignal }) => T | Promise<T>,
	): Promise<readonly FileResult<T, unknown>[]>;

	/** Decrypts each file, as `decryptFile`. A plain file is `not-encrypted`, and its content is not given out. */
	decrypt<S extends StandardSchemaV1 | undefined = undefined>(
		options?: DecryptFilesOptions<S>,
	): Promise<readonly FileResult<DecryptedDocument<DataOf<S>>>[]>;

	/**
	 * Encrypts plain files in place, each by its creation rule. Files that are encrypted, that no rule matches, in which
	 * nothing is selected, configurations (`.sops.yaml`, `kustomization.yaml`), and binary ones that nobody named are
	 * left alone, with the reason. Without `config`, the options of the call and the keys of the instance apply to all.
	 */
	encrypt(options?: EncryptFilesOptions): Promise<readonly FileResult<FileEncryption>[]>;

	/**
	 * Gives each encrypted file the keys of its rule, as `updateFileKeys`: where someone loses access, it is rotated.
	 * As with `sops updatekeys`, the threshold and selectors of the rule are not applied.
	 */
	updateKeys(options?: UpdateFilesKeysOptions): Promise<readonly FileResult<FileKeyUpdate>[]>;
}
