import type {
	CommonOptions,
	DataOf,
	DecryptedDocument,
	DecryptObjectOptions,
	DecryptOptions,
	Draft,
	EditOptions,
	EncryptedFile,
	EncryptOptions,
	Inspection,
	KeyGroup,
	KeyProvider,
	StandardSchemaV1,
} from "@sopskit/core";
import type { DecryptFileOptions, EditFileOptions, EncryptFileOptions, FilePath } from "@sopskit/core/node";
import type { IdentitySources } from "./identity-sources.ts";
import type { FileResult } from "./many-files.ts";

/** Options of an operation that unwraps: `providers` may be left out, and replaces those of the instance if not. */
export type DefaultedKeys<O> = Omit<O, "providers"> & {
	readonly providers?: readonly KeyProvider[] | undefined;
};

/** Options of an encryption: `keyGroups` may be left out, and replaces those of the instance if not. */
export type DefaultedEncryption<O> = Omit<O, "keyGroups"> & {
	readonly keyGroups?: readonly KeyGroup[] | undefined;
};

type Schema = StandardSchemaV1 | undefined;

/**
 * The operations with keys and settings in place; made by {@link createSops}. Each does what the function of its
 * name does, with the same options and errors, and may be called any number of times at once. The methods do not
 * depend on `this`.
 */
export interface Sops {
	decryptDocument<S extends Schema = undefined>(
		input: string | Uint8Array,
		options: DefaultedKeys<DecryptOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;

	decryptFile<S extends Schema = undefined>(
		path: FilePath,
		options?: DefaultedKeys<DecryptFileOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;

	/**
	 * Decrypts many files, as many at once as `concurrency` of {@link createSops} allows. Results have the order of
	 * the paths; a file that fails gives a result with `ok: false` and its error.
	 *
	 * @throws SopsError `aborted`
	 * @throws UsageError for unknown options and wrong argument types
	 */
	decryptFiles<S extends Schema = undefined>(
		paths: readonly FilePath[],
		options?: DefaultedKeys<DecryptFileOptions<S>>,
	): Promise<readonly FileResult<DataOf<S>>[]>;

	decryptObject<S extends Schema = undefined>(
		value: object,
		options?: DefaultedKeys<DecryptObjectOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;

	encryptDocument(
		input: string | Uint8Array,
		options: DefaultedEncryption<EncryptOptions>,
	): Promise<EncryptedFile>;

	encryptFile(path: FilePath, options?: DefaultedEncryption<EncryptFileOptions>): Promise<EncryptedFile>;

	editDocument(
		input: string | Uint8Array,
		options: DefaultedKeys<EditOptions>,
		edit: (draft: Draft) => void | Promise<void>,
	): Promise<EncryptedFile>;

	editFile(
		path: FilePath,
		options: DefaultedKeys<EditFileOptions>,
		edit: (draft: Draft) => void | Promise<void>,
	): Promise<EncryptedFile>;

	inspectDocument(input: string | Uint8Array, options: CommonOptions): Inspection;

	/**
	 * Where age identities were looked for in the environment, and which sources could not be used. Looks there now
	 * if no decryption has done so yet.
	 */
	sources(): Promise<IdentitySources>;

	/** Closes the providers, also those that were passed in. Later calls of the other methods are refused. */
	close(): Promise<void>;
}
