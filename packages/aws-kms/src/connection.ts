import type { KMSClientConfig } from "@aws-sdk/client-kms";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import { KeyError } from "@sopskit/core";
import type { Proxies } from "@sopskit/core/network";
import { type AwsCredentials, type SdkIdentity, sdkIdentity } from "./credentials.ts";
import { ProxyingHandler } from "./proxying-handler.ts";

/** How services of AWS are reached. Everything that the SDK would look for in the environment is in here. */
export interface Connection {
	readonly endpoint: (service: "kms" | "sts", region: string) => string | undefined;
	readonly fips: boolean;
	readonly dualstack: boolean;
	/** Certificates in PEM that the system does not trust. Read when the first client is made. */
	readonly ca: () => Promise<string | Uint8Array | undefined>;
	readonly maxAttempts: number;
	readonly timeoutMs: number;
	/** Absent: the SDK, too, uses none. */
	readonly proxies: Proxies | undefined;
}

/** Settings for a client, complete enough that the SDK asks neither environment nor home folder for more. */
export async function clientConfig(
	connection: Connection,
	service: "kms" | "sts",
	region: string,
	credentials: () => Promise<AwsCredentials | undefined>,
): Promise<KMSClientConfig & STSClientConfig> {
	const endpoint = connection.endpoint(service, region);
	return {
		region,
		...(endpoint !== undefined && { endpoint }),
		ignoreConfiguredEndpointUrls: true,
		useFipsEndpoint: connection.fips,
		useDualstackEndpoint: connection.dualstack,
		credentials: async () => forSdk(await credentials()),
		maxAttempts: connection.maxAttempts,
		retryMode: "standard",
		defaultsMode: "standard" as const,
		authSchemePreference: [],
		disableClockSkewCorrection: false,
		userAgentAppId: "",
		requestHandler: await requestHandler(connection),
	};
}

/** The connections of one client, which `destroy()` ends. */
export async function requestHandler({
	ca: authorities,
	timeoutMs,
	proxies,
}: Connection): Promise<ProxyingHandler> {
	const ca = await authorities();
	const limits = {
		connectionTimeout: Math.min(10_000, timeoutMs),
		requestTimeout: timeoutMs,
		throwOnRequestTimeout: true,
	};
	const tls = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : Buffer.from(ca) };
	return ProxyingHandler.open(limits, { tls, proxies });
}

/**
 * Says of all credentials that they are about to expire, so that the SDK asks again before each request: to keep
 * them is our part, because the SDK keeps what has no date for ever.
 */
function forSdk(credentials: AwsCredentials | undefined): SdkIdentity {
	if (credentials === undefined) throw new KeyError("misconfigured", "there are no credentials any more");
	return sdkIdentity({ ...credentials, expiration: new Date(Date.now() + 1000) });
}
