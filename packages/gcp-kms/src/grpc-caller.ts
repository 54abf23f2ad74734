import { KeyError } from "@sopskit/core";
import { type Proxies, proxyFor } from "@sopskit/core/network";
import { type Caller, FIELDS, type Operation } from "./caller.ts";
import type { Endpoint } from "./endpoint.ts";
import { loadGax, loadKms } from "./library.ts";

/** What the client's call gives: a promise that can be cancelled. */
type CancellableCall = Promise<readonly [Readonly<Record<string, unknown>>]> & { cancel(): void };

export interface GrpcSettings {
	/** Authorities to trust instead of those of Node, in PEM. */
	readonly ca: string | undefined;
	readonly proxies: Proxies | undefined;
	readonly maxAttempts: number;
	readonly timeoutMs: number;
}

/**
 * gRPC, through the SDK's client. Its calls below the public ones are used: the public ones cannot be cancelled, and
 * write requests and answers, with the data key, into the log of `GOOGLE_SDK_NODE_LOGGING`
 * (docs/decisions/0028-calls-to-cloud-kms.md).
 */
export async function grpcCaller(endpoint: Endpoint, settings: GrpcSettings): Promise<Caller> {
	const { ca, proxies } = settings;
	const way = wayTo(endpoint, proxies);
	const [{ KeyManagementServiceClient }, { grpc }] = await Promise.all([loadKms(), loadGax()]);
	const client = new KeyManagementServiceClient({
		...way,
		// Given, so that the SDK reads neither the process's variables for them nor certificates on its own.
		universeDomain: "googleapis.com",
		sslCreds: grpc.credentials.createSsl(ca === undefined ? null : Buffer.from(ca)),
		// Tokens go along with each call.
		auth: { getUniverseDomain: async () => "googleapis.com" } as never,
		"grpc.enable_http_proxy": 0,
		"grpc.service_config_disable_resolution": 1,
		"grpc.service_config": serviceConfig(settings.maxAttempts),
	});
	await client.initialize();
	const calls = client.innerApiCalls as Record<
		Operation,
		(request: object, options: object) => CancellableCall
	>;
	return {
		async call(operation, { name, bytes, checksum }, headers, signal) {
			const { goes, comes } = FIELDS[operation];
			const request = { name, [goes]: bytes, [`${goes}Crc32c`]: { value: checksum } };
			const call = calls[operation](request, {
				timeout: settings.timeoutMs,
				// Those of the channel are used, whose last error is the one that is told.
				retry: null,
				otherArgs: { headers: { ...headers, "x-goog-request-params": `name=${encodeURIComponent(name)}` } },
			});
			const cancel = (): void => call.cancel();
			signal.addEventListener("abort", cancel, { once: true });
			try {
				const [answer] = await call;
				const found = answer[comes];
				if (!(found instanceof Uint8Array) || found.length === 0)
					throw new KeyError("failed", `Google Cloud KMS answered without ${comes}`);
				return {
					bytes: Uint8Array.from(found),
					checksum: numberOf(answer[`${comes}Crc32c`]),
					verified: answer.verifiedPlaintextCrc32c === true,
				};
			} finally {
				signal.removeEventListener("abort", cancel);
			}
		},
		close: () => client.close(),
	};
}

/**
 * Where the channel goes. What gRPC itself does with a proxy it does where the variables of the process say so; these
 * are the options that it then sets, and they are its public ones (docs/decisions/0031-grpc-through-a-proxy.md).
 *
 * @throws KeyError `misconfigured` for a proxy that gRPC cannot go through
 */
function wayTo({ host, port }: Endpoint, proxies: Proxies | undefined) {
	const proxy = proxies && proxyFor(new URL(`https://${host}:${port}`), proxies);
	if (proxy === undefined) return { apiEndpoint: host, port };
	const { protocol, hostname, port: proxyPort } = new URL(proxy.url);
	if (protocol !== "http:")
		throw new KeyError(
			"misconfigured",
			'gRPC goes through no proxy that is spoken to over TLS; pass transport: "rest", or SOPS_GCP_KMS_CLIENT_TYPE=rest in the environment',
		);
	return {
		apiEndpoint: hostname,
		port: Number(proxyPort || 80),
		"grpc.http_connect_target": `dns:${host}:${port}`,
		"grpc.default_authority": `${host}:${port}`,
		...(proxy.login !== undefined && { "grpc.http_connect_creds": unlogged(proxy.login) }),
	};
}

/** A text where one is read, and nothing in the log of all options that `GRPC_TRACE` switches on. */
function unlogged(text: string): string {
	return { [Symbol.toPrimitive]: () => text, toJSON: () => "…" } as unknown as string;
}

/** gRPC's own retries; it allows no more than 5 attempts. */
function serviceConfig(maxAttempts: number): string {
	const retryPolicy = {
		maxAttempts: Math.min(maxAttempts, 5),
		initialBackoff: "0.2s",
		maxBackoff: "5s",
		backoffMultiplier: 2,
		retryableStatusCodes: ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
	};
	return JSON.stringify({
		loadBalancingConfig: [],
		methodConfig: [
			{
				name: [{ service: "google.cloud.kms.v1.KeyManagementService" }],
				...(maxAttempts > 1 && { retryPolicy }),
			},
		],
	});
}

function numberOf(field: unknown): number | undefined {
	const value = (field as { value?: unknown } | null | undefined)?.value;
	return value === undefined || value === null ? undefined : Number(value);
}
