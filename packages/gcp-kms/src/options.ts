import { UsageError } from "@sopskit/core";
import {
	authoritiesFrom,
	isProxy,
	type Proxies,
	type ProxySettings,
	proxiesFrom,
	proxiesOf,
} from "@sopskit/core/network";
import { type AllowRef, type Check, checkOptions, isObject, isSize, isText } from "@sopskit/core/provider";
import type { AuthClient } from "google-auth-library";
import {
	type AuthSource,
	byDefault,
	type Environment,
	fromClient,
	fromEnvironment,
	fromJson,
	fromTokens,
	type GcpTokenSource,
	isCredentialsJson,
} from "./credentials.ts";
import { type Endpoint, endpointOf, readEndpoint } from "./endpoint.ts";
import type { GcpKmsClient } from "./injected-client.ts";

/** What `gcpKms` takes: `credentials`, `environment` or `client`, and what limits and directs them. */
export interface GcpKmsOptions {
	/**
	 * Who calls: credentials JSON, as text or parsed (a service account, a user, or an external account, which is
	 * workload identity federation); a function that gives access tokens; a client of `google-auth-library`; or
	 * `"default"`, for the application default credentials as the SDK finds them in environment and home folder of the
	 * process.
	 */
	readonly credentials?: string | { readonly type?: string } | GcpTokenSource | AuthClient | undefined;
	/**
	 * Variables, such as `process.env`, to take credentials from, unless `credentials` are given, and settings, as `sops`
	 * does: `GOOGLE_CREDENTIALS`, `GOOGLE_OAUTH_ACCESS_TOKEN`, `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's file in `HOME`,
	 * the machine's metadata server (`GCE_METADATA_HOST`); `SOPS_GCP_KMS_CLIENT_TYPE`, `SOPS_GCP_KMS_ENDPOINT`, `SOPS_GCP_KMS_UNIVERSE_DOMAIN`
	 * or `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, `GOOGLE_CLOUD_QUOTA_PROJECT`; `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`.
	 */
	readonly environment?: Environment | undefined;
	/** A `KeyManagementServiceClient` of `@google-cloud/kms`. It stays the caller's to close. */
	readonly client?: GcpKmsClient | undefined;
	/** Which keys may be used, asked before any call. By default all: their ids lead to Google's service only. */
	readonly allow?: AllowRef | undefined;
	/** `grpc` by default; `rest` starts faster, and goes through proxies. */
	readonly transport?: "grpc" | "rest" | undefined;
	/** Another endpoint than Google's: `host`, `host:port`, or a URL. Without TLS only over REST. It gets the token. */
	readonly endpoint?: string | undefined;
	/** Another cloud of Google's making, such as `example.goog`; `googleapis.com` by default. */
	readonly universeDomain?: string | undefined;
	/** Certificates of authorities in PEM, instead of those that Node trusts; also for tokens. */
	readonly ca?: string | Uint8Array | undefined;
	/** A proxy for all calls; gRPC goes through those that are spoken to over HTTP. By default that of `environment`, or none. */
	readonly proxy?: string | ProxySettings | undefined;
	/** How often the SDK tries when it is throttled or the network fails, the first time included; 4 by default, with gRPC 5 at most. */
	readonly maxAttempts?: number | undefined;
	/** Milliseconds for one wrap or unwrap with all its attempts and tokens; 60 000 by default. */
	readonly timeoutMs?: number | undefined;
}

/** The options, checked, with what the environment adds. */
export interface Settings {
	readonly client: GcpKmsClient | undefined;
	readonly auth: AuthSource;
	readonly allow: AllowRef | undefined;
	readonly transport: "grpc" | "rest";
	readonly endpoint: Endpoint;
	/** What credentials must be for; undefined where an endpoint was named. */
	readonly universe: string | undefined;
	/** Which project calls are counted for, before that of the credentials. */
	readonly quotaProject: string | undefined;
	readonly ca: () => Promise<string | undefined>;
	readonly proxies: Proxies | undefined;
	readonly maxAttempts: number;
	readonly timeoutMs: number;
}

const DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?$/;
const isFunction: Check = (value) => (typeof value === "function" ? undefined : "a function");

