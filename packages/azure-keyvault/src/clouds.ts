/** A cloud of Azure: who gives tokens, and under which domains its vaults are. */
export interface Cloud {
	readonly authority: string;
	/** Other names of the authority, as the identity library knows them (`@azure/msal-common`, AuthorityMetadata). */
	readonly aliases?: readonly string[];
	readonly domains: readonly string[];
}

const PUBLIC: Cloud = {
	authority: "https://login.microsoftonline.com",
	aliases: ["https://login.windows.net", "https://login.microsoft.com", "https://sts.windows.net"],
	domains: ["vault.azure.net", "managedhsm.azure.net"],
};

/** The clouds that Microsoft and its partners run for the public; vaults elsewhere need a rule of the caller's. */
const CLOUDS: readonly Cloud[] = [
	PUBLIC,
	{
		authority: "https://login.chinacloudapi.cn",
		aliases: ["https://login.partner.microsoftonline.cn"],
		domains: ["vault.azure.cn", "managedhsm.azure.cn"],
	},
	{
		authority: "https://login.microsoftonline.us",
		aliases: ["https://login.usgovcloudapi.net"],
		domains: ["vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net"],
	},
];

/** The cloud of an authority; one without domains where the authority is not known. */
export function cloudOf(authority: string | undefined): Cloud {
	if (authority === undefined) return PUBLIC;
	const bare = authority.toLowerCase().replace(/\/+$/, "");
	const known = CLOUDS.find(({ authority: own, aliases }) => own === bare || aliases?.includes(bare));
	return known ? { ...known, authority: bare } : { authority: bare, domains: [] };
}

/** All domains of vaults: for credentials that know their authority themselves. */
export const ALL_DOMAINS: readonly string[] = CLOUDS.flatMap((cloud) => cloud.domains);

/** Whether this is a well-known cloud, which the identity library can tell without asking Microsoft about it. */
export function isKnown(cloud: Cloud): boolean {
	return cloud.domains.length > 0;
}

/** The domain of a vault's host, which is the host without its first label. */
export function domainOf(host: string): string {
	return host.slice(host.indexOf(".") + 1).toLowerCase();
}
