import type {
	AddGroupOptions,
	DataOf,
	DecryptedDocument,
	DecryptObjectOptions,
	DecryptOptions,
	DeleteGroupOptions,
	Draft,
	EditOptions,
	EncryptedFile,
	EncryptOptions,
	ExtractedValue,
	Inspection,
	InspectOptions,
	KeyUpdatePlan,
	Merged,
	MergeInput,
	NewPlaintext,
	NewValue,
	Path,
	PlanOptions,
	ResolvedRule,
	RotateOptions,
	StandardSchemaV1,
	UpdateKeysOptions,
	UpdateOptions,
	Verification,
	VerifyOptions,
} from "@sopskit/core";
import type {
	DecryptFileOptions,
	EditFileOptions,
	EditorOptions,
	EncryptFileOptions,
	FilePath,
	OverFile,
} from "@sopskit/core/node";
import type { DefaultedEncryption, DefaultedKeys, DefaultedTarget } from "./defaulted.ts";
import type { FileSet, FilesOptions } from "./file-set.ts";
import type { IdentitySources } from "./identity-sources.ts";

type Schema = StandardSchemaV1 | undefined;
type Text = string | Uint8Array;

/**
 * The operations with keys and settings in place; made by {@link createSops}. Each does what the function of its
 * name does, with the same options and errors, and may be called any number of times at once. The methods do not
 * depend on `this`. What needs no keys, such as `maskDocument`, is a function of its own beside this.
 */
export interface Sops {
	decryptDocument<S extends Schema = undefined>(
		input: Text,
		options: DefaultedKeys<DecryptOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;
	decryptObject<S extends Schema = undefined>(
		value: object,
		options?: DefaultedKeys<DecryptObjectOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;
	encryptDocument(input: Text, options: DefaultedEncryption<EncryptOptions>): Promise<EncryptedFile>;
	editDocument(
		input: Text,
		options: DefaultedKeys<EditOptions>,
		edit: (draft: Draft) => void | Promise<void>,
	): Promise<EncryptedFile>;
	setValue(
		input: Text,
		path: Path | string,
		value: NewValue,
		options: DefaultedKeys<EditOptions>,
	): Promise<EncryptedFile>;
	unsetValue(input: Text, path: Path | string, options: DefaultedKeys<EditOptions>): Promise<EncryptedFile>;
	extractValue(
		input: Text,
		path: Path | string,
		options: DefaultedKeys<Omit<DecryptOptions, "schema">>,
	): Promise<ExtractedValue>;
	updateDocument(
		previous: Text,
		plaintext: NewPlaintext,
		options: DefaultedKeys<UpdateOptions>,
	): Promise<EncryptedFile>;
	mergeDocuments(input: MergeInput, options: DefaultedKeys<UpdateOptions>): Promise<Merged>;
	rotateDocument(input: Text, options: DefaultedKeys<RotateOptions>): Promise<EncryptedFile>;
	updateKeys(input: Text, options: DefaultedTarget<DefaultedKeys<UpdateKeysOptions>>): Promise<EncryptedFile>;
	addKeyGroup(input: Text, options: DefaultedKeys<AddGroupOptions>): Promise<EncryptedFile>;
	deleteKeyGroup(input: Text, options: DefaultedKeys<DeleteGroupOptions>): Promise<EncryptedFile>;
	verifyDocument(input: Text, options: DefaultedKeys<VerifyOptions>): Promise<Verification>;
	inspectDocument(input: Text, options: InspectOptions): Inspection;

	decryptFile<S extends Schema = undefined>(
		path: FilePath,
		options?: DefaultedKeys<DecryptFileOptions<S>>,
	): Promise<DecryptedDocument<DataOf<S>>>;
	/**
	 * With `config` of {@link createSops}, by the rule of the file; each option of the call replaces that of the rule.
	 *
	 * @throws SopsError all of `encryptFile`; with `config` those of `loadConfig`, `rule-not-found`, `config-invalid`,
	 * `provider-missing`
	 */
	encryptFile(path: FilePath, options?: DefaultedEncryption<EncryptFileOptions>): Promise<EncryptedFile>;
	editFile(
		path: FilePath,
		options: DefaultedKeys<EditFileOptions>,
		edit: (draft: Draft) => void | Promise<void>,
	): Promise<EncryptedFile>;
	/** The editor is the one of the instance's `environment` by default. */
	editInEditor(path: FilePath, options?: DefaultedKeys<EditorOptions>): Promise<EncryptedFile>;
	setFileValue(
		file: FilePath,
		path: Path | string,
		value: NewValue,
		options?: DefaultedKeys<OverFile<EditOptions>>,
	): Promise<EncryptedFile>;
	unsetFileValue(
		file: FilePath,
		path: Path | string,
		options?: DefaultedKeys<OverFile<EditOptions>>,
	): Promise<EncryptedFile>;
	extractFileValue(
		file: FilePath,
		path: Path | string,
		options?: DefaultedKeys<OverFile<Omit<DecryptOptions, "schema">>>,
	): Promise<ExtractedValue>;
	updateFile(
		file: FilePath,
		plaintext: NewPlaintext,
		options?: DefaultedKeys<OverFile<UpdateOptions>>,
	): Promise<EncryptedFile>;
	rotateFile(path: FilePath, options?: DefaultedKeys<OverFile<RotateOptions>>): Promise<EncryptedFile>;
	/**
	 * With `config` of {@link createSops}, to the keys of the file's rule. As with `sops updatekeys`, its threshold and
	 * selectors are not applied.
	 *
	 * @throws SopsError all of `updateFileKeys`; with `config` those of `loadConfig`, `rule-not-found`, `config-invalid`
	 */
	updateFileKeys(
		path: FilePath,
		options?: DefaultedTarget<DefaultedKeys<OverFile<UpdateKeysOptions>>>,
	): Promise<EncryptedFile>;
	/** What `updateFileKeys` would change. */
	planFileKeyUpdate(path: FilePath, options?: DefaultedTarget<OverFile<PlanOptions>>): Promise<KeyUpdatePlan>;
	addFileKeyGroup(path: FilePath, options: DefaultedKeys<OverFile<AddGroupOptions>>): Promise<EncryptedFile>;
	deleteFileKeyGroup(
		path: FilePath,
		options: DefaultedKeys<OverFile<DeleteGroupOptions>>,
	): Promise<EncryptedFile>;
	verifyFile(path: FilePath, options?: DefaultedKeys<OverFile<VerifyOptions>>): Promise<Verification>;
	/** The rule that `config` of {@link createSops} has for a file, which need not exist. */
	resolveFileRule(path: FilePath): Promise<ResolvedRule>;

	/**
	 * Many files: paths, folders (all files below) and glob patterns, of which those that begin with `!` exclude. Nothing
	 * is read before one of its methods is called.
	 *
	 * @example
	 * ```ts
	 * const results = await sops.files("clusters").encrypt({ dryRun: true });
	 * ```
	 * @throws UsageError for unknown options and wrong argument types
	 */
	files(patterns: FilePath | readonly FilePath[], options?: FilesOptions): FileSet;

	/**
	 * Where age identities were looked for in the environment, which sources could not be used, and which variables of key
	 * services. Looks there now if no decryption has done so yet.
	 */
	sources(): Promise<IdentitySources>;

	/** Closes the providers, also those that were passed in. Later calls of the other methods are refused. */
	close(): Promise<void>;
}