const CHECKS: Readonly<Record<string, Check>> = {
	credentials: (value) =>
		value === "default" ||
		typeof value === "function" ||
		typeof (value as Partial<AuthClient> | null)?.getRequestHeaders === "function" ||
		isCredentialsJson(value)
			? undefined
			: 'credentials JSON with a known type, a function that gives a token, a client of google-auth-library or "default"',
	environment: isObject,
	client: (value) =>
		["encrypt", "decrypt"].every(
			(name) => typeof (value as Record<string, unknown> | null)?.[name] === "function",
		)
			? undefined
			: "a KeyManagementServiceClient",
	allow: isFunction,
	transport: (value) => (value === "grpc" || value === "rest" ? undefined : '"grpc" or "rest"'),
	endpoint: (value) =>
		typeof value === "string" && readEndpoint(value) !== undefined
			? undefined
			: "an endpoint such as host:443",
	universeDomain: (value) =>
		typeof value === "string" && DOMAIN.test(value) ? undefined : "a domain such as googleapis.com",
	ca: (value) =>
		isText(value) === undefined || value instanceof Uint8Array ? undefined : "certificates in PEM",
	proxy: isProxy,
	maxAttempts: isSize,
	timeoutMs: isSize,
};

/** @throws UsageError `option-unknown`, `argument-invalid`, also where nothing says who calls */
export function readOptions(of: string, options: GcpKmsOptions): Settings {
	checkOptions(of, options, CHECKS);
	const { client, credentials, environment, allow, ca, maxAttempts = 4, timeoutMs = 60_000 } = options;
	const misuse = (words: string): UsageError => new UsageError("argument-invalid", `${of} ${words}`);
	if (client !== undefined && credentials !== undefined) throw misuse("takes either client or credentials.");
	if (client === undefined && credentials === undefined && environment === undefined)
		throw misuse(
			'must be told who calls: credentials, environment: process.env, or client. The SDK\'s own search is credentials: "default".',
		);
	const found = settingsOf(of, environment ?? {});
	const transport = options.transport ?? found.transport;
	const own = options.endpoint ?? (options.universeDomain === undefined ? found.endpoint : undefined);
	const universe = options.universeDomain ?? found.universeDomain ?? "googleapis.com";
	const endpoint = own === undefined ? endpointOf(universe) : readEndpoint(own)!;
	if (endpoint.plain && transport === "grpc")
		throw misuse('needs transport: "rest" for an endpoint without TLS.');
	return {
		client,
		auth: authOf(credentials, environment ?? {}),
		allow,
		transport,
		endpoint,
		universe: own === undefined ? universe : undefined,
		quotaProject: found.quotaProject,
		ca: authoritiesFrom(ca, environment),
		proxies: options.proxy === undefined ? found.proxies : proxiesOf(options.proxy),
		maxAttempts,
		timeoutMs,
	};
}

function authOf(credentials: GcpKmsOptions["credentials"], environment: Environment): AuthSource {
	if (credentials === undefined) return fromEnvironment({ ...environment });
	if (credentials === "default") return byDefault;
	if (typeof credentials === "function") return fromTokens(credentials);
	if (typeof credentials === "object" && "getRequestHeaders" in credentials) return fromClient(credentials);
	return fromJson(credentials, { ...environment });
}

/** What the variables say beside credentials. An empty one counts for nothing. */
function settingsOf(of: string, environment: Environment) {
	const { SOPS_GCP_KMS_ENDPOINT: endpoint, GOOGLE_CLOUD_QUOTA_PROJECT: quotaProject } = environment;
	const [universeVariable, universeDomain] = ["SOPS_GCP_KMS_UNIVERSE_DOMAIN", "GOOGLE_CLOUD_UNIVERSE_DOMAIN"]
		.map((name) => [name, environment[name]])
		.find(([, value]) => value) ?? [""];
	const refuse = (name: string): never => {
		throw new UsageError("argument-invalid", `The variable ${name} that was passed to ${of} makes no sense.`);
	};
	if (endpoint && readEndpoint(endpoint) === undefined) refuse("SOPS_GCP_KMS_ENDPOINT");
	if (universeDomain && !DOMAIN.test(universeDomain)) refuse(universeVariable!);
	if (quotaProject && !/^[\w.:-]{1,200}$/.test(quotaProject)) refuse("GOOGLE_CLOUD_QUOTA_PROJECT");
	const proxies = proxiesFrom(environment);
	if (proxies?.https && isProxy(proxies.https) !== undefined) return refuse("HTTPS_PROXY");
	// Any other word means gRPC (sops 3.13.3, gcpkms/keysource.go).
	const isRest = environment.SOPS_GCP_KMS_CLIENT_TYPE?.toLowerCase() === "rest";
	return {
		transport: isRest ? ("rest" as const) : ("grpc" as const),
		endpoint: endpoint || undefined,
		universeDomain: universeDomain || undefined,
		quotaProject: quotaProject || undefined,
		proxies,
	};
}
