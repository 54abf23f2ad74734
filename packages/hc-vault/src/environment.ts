import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeyError, parseKeyList } from "@sopskit/core";
import { type Proxies, proxiesFrom, proxiesOf } from "@sopskit/core/network";
import { type AddressRule, allowlist, theseAddresses } from "./allowed-addresses.ts";
import { isAddress, withoutSlash } from "./key-path.ts";
import type { TlsSettings } from "./transport.ts";

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which addresses the token may go to: those of `SOPS_HC_VAULT_ALLOWLIST`, and without it those that the variables
 * name otherwise, in `VAULT_ADDR` and `SOPS_VAULT_URIS` (docs/decisions/0025-vault-addresses.md).
 */
export function addressRuleFrom({
	SOPS_HC_VAULT_ALLOWLIST: list,
	VAULT_ADDR: own,
	SOPS_VAULT_URIS: uris = "",
}: Environment): AddressRule {
	if (list) return allowlist(list);
	return theseAddresses(
		[...(own ? [own] : []), ...addressesOf(uris)],
		"the token may not go to this address: set SOPS_HC_VAULT_ALLOWLIST to it (to all for any), or VAULT_ADDR",
	);
}

/** None of a list that cannot be read: who encrypts with it is told so. */
function addressesOf(uris: string): readonly string[] {
	try {
		return parseKeyList("hc_vault", uris).map(({ fields }) => String(fields.vault_address));
	} catch {
		return [];
	}
}

/**
 * The token, as `sops` looks for it: `VAULT_TOKEN`, then the file `.vault-token` in `HOME`. Looked for with every
 * call, since agents replace the file.
 *
 * @throws KeyError `misconfigured` where the file is there and cannot be read
 */
export async function tokenFrom(environment: Environment): Promise<string | undefined> {
	if (environment.VAULT_TOKEN) return environment.VAULT_TOKEN;
	const home = environment.HOME || environment.USERPROFILE;
	if (!home) return undefined;
	try {
		return (await readFile(join(home, ".vault-token"), "utf8")).trim() || undefined;
	} catch (thrown) {
		if (codeOf(thrown) === "ENOENT") return undefined;
		throw new KeyError("misconfigured", `.vault-token in the home folder cannot be read (${codeOf(thrown)})`);
	}
}

/** What the variables say about the way to the servers. An empty one counts for nothing. */
export interface VaultSettings {
	readonly namespace?: string;
	/** Where requests go instead of the key's address. */
	readonly agent?: string;
	readonly maxRetries?: number;
	readonly timeoutMs?: number;
	readonly proxies?: Proxies | undefined;
	readonly tls: () => Promise<TlsSettings>;
}

/** @throws KeyError `misconfigured` for an agent's address that is none */
export function settingsFrom(environment: Environment): VaultSettings {
	const { VAULT_NAMESPACE: namespace, VAULT_AGENT_ADDR: agent, VAULT_MAX_RETRIES: retries } = environment;
	const timeoutMs = milliseconds(environment.VAULT_CLIENT_TIMEOUT ?? "");
	return {
		...(namespace && { namespace }),
		...(agent && { agent: isAddress(agent) ? withoutSlash(agent) : "" }),
		...(retries && /^\d{1,3}$/.test(retries) && { maxRetries: Number(retries) }),
		...(timeoutMs && { timeoutMs }),
		proxies: proxiesOfVault(environment),
		tls: () => tlsFrom(environment),
	};
}

/** Vault's own variable is for all requests, also for those to this machine. */
function proxiesOfVault(environment: Environment): Proxies | undefined {
	const own = environment.VAULT_PROXY_ADDR || environment.VAULT_HTTP_PROXY;
	return own ? proxiesOf(own) : proxiesFrom(environment);
}

async function tlsFrom(environment: Environment): Promise<TlsSettings> {
	const { VAULT_CLIENT_CERT: cert, VAULT_CLIENT_KEY: key, VAULT_TLS_SERVER_NAME: servername } = environment;
	if (Boolean(cert) !== Boolean(key)) {
		throw new KeyError("misconfigured", "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY must both be set");
	}
	const ca = await authorityFrom(environment);
	return {
		...(ca !== undefined && { ca }),
		...(cert && { cert: await readNamed("VAULT_CLIENT_CERT", cert) }),
		...(key && { key: await readNamed("VAULT_CLIENT_KEY", key) }),
		...(servername && { servername }),
		...(/^(?:1|t|true)$/i.test(environment.VAULT_SKIP_VERIFY ?? "") && { rejectUnauthorized: false }),
	};
}

/** In the order of the client of the reference: file, text, folder with all that is below it. */
async function authorityFrom(environment: Environment): Promise<string | undefined> {
	const { VAULT_CACERT_BYTES: bytes, VAULT_CACERT: file, VAULT_CAPATH: folder } = environment;
	if (file) return readNamed("VAULT_CACERT", file);
	if (bytes) return bytes;
	if (!folder) return undefined;
	const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
		throw unreadable("VAULT_CAPATH", thrown);
	});
	const paths = entries
		.filter((entry) => !entry.isDirectory())
		.map((entry) => join(entry.parentPath, entry.name));
	const texts = await Promise.all(paths.sort().map((path) => readNamed("VAULT_CAPATH", path, isFolder)));
	return texts.join("\n");
}

/** A volume of Kubernetes holds a link to a folder, beside links to the files in it. */
const isFolder = (thrown: unknown): boolean => codeOf(thrown) === "EISDIR";

async function readNamed(
	variable: string,
	path: string,
	isPassedOver: (thrown: unknown) => boolean = () => false,
): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (thrown) {
		if (isPassedOver(thrown)) return "";
		throw unreadable(variable, thrown);
	}
}

/** Without the path: a secret in the place of a path should not get into a log. */
function unreadable(variable: string, thrown: unknown): KeyError {
	return new KeyError("misconfigured", `${variable}: what it names cannot be read (${codeOf(thrown)})`);
}

function codeOf(thrown: unknown): string {
	const code = (thrown as { code?: unknown } | null)?.code;
	return typeof code === "string" && /^[A-Z]{2,20}$/.test(code) ? code : "unknown error";
}

/** A number is of seconds; otherwise numbers with units, as Go writes durations: `90`, `60s`, `1m30s`. */
function milliseconds(text: string): number | undefined {
	if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
	if (!/^(?:\d{1,6}(?:ms|s|m|h))+$/.test(text)) return undefined;
	const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
	return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
		(sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
		0,
	);
}
