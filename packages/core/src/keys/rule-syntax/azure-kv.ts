import { trim } from "../../leaf/blank.ts";
import type { KeyFields } from "../key-fields.ts";
import { keyInvalid, type RuleSyntax, requireName, splitList, textOf } from "./rule-syntax.ts";

const URL_OF_KEY = /^(https:\/\/[^/]+)\/keys\/([^/]+)(?:\/([^/]*))?$/;

/**
 * Azure Key Vault: a URL in lists, its parts in key groups (sops 3.13.3, azkv/keysource.go). Where the version is
 * left open the reference asks the vault for it at once; here the provider does when it wraps.
 */
export const azureKvSyntax: RuleSyntax = {
	ruleField: "azure_keyvault",
	groupField: "azure_keyvault",
	item: [{ name: "vaultUrl" }, { name: "key" }, { name: "version" }],
	fromList: (text) => splitList(text).map(fromUrl),
	fromItem: (item) => [
		{
			vault_url: requireName("azure_kv", textOf(item, "vaultUrl")),
			name: requireName("azure_kv", textOf(item, "key")),
			version: textOf(item, "version"),
		},
	],
};

function fromUrl(text: string): KeyFields {
	const parts = URL_OF_KEY.exec(trim(text));
	if (parts === null)
		throw keyInvalid("azure_kv", "is not of the form https://name.vault.azure.net/keys/key/version");
	return { vault_url: parts[1]!, name: parts[2]!, version: parts[3] ?? "" };
}
