import {
	type Finding,
	isKeyError,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	parseKeyList,
	UsageError,
} from "@sopskit/core";
import type { Environment } from "./environment.ts";

/** A package that acts for keys of a service, loaded when a file or an encryption first needs it. */
export interface KeyService {
	/** The type of its keys in files. */
	readonly type: string;
	/** As the provider calls itself. */
	readonly name: string;
	/** @throws KeyError where the package is not installed */
	readonly load: (environment: Environment) => Promise<KeyProvider>;
	/**
	 * What in the environment it cannot use, or what nothing reads any more; for services that have something to say.
	 *
	 * @throws KeyError where the package is not installed
	 */
	readonly findings?: (environment: Environment) => Promise<readonly Finding[]>;
}

const loadAzure = (): Promise<typeof import("@sopskit/azure-keyvault")> =>
	import(/* webpackIgnore: true */ /* @vite-ignore */ "@sopskit/azure-keyvault").catch(
		absent("@sopskit/azure-keyvault"),
	);

/**
 * The services, with the settings under which they do as the `sops` command does. Each package is imported by its
 * literal name, so that bundlers and package managers can see it, and in a form in which bundlers do not demand that
 * it is there.
 */
export const KEY_SERVICES: readonly KeyService[] = [
	{
		type: "kms",
		name: "aws-kms",
		load: async (environment) => {
			const { awsKms } = await import(/* webpackIgnore: true */ /* @vite-ignore */ "@sopskit/aws-kms").catch(
				absent("@sopskit/aws-kms"),
			);
			return awsKms({ environment, profiles: true, allow: () => true });
		},
	},
	{
		type: "gcp_kms",
		name: "gcp-kms",
		load: async (environment) => {
			const { gcpKms } = await import(/* webpackIgnore: true */ /* @vite-ignore */ "@sopskit/gcp-kms").catch(
				absent("@sopskit/gcp-kms"),
			);
			return gcpKms({ environment });
		},
	},
	{
		type: "azure_kv",
		name: "azure-keyvault",
		load: async (environment) => {
			const { azureKeyvault } = await loadAzure();
			return azureKeyvault({ environment });
		},
		findings: async (environment) => {
			const { azureEnvironmentFindings } = await loadAzure();
			return azureEnvironmentFindings(environment);
		},
	},
	{
		type: "hc_vault",
		name: "hc-vault",
		load: async (environment) => {
			const { hcVault } = await import(
				/* webpackIgnore: true */ /* @vite-ignore */ "@sopskit/hc-vault"
			).catch(absent("@sopskit/hc-vault"));
			return hcVault({ environment });
		},
	},
];

/** One provider for each service; none where no environment was passed, for that is where they find credentials. */
export function keyServices(
	environment: Environment | undefined,
	services: readonly KeyService[] = KEY_SERVICES,
): readonly KeyProvider[] {
	return environment === undefined ? [] : services.map((service) => providerOf(service, environment));
}

/**
 * What the services find wrong with an environment. One that is not installed has nothing to say: a file that needs it
 * names the package.
 */
export async function serviceFindings(
	environment: Environment | undefined,
	services: readonly KeyService[] = KEY_SERVICES,
): Promise<readonly Finding[]> {
	if (environment === undefined) return [];
	const found = await Promise.all(
		services.map(async ({ findings }) => {
			try {
				return (await findings?.(environment)) ?? [];
			} catch (error) {
				if (!isKeyError(error)) throw error;
				const finding: Finding = { code: "source-unusable", message: error.message };
				return error.outcome === "misconfigured" ? [] : [finding];
			}
		}),
	);
	return found.flat();
}

/**
 * The keys that variables name, in the order of the reference (sops 3.13.3, cmd/sops/main.go): before those of OpenPGP,
 * and behind them. A key for which there is no provider, such as one of Huawei Cloud, is in the list and cannot wrap:
 * to leave it out would lock its holder out.
 *
 * @throws SopsError `key-invalid`
 */
export function serviceKeys(
	environment: Environment,
	providers: readonly KeyProvider[],
): { readonly before: readonly MasterKey[]; readonly behind: readonly MasterKey[] } {
	const keysOf = (type: string, variable: string): readonly MasterKey[] =>
		parseKeyList(type, environment[variable] ?? "").map((ref) => {
			for (const provider of providers) {
				const key = provider.masterKey(ref);
				if (key !== undefined) return key;
			}
			return { ref };
		});
	return {
		before: [
			...keysOf("kms", "SOPS_KMS_ARN"),
			...keysOf("gcp_kms", "SOPS_GCP_KMS_IDS"),
			...keysOf("hckms", "SOPS_HUAWEICLOUD_KMS_IDS"),
			...keysOf("azure_kv", "SOPS_AZURE_KEYVAULT_URLS"),
		],
		behind: keysOf("hc_vault", "SOPS_VAULT_URIS"),
	};
}

/** Says which package to install, where that is what is wrong. */
export function absent(name: string): (thrown: unknown) => never {
	return (thrown) => {
		const { code, name: kind } = (thrown ?? {}) as { code?: unknown; name?: unknown };
		if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
			throw new KeyError("misconfigured", `${name} is not installed; run: npm install ${name}`);
		}
		throw new KeyError(
			"failed",
			`${name} cannot be loaded (${typeof kind === "string" ? kind : "unknown error"})`,
		);
	};
}

function providerOf({ type, name, load }: KeyService, environment: Environment): KeyProvider {
	let loading: Promise<KeyProvider> | undefined;
	const provider = (): Promise<KeyProvider> => {
		loading ??= load(environment).catch((thrown: unknown) => {
			// It may be installed before the next try.
			loading = undefined;
			// A variable that the package cannot read: of this call, and not of the program.
			if (thrown instanceof UsageError) throw new KeyError("misconfigured", thrown.message);
			throw thrown;
		});
		return loading;
	};
	return Object.freeze({
		name,
		masterKey(ref: KeyRef): MasterKey | undefined {
			if (ref?.type !== type) return undefined;
			let found: MasterKey | undefined;
			// The same one for all calls: what a key has looked up is what it wraps with.
			const key = async (): Promise<MasterKey> => {
				const holder = await provider();
				found ??= holder.masterKey(ref);
				if (found !== undefined) return found;
				throw new KeyError("misconfigured", "the entry does not name a key");
			};
			return {
				ref,
				resolve: async (call) => (await (await key()).resolve?.(call)) ?? ref,
				wrap: async (part, call) => (await key()).wrap!(part, call),
				unwrap: async (enc, call) => (await key()).unwrap!(enc, call),
			};
		},
		close: async () => (await loading?.catch(() => undefined))?.close?.(),
	});
}
