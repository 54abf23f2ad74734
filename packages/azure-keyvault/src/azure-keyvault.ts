import { type KeyCall, KeyError, type KeyProvider, type KeyRef, type MasterKey } from "@sopskit/core";
import { limited, requirePermission } from "@sopskit/core/provider";
import { ALL_DOMAINS, domainOf } from "./clouds.ts";
import { cloudOfCredentials } from "./credentials.ts";
import { type AzureKeyvaultOptions, readOptions } from "./options.ts";
import { sdkFailure } from "./sdk-failure.ts";
import { readVaultKey, URL_FORM, type VaultKey, withVersion } from "./vault-key.ts";
import { Vaults } from "./vaults.ts";

/**
 * A provider for keys of Azure Key Vault and Managed HSM. Nothing is read from the process's environment
 * unless `environment`, `"default"` or managed identity asks for it. The SDK is loaded at the first call, and all connections
 * are the provider's own, until `close()`.
 *
 * Of the keys it gives, `wrap` takes bytes and gives base64url without padding, and `unwrap` the other way round. Where
 * the ref has no version, `resolve` looks it up, once for each master key, and `wrap` uses that one; unwrapping uses the
 * current one, as the reference does. KeyErrors have the outcomes
 * - `refused`: the rule `allow` says no;
 * - `denied`: the vault or Entra ID says no; also for a key that is disabled or not there;
 * - `wrong-key`: another key or version wrapped this, or it was altered;
 * - `damaged`: `enc` is not base64url, or not of an RSA key;
 * - `throttled`, `unreachable`, `timeout`: after the SDK's retries;
 * - `misconfigured`: no usable credentials, a closed provider, fields that are not those of a key, a certificate that is not trusted;
 * - `aborted`: the caller's signal; `failed`: anything else.
 *
 * @throws UsageError `option-unknown`, `argument-invalid`, also where nothing says who asks
 */
export function azureKeyvault(options: AzureKeyvaultOptions): KeyProvider {
	const settings = readOptions("azureKeyvault()", options ?? {});
	const vaults = new Vaults(settings);
	const domains = cloudOfCredentials(settings.credentials)?.domains ?? ALL_DOMAINS;
	const allow = settings.allow ?? ((ref) => isInDomains(ref, domains));
	const hint =
		settings.allow === undefined
			? `files may name vaults under ${domains.join(", ") || "no domain"}; for another one, pass allow: (ref) => … to azureKeyvault()`
			: "the function allow says no to this key";

	/** Runs one call to a vault: the ref is checked and allowed first, and an error of the SDK is reduced. */
	const run: Run = (ref, call, work) =>
		limited(call, settings.timeoutMs, async (signal) => {
			const key = readVaultKey(ref);
			if (key === undefined)
				throw new KeyError("misconfigured", `the entry does not name a key as in ${URL_FORM}`);
			await requirePermission(allow, ref, hint);
			try {
				return await work(key, signal);
			} catch (error) {
				throw sdkFailure(error);
			}
		});

	return Object.freeze({
		name: "azure-keyvault",
		masterKey: (ref: KeyRef) => masterKey(ref, run, vaults),
		close: () => vaults.close(),
	});
}

type Run = <T>(
	ref: KeyRef,
	call: KeyCall,
	work: (key: VaultKey, signal: AbortSignal) => Promise<T>,
) => Promise<T>;

function masterKey(ref: KeyRef, run: Run, vaults: Vaults): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "azure_kv" || typeof ref.fields !== "object" || ref.fields === null) return undefined;
	const { vault_url: vaultUrl, name, version } = ref.fields;
	if (typeof vaultUrl !== "string" || typeof name !== "string" || typeof version !== "string")
		return undefined;

	// What is stored and what encrypts must be the same version, also if the key rotates between: the first one stays.
	let resolved: KeyRef | undefined;
	const resolve = async (call: KeyCall): Promise<KeyRef> => {
		if (resolved !== undefined) return resolved;
		const found = await run(ref, call, (key, signal) => vaults.currentVersion(key, signal));
		resolved ??= withVersion(ref, found);
		return resolved;
	};
	return Object.freeze({
		ref,
		...(version === "" && { resolve }),
		wrap: async (part: Uint8Array, call: KeyCall) => {
			const value = Buffer.from(part).toString("base64url");
			const target = version === "" ? await resolve(call) : ref;
			return run(target, call, (key, signal) => {
				refuseUnreadable(key);
				return vaults.crypt("encrypt", key, value, signal);
			});
		},
		unwrap: (enc: string, call: KeyCall) =>
			run(ref, call, async (key, signal) => {
				const value = await vaults.crypt("decrypt", key, storedValue(enc), signal);
				return new Uint8Array(Buffer.from(value, "base64url"));
			}),
	});
}

/**
 * Base64url without padding; line feeds and carriage returns do not count, because Go's decoder passes over them.
 *
 * @throws KeyError `damaged`
 */
function storedValue(enc: string): string {
	const bare = enc.replace(/[\r\n]/g, "");
	if (!/^[A-Za-z0-9_-]+$/.test(bare) || bare.length % 4 === 1)
		throw new KeyError("damaged", "enc is not base64url without padding, as Azure Key Vault keys have it");
	// The smallest key of the service has 2048 bits.
	if (bare.length < 342 || bare.length > 2731)
		throw new KeyError("damaged", "enc was cut: it is not as long as what an RSA key encrypts");
	// As Go sends it: bits at the end that count for nothing are not kept.
	return Buffer.from(bare, "base64url").toString("base64url");
}

/**
 * The reference compares the domain as it is written, with its port, with what the vault says about itself, and refuses
 * the entry where they differ: a file with such a one would be lost to it. A port other than 443 needs a rule of the caller's.
 *
 * @throws KeyError `misconfigured`
 */
function refuseUnreadable({ origin }: VaultKey): void {
	if (/\..*[A-Z]|:443$/.test(origin))
		throw new KeyError(
			"misconfigured",
			"sops cannot read an entry whose vault has a domain in capitals or the port 443; write it as https://name.vault.azure.net",
		);
}

function isInDomains(ref: KeyRef, domains: readonly string[]): boolean {
	const key = readVaultKey(ref);
	return (
		key !== undefined && /^[^:]+:[^:]+(?::443)?$/.test(key.origin) && domains.includes(domainOf(key.host))
	);
}
