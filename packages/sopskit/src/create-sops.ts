import { type AgeOptions, age } from "@sopskit/age";
import {
	addKeyGroup,
	cachingProvider,
	type DataKeyCacheOptions,
	decryptDocument,
	decryptObject,
	deleteKeyGroup,
	editDocument,
	encryptDocument,
	extractValue,
	type Format,
	formatOfPath,
	inspectDocument,
	type KeyGroup,
	type KeyProvider,
	type KeyTarget,
	mergeDocuments,
	rotateDocument,
	SopsError,
	setValue,
	type UpdateKeysOptions,
	UsageError,
	unsetValue,
	updateDocument,
	updateKeys,
	verifyDocument,
} from "@sopskit/core";
import {
	addFileKeyGroup,
	decryptFile,
	deleteFileKeyGroup,
	type EditorOptions,
	editFile,
	editInEditor,
	encryptFile,
	extractFileValue,
	type FilePath,
	planFileKeyUpdate,
	rotateFile,
	setFileValue,
	unsetFileValue,
	updateFile,
	updateFileKeys,
	verifyFile,
} from "@sopskit/core/node";
import type { PgpOptions } from "@sopskit/pgp";
import type { DefaultedKeys } from "./defaulted.ts";
import { boundOptions, optionsFor } from "./encrypt-by-rule.ts";
import type { Environment } from "./environment.ts";
import { type AgeSource, ageFrom, explainSources } from "./identity-sources.ts";
import { keyServices, serviceFindings } from "./key-services.ts";
import { checkSopsOptions } from "./options.ts";
import { pgpFrom } from "./pgp-source.ts";
import { type ConfigSource, Rules } from "./rules.ts";
import { filesOf, type Instance } from "./run-files.ts";
import { settingsFrom } from "./settings.ts";
import type { Sops } from "./sops.ts";
import { type KeyUpdateOptions, targetFor } from "./update-keys-by-rule.ts";

/** Options of {@link createSops}. Nothing is required; without any, files can be inspected and that is all. */
export interface SopsOptions {
	/** age identities: bare ones, the content of key files, functions that give them, SSH keys (`sshIdentity()`). */
	readonly identities?: AgeOptions["identities"];
	/** Gives the passphrase of an encrypted key file or of a protected SSH key, also of one in the environment. */
	readonly passphrase?: AgeOptions["passphrase"];
	/** Enables age plugins: `agePlugins({ allow: ["yubikey"], environment: process.env })`. */
	readonly plugins?: AgeOptions["plugins"];
	/** OpenPGP keys: private ones to decrypt with, public ones to encrypt to, and passphrases. */
	readonly pgp?: PgpOptions | undefined;
	/**
	 * Where to look for what `sops` finds in its environment, mostly `process.env`. Nothing is read that is not
	 * passed here: for identities `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY_CMD`,
	 * `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, `SOPS_AGE_SSH_PRIVATE_KEY_CMD`, the SSH keys in the home and the default key
	 * file (looked at when the first file is decrypted, and not again); `SOPS_AGE_RECIPIENTS`, `SOPS_PGP_FP`,
	 * `SOPS_DECRYPTION_ORDER`. For files with OpenPGP keys, the ring files of GnuPG's home (`GNUPGHOME`, or `.gnupg` in
	 * `HOME`), and then `gpg` or what `SOPS_GPG_EXEC` names is started. For files with keys of a service, the
	 * variables of `awsKms()`, `gcpKms()`, `azureKeyvault()` or `hcVault()`, if their packages are installed.
	 */
	readonly environment?: Environment | undefined;
	/** Further providers, asked before the OpenPGP keys and the age identities. */
	readonly providers?: readonly KeyProvider[] | undefined;
	/** Who can decrypt what is encrypted; by default one group of the keys in `SOPS_AGE_RECIPIENTS`, `SOPS_PGP_FP`, `SOPS_KMS_ARN`, `SOPS_VAULT_URIS` … */
	readonly keyGroups?: readonly KeyGroup[] | undefined;
	/** Types of keys to try first; by default `SOPS_DECRYPTION_ORDER`, or else `["age", "pgp"]`. */
	readonly decryptionOrder?: readonly string[] | undefined;
	/**
	 * Rules for what is encrypted and who can decrypt it: the path of a `.sops.yaml`, what `loadConfig()` gives, or `true`
	 * to look it up from the folder of each file upwards (and in `SOPS_CONFIG` of `environment` first). Used by
	 * `encryptFile`, `updateFileKeys`, `planFileKeyUpdate`, `resolveFileRule` and `files()`. Without it none is read.
	 */
	readonly config?: ConfigSource | undefined;
	/** How many files a run of `files()` has under way at most; 8 by default. */
	readonly concurrency?: number | undefined;
	/**
	 * Remembers unwrapped data keys, with `{}` for the bounds of `cachingProvider()`, which hold for each provider. No
	 * other instance sees them, and `close()` overwrites them. Off by default.
	 */
	readonly dataKeyCache?: DataKeyCacheOptions | undefined;
}

