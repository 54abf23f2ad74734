import { type KeyRef, parseKeyList, SopsError, UsageError } from "@sopskit/core";

/** A key as a file names it, taken apart and checked. */
export interface VaultKey {
	/** Scheme, host and port, without a slash behind them. */
	readonly origin: string;
	/** Without the port. */
	readonly host: string;
	readonly name: string;
	/** Empty: the current one. */
	readonly version: string;
}

const VAULT = /^(https:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::[0-9]{1,5})?)\/?$/;
const NAME = /^[A-Za-z0-9-]{1,127}$/;
const VERSION = /^[A-Za-z0-9]{0,64}$/;

export const URL_FORM = "https://name.vault.azure.net/keys/key/version";

/**
 * Narrower than the reference (sops 3.13.3, azkv/keysource.go: `^(https://[^/]+)/keys/([^/]+)(/[^/]*)?$`): what the
 * fields hold becomes part of an address, so they must look like what Azure allows. Undefined for all else.
 */
export function readVaultKey(ref: KeyRef): VaultKey | undefined {
	const { vault_url: vaultUrl, name, version } = ref.fields ?? {};
	if (typeof vaultUrl !== "string" || typeof name !== "string" || typeof version !== "string")
		return undefined;
	const vault = VAULT.exec(vaultUrl);
	if (vault === null || !NAME.test(name) || !VERSION.test(version)) return undefined;
	return { origin: vault[1]!, host: vault[2]!, name, version };
}

/** The fields of a ref with a version in it, and the id that follows. */
export function withVersion(ref: KeyRef, version: string): KeyRef {
	const { vault_url: vaultUrl, name } = ref.fields;
	return Object.freeze({
		type: ref.type,
		id: `${vaultUrl}/keys/${name}/${version}`,
		fields: Object.freeze({ vault_url: vaultUrl!, name: name!, version }),
	});
}

/**
 * Names a key of Azure Key Vault, for `bindKeyGroups([[azureKey("https://…")]], [azureKeyvault(…)])`.
 *
 * @param url - such as `https://name.vault.azure.net/keys/key/version`. Without the version, the current one is looked
 * up when the key encrypts, and stored
 * @throws SopsError `key-invalid` for what is not the URL of a key; nothing of it is repeated
 * @throws UsageError `argument-invalid` if it is not a text
 */
export function azureKey(url: string): KeyRef {
	if (typeof url !== "string")
		throw new UsageError("argument-invalid", `azureKey() takes the URL of a key, such as ${URL_FORM}.`);
	const [ref, ...others] = parseKeyList("azure_kv", url.trim());
	if (ref === undefined || others.length > 0)
		throw invalid("must be one URL; for a list, use parseKeyList()");
	if (readVaultKey(ref) === undefined) throw invalid(`is not of the form ${URL_FORM}`);
	return ref;
}

function invalid(reason: string): SopsError {
	const type = "azure_kv";
	return new SopsError("key-invalid", `A value that should name a ${type} key ${reason}.`, { type, reason });
}
