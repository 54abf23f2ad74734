import { type AgeOptions, age } from "@sopskit/age";
import {
	decryptDocument,
	decryptObject,
	editDocument,
	encryptDocument,
	inspectDocument,
	type KeyGroup,
	type KeyProvider,
	SopsError,
	UsageError,
} from "@sopskit/core";
import { decryptFile, editFile, encryptFile } from "@sopskit/core/node";
import type { PgpOptions } from "@sopskit/pgp";
import { type Environment, settingsFrom } from "./environment.ts";
import { type AgeSource, ageFrom, explainSources } from "./identity-sources.ts";
import { keyServices } from "./key-services.ts";
import { decryptEach } from "./many-files.ts";
import { checkSopsOptions } from "./options.ts";
import { pgpFrom } from "./pgp-source.ts";
import type { DefaultedKeys, Sops } from "./sops.ts";

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
	 * `HOME`), and then `gpg` or what `SOPS_GPG_EXEC` names is started. For files with keys of AWS KMS or Vault, the
	 * variables of `awsKms()` and `hcVault()`, if `@sopskit/aws-kms` and `@sopskit/hc-vault` are installed.
	 */
	readonly environment?: Environment | undefined;
	/** Further providers, asked before the OpenPGP keys and the age identities. */
	readonly providers?: readonly KeyProvider[] | undefined;
	/** Who can decrypt what is encrypted; by default one group of the keys in `SOPS_AGE_RECIPIENTS`, `SOPS_PGP_FP`, `SOPS_KMS_ARN`, `SOPS_VAULT_URIS` … */
	readonly keyGroups?: readonly KeyGroup[] | undefined;
	/** Types of keys to try first; by default `SOPS_DECRYPTION_ORDER`, or else `["age", "pgp"]`. */
	readonly decryptionOrder?: readonly string[] | undefined;
	/** How many files `decryptFiles` has under way at most; 8 by default. */
	readonly concurrency?: number | undefined;
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
	const { identities, passphrase, plugins, concurrency = 8 } = options;
	// A copy: what the variables become later is not what was passed.
	const environment = options.environment && { ...options.environment };
	const pgp = pgpFrom(options.pgp, environment);
	const services = keyServices(environment);
	const providers = [...(options.providers ?? []), ...(pgp === undefined ? [] : [pgp]), ...services];
	const settings = settingsFrom(environment ?? {}, plugins, pgp, services);
	const decryptionOrder = options.decryptionOrder ?? settings.decryptionOrder;
	const keyGroups = options.keyGroups ?? settings.keyGroups;
	// Says at once that an identity cannot be read, rather than with the first file.
	const ageOptions = { identities: identities ?? [], passphrase, plugins };
	age(ageOptions);
	const usesAge = identities !== undefined || environment !== undefined || providers.length === 0;

	let looking: Promise<AgeSource> | undefined;
	const ageSource = (): Promise<AgeSource> => {
		looking ??= ageFrom(ageOptions, environment);
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

	/** The options of an encryption with the key groups of the call, or else of the instance. */
	function withGroups<O extends object>(
		given: O & { readonly keyGroups?: readonly KeyGroup[] | undefined },
	): O & { readonly keyGroups: readonly KeyGroup[] } {
		refuseWhenClosed();
		const groups = given.keyGroups ?? keyGroups;
		if (groups !== undefined) return { ...given, keyGroups: groups };
		throw new SopsError(
			"keys-missing",
			'Encryption needs master keys: pass keyGroups: [[recipient("age1…")]], here or to createSops(), or an environment with SOPS_AGE_RECIPIENTS or SOPS_PGP_FP.',
			{},
		);
	}

	return Object.freeze({
		decryptDocument: (input, given) => withKeys(given, (all) => decryptDocument(input, all)),
		decryptFile: (path, given) => withKeys(given, (all) => decryptFile(path, all)),
		decryptObject: (value, given) => withKeys(given, (all) => decryptObject(value, all)),
		async decryptFiles(paths, given) {
			refuseWhenClosed();
			if (!Array.isArray(paths)) {
				throw new UsageError("argument-invalid", "decryptFiles() takes an array of paths.");
			}
			return decryptEach(paths, concurrency, (path) => withKeys(given, (all) => decryptFile(path, all)));
		},
		encryptDocument: async (input, given) => encryptDocument(input, withGroups(given ?? {})),
		encryptFile: async (path, given) => encryptFile(path, withGroups(given ?? {})),
		editDocument: (input, given, edit) => withKeys(given, (all) => editDocument(input, all, edit)),
		editFile: (path, given, edit) => withKeys(given, (all) => editFile(path, all, edit)),
		inspectDocument: (input, given) => {
			refuseWhenClosed();
			return inspectDocument(input, given);
		},
		async sources() {
			refuseWhenClosed();
			return (await ageSource()).sources;
		},
		async close() {
			if (closed) return;
			closed = true;
			await Promise.all(providers.map((provider) => provider.close?.()));
		},
	} satisfies Sops as Sops);
}