/**
 * Puts keys and settings in place once, for any number of operations.
 *
 * @example
 * ```ts
 * const sops = createSops({ environment: process.env });
 * const { data } = await sops.decryptFile("secret.yaml");
 * ```
 * @throws SopsError `key-invalid` for identities, OpenPGP keys, `SOPS_PGP_FP` or `SOPS_AGE_RECIPIENTS` that cannot be read. An unusable source of
 * identities in the environment is no error: see `sources()`, and the message of `data-key-unavailable`
 * @throws UsageError for unknown options, wrong argument types and a type that `SOPS_DECRYPTION_ORDER` names twice
 */
export function createSops(options: SopsOptions = {}): Sops {
	checkSopsOptions(options);
	const { identities, passphrase, plugins, config, concurrency = 8, dataKeyCache } = options;
	// A copy: what the variables become later is not what was passed.
	const environment = options.environment && { ...options.environment };
	const pgp = pgpFrom(options.pgp, environment);
	const remembering = (provider: KeyProvider): KeyProvider =>
		dataKeyCache === undefined ? provider : cachingProvider(provider, dataKeyCache);
	const services = keyServices(environment);
	const providers = [...(options.providers ?? []), ...(pgp === undefined ? [] : [pgp]), ...services].map(
		remembering,
	);
	const settings = settingsFrom(environment ?? {}, plugins, pgp, services);
	const decryptionOrder = options.decryptionOrder ?? settings.decryptionOrder;
	const keyGroups = options.keyGroups ?? settings.keyGroups;
	// Says at once that an identity cannot be read, rather than with the first file.
	const ageOptions = { identities: identities ?? [], passphrase, plugins };
	const ownAge = age(ageOptions);
	// And so with bounds that cannot be.
	remembering(ownAge);
	// One that was passed has identities of its own.
	const usesAge =
		identities !== undefined ||
		environment !== undefined ||
		!providers.some(({ name }) => name === ownAge.name);

	let looking: Promise<AgeSource> | undefined;
	const ageSource = (): Promise<AgeSource> => {
		looking ??= ageFrom(ageOptions, environment).then(({ provider, sources }) => ({
			provider: remembering(provider),
			sources,
		}));
		return looking;
	};
	let closed = false;
	const refuseWhenClosed = (): void => {
		if (closed) throw new UsageError("argument-invalid", "This sops was closed. Make another one.");
	};

	/** Runs an operation with the keys of the call, or else of the instance. */
	async function withKeys<O extends object, R>(
		given: DefaultedKeys<O> | undefined,
		run: (options: O) => Promise<R>,
	): Promise<R> {
		refuseWhenClosed();
		const own = { ...given } as DefaultedKeys<O> & { readonly decryptionOrder?: readonly string[] };
		const order = own.decryptionOrder ?? decryptionOrder;
		const rest = { ...own, ...(order && { decryptionOrder: order }) };
		if (own.providers !== undefined || !usesAge) {
			return run({ ...rest, providers: own.providers ?? providers } as unknown as O);
		}
		const { provider, sources } = await ageSource();
		try {
			return await run({ ...rest, providers: [...providers, provider] } as unknown as O);
		} catch (thrown) {
			throw explainSources(thrown, sources);
		}
	}

	const instance: Instance = {
		concurrency,
		keyGroups,
		// Encrypting to age needs no identity, and so no look at the environment.
		wrappers: [...providers, ownAge],
		rules: () => (config === undefined ? undefined : new Rules(config, environment)),
		refuseWhenClosed,
		withKeys,
		requireGroups,
	};

	/** The key groups of the call, or else of the instance. */
	function withGroups<O extends object>(
		given: O & { readonly keyGroups?: readonly KeyGroup[] | undefined },
	): O & { readonly keyGroups: readonly KeyGroup[] } {
		refuseWhenClosed();
		return { ...given, keyGroups: requireGroups(given.keyGroups ?? keyGroups) };
	}

	/** The target of the call, or else of the file's rule or of the instance, bound to the providers of the call or else to all. */
	async function withTarget<O extends TargetOptions>(
		path: FilePath,
		given: O,
		called: readonly KeyProvider[] | undefined,
	): Promise<O & KeyTarget> {
		const found = given.keyGroups === undefined ? await instance.rules()?.of(path) : undefined;
		const keys = called === undefined ? instance : { ...instance, wrappers: called };
		const format = given.format ?? formatOfPath(String(path));
		return { ...found?.rule.stores[format], ...given, keyGroups: targetFor(given.keyGroups, found, keys) };
	}

	return Object.freeze({
		decryptDocument: (input, given) => withKeys(given, (all) => decryptDocument(input, all)),
		decryptObject: (value, given) => withKeys(given, (all) => decryptObject(value, all)),
		encryptDocument: async (input, given) => encryptDocument(input, withGroups(given ?? {})),
		editDocument: (input, given, edit) => withKeys(given, (all) => editDocument(input, all, edit)),
		setValue: (input, at, value, given) => withKeys(given, (all) => setValue(input, at, value, all)),
		unsetValue: (input, at, given) => withKeys(given, (all) => unsetValue(input, at, all)),
		extractValue: (input, at, given) => withKeys(given, (all) => extractValue(input, at, all)),
		updateDocument: (previous, plaintext, given) =>
			withKeys(given, (all) => updateDocument(previous, plaintext, all)),
		mergeDocuments: (input, given) => withKeys(given, (all) => mergeDocuments(input, all)),
		rotateDocument: (input, given) => withKeys(given, (all) => rotateDocument(input, all)),
		updateKeys: (input, given) =>
			withKeys(given, (all) => updateKeys(input, withGroups(all) as UpdateKeysOptions)),
		addKeyGroup: (input, given) => withKeys(given, (all) => addKeyGroup(input, all)),
		deleteKeyGroup: (input, given) => withKeys(given, (all) => deleteKeyGroup(input, all)),
		verifyDocument: (input, given) => withKeys(given, (all) => verifyDocument(input, all)),
		inspectDocument: (input, given) => {
			refuseWhenClosed();
			return inspectDocument(input, given);
		},

		decryptFile: (path, given) => withKeys(given, (all) => decryptFile(path, all)),
		async encryptFile(path, given = {}) {
			refuseWhenClosed();
			const found = await instance.rules()?.of(path);
			return encryptFile(path, boundOptions(optionsFor(String(path), given, found), found, instance));
		},
		editFile: (path, given, edit) => withKeys(given, (all) => editFile(path, all, edit)),
		editInEditor: (path, given) =>
			withKeys({ ...(environment && { environment }), ...given }, (all: EditorOptions) =>
				editInEditor(path, all),
			),
		setFileValue: (path, at, value, given) => withKeys(given, (all) => setFileValue(path, at, value, all)),
		unsetFileValue: (path, at, given) => withKeys(given, (all) => unsetFileValue(path, at, all)),
		extractFileValue: (path, at, given) => withKeys(given, (all) => extractFileValue(path, at, all)),
		updateFile: (path, plaintext, given) => withKeys(given, (all) => updateFile(path, plaintext, all)),
		rotateFile: (path, given) => withKeys(given, (all) => rotateFile(path, all)),
		updateFileKeys: (path, given = {}) =>
			withKeys(given, async (all: KeyUpdateOptions) =>
				updateFileKeys(path, await withTarget(path, all, given.providers)),
			),
		async planFileKeyUpdate(path, given = {}) {
			refuseWhenClosed();
			const { indent: _, ...all } = await withTarget<TargetOptions>(path, given, undefined);
			return planFileKeyUpdate(path, all);
		},
		addFileKeyGroup: (path, given) => withKeys(given, (all) => addFileKeyGroup(path, all)),
		deleteFileKeyGroup: (path, given) => withKeys(given, (all) => deleteFileKeyGroup(path, all)),
		verifyFile: (path, given) => withKeys(given, (all) => verifyFile(path, all)),
		async resolveFileRule(path) {
			refuseWhenClosed();
			const rules = instance.rules();
			if (rules !== undefined) return (await rules.of(path)).rule;
			throw new UsageError(
				"argument-invalid",
				'resolveFileRule() needs the option "config" of createSops().',
			);
		},

		files(patterns, given) {
			refuseWhenClosed();
			return filesOf(instance, patterns, given);
		},
		async sources() {
			refuseWhenClosed();
			const [{ sources }, ofServices] = await Promise.all([ageSource(), serviceFindings(environment)]);
			return { ...sources, findings: [...sources.findings, ...ofServices] };
		},
		async close() {
			if (closed) return;
			closed = true;
			const found = await looking?.catch(() => undefined);
			const all = found === undefined ? providers : [...providers, found.provider];
			await Promise.all(all.map((provider) => provider.close?.()));
		},
	} satisfies Sops as Sops);
}

interface TargetOptions {
	readonly format?: Format | undefined;
	readonly keyGroups?: KeyTarget["keyGroups"] | undefined;
	readonly indent?: number | undefined;
}

function requireGroups<G>(groups: G | undefined): G {
	if (groups !== undefined) return groups;
	throw new SopsError(
		"keys-missing",
		'Encryption needs master keys: pass keyGroups: [[recipient("age1…")]], here or to createSops(), or "config" with rules that name keys, or an environment with SOPS_AGE_RECIPIENTS or SOPS_PGP_FP.',
		{},
	);
}
