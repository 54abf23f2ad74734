import type { TokenCredential } from "@azure/core-auth";
import { UsageError } from "@sopskit/core";
import { authoritiesFrom, isProxy, type Proxies, type ProxySettings, proxiesOf } from "@sopskit/core/network";
import { type AllowRef, type Check, checkOptions, isObject, isSize } from "@sopskit/core/provider";
import { type AzureCredentials, checkCredentials, type KnownCredentials } from "./credentials.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import type { AzureCryptographyClient } from "./injected-client.ts";

/** What `azureKeyvault` takes: `credentials`, `environment` or `client`, and what limits and directs them. */
export interface AzureKeyvaultOptions {
	/**
	 * Who asks the vault: fields of a service principal, workload identity or managed identity; a `TokenCredential`, of
	 * `@azure/identity` or your own; or `"default"`, for the SDK's `DefaultAzureCredential`, which reads the process's
	 * environment, starts programs such as `az`, and has connections of its own.
	 */
	readonly credentials?: AzureCredentials | TokenCredential | "default" | undefined;
	/**
	 * Variables, such as `process.env`, to take credentials from, unless `credentials` are given, and a proxy, as `sops`
	 * does: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET`, `AZURE_CLIENT_CERTIFICATE_PATH`,
	 * `AZURE_CLIENT_CERTIFICATE_PASSWORD`, `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN`, `AZURE_FEDERATED_TOKEN_FILE`,
	 * `AZURE_AUTHORITY_HOST`, `AZURE_TOKEN_CREDENTIALS`, `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`; then managed identity, and `az`.
	 */
	readonly environment?: Environment | undefined;
	/**
	 * Gives a client for the URL of a key, with its version, asked once for each URL. A `CryptographyClient` of
	 * `@azure/keyvault-keys` fits. Keys without a version cannot be looked up through it.
	 */
	readonly client?: ((keyUrl: string) => AzureCryptographyClient) | undefined;
	/**
	 * Which keys may be used, asked before any call. By default those in the vaults of the credentials' cloud: under
	 * `vault.azure.net` and `managedhsm.azure.net` in the public one.
	 */
	readonly allow?: AllowRef | undefined;
	/** What tokens are for, where it is not `https://` and the domain of the vault: for vaults that are not Azure's own. */
	readonly audience?: string | undefined;
	/** Certificates of authorities in PEM, instead of those that Node trusts; also for tokens. */
	readonly ca?: string | Uint8Array | undefined;
	/** A proxy to the vault and to tokens. By default that of `environment`, or none. */
	readonly proxy?: string | ProxySettings | undefined;
	/** How often the SDK tries when it is throttled or the network fails, the first time included; 4 by default. */
	readonly maxAttempts?: number | undefined;
	/** Milliseconds for one wrap, unwrap or look-up with all its attempts and tokens; 60 000 by default. */
	readonly timeoutMs?: number | undefined;
}

/** The options, checked, with what the environment adds. */
export interface Settings {
	readonly credentials: KnownCredentials;
	readonly client: AzureKeyvaultOptions["client"];
	readonly allow: AllowRef | undefined;
	readonly audience: string | undefined;
	readonly ca: () => Promise<string | undefined>;
	readonly proxies: Proxies | undefined;
	readonly maxRetries: number;
	readonly timeoutMs: number;
}

const isFunction: Check = (value) => (typeof value === "function" ? undefined : "a function");
const isAudience: Check = (value) =>
	typeof value === "string" && /^https:\/\/[\w.-]+$/.test(value)
		? undefined
		: "a URL such as https://vault.azure.net";

const CHECKS: Readonly<Record<string, Check>> = {
	// Checked by checkCredentials().
	credentials: () => undefined,
	environment: isObject,
	client: isFunction,
	allow: isFunction,
	audience: isAudience,
	ca: (value) =>
		typeof value === "string" || value instanceof Uint8Array ? undefined : "certificates in PEM",
	proxy: isProxy,
	maxAttempts: isSize,
	timeoutMs: isSize,
};

/** @throws UsageError `option-unknown`, `argument-invalid`, also where nothing says who asks */
export function readOptions(of: string, options: AzureKeyvaultOptions): Settings {
	checkOptions(of, options, CHECKS);
	const { client, environment, allow, audience, ca, proxy, maxAttempts = 4, timeoutMs = 60_000 } = options;
	const given = checkCredentials(options.credentials, of);
	if (client !== undefined && given !== undefined)
		throw new UsageError("argument-invalid", `${of} takes either client or credentials.`);
	if (client === undefined && given === undefined && environment === undefined)
		throw new UsageError(
			"argument-invalid",
			`${of} must be told who asks: credentials, environment: process.env, or client. The SDK's own search is credentials: "default".`,
		);
	const found = environment && readEnvironment(environment);
	return {
		credentials: given ?? found?.credentials,
		client,
		allow,
		audience,
		ca: authoritiesFrom(ca, environment),
		proxies: proxy === undefined ? found?.proxies : proxiesOf(proxy),
		maxRetries: maxAttempts - 1,
		timeoutMs,
	};
}
