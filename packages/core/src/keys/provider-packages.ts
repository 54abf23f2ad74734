/** The package that acts for a type of key; none exists for Huawei Cloud. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
	["age", "@sopskit/age"],
	["pgp", "@sopskit/pgp"],
	["kms", "@sopskit/aws-kms"],
	["gcp_kms", "@sopskit/gcp-kms"],
	["azure_kv", "@sopskit/azure-keyvault"],
	["hc_vault", "@sopskit/hc-vault"],
]);

/** The package to install for keys of a type, `undefined` where there is none. */
export function providerPackage(type: string): string | undefined {
	return PACKAGES.get(type);
}
