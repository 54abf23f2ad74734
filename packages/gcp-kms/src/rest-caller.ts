import { KeyError } from "@sopskit/core";
import { base64Bytes, base64Text } from "@sopskit/core/provider";
import { type Caller, FIELDS } from "./caller.ts";
import type { Connections } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import { loadAuth } from "./library.ts";

/** REST, through the HTTP client of the authentication library with its retries. */
export async function restCaller(
	endpoint: Endpoint,
	connections: Connections,
	maxAttempts: number,
): Promise<Caller> {
	const { gaxios } = await loadAuth();
	const client = new gaxios.Gaxios(connections.forSdk as never);
	const base = `${endpoint.plain ? "http" : "https"}://${endpoint.host}:${endpoint.port}/v1`;
	return {
		async call(operation, { name, bytes, checksum }, headers, signal) {
			const { goes, comes } = FIELDS[operation];
			const response = await client.request<Record<string, unknown>>({
				url: `${base}/${name}:${operation}`,
				method: "POST",
				headers,
				data: { [goes]: base64Text(bytes), [`${goes}Crc32c`]: String(checksum) },
				responseType: "json",
				signal,
				retryConfig: {
					retry: maxAttempts - 1,
					noResponseRetries: maxAttempts - 1,
					httpMethodsToRetry: ["POST"],
					statusCodesToRetry: [
						[408, 408],
						[429, 429],
						[500, 599],
					],
				},
			});
			const { data } = response;
			const text = data?.[comes];
			const found = typeof text === "string" ? base64Bytes(text) : undefined;
			if (found === undefined) throw new KeyError("failed", `Google Cloud KMS answered without ${comes}`);
			return {
				bytes: found,
				checksum: numberOf(data[`${comes}Crc32c`]),
				verified: data.verifiedPlaintextCrc32c === true,
			};
		},
		close: async () => {},
	};
}

function numberOf(value: unknown): number | undefined {
	return typeof value === "string" && /^[0-9]{1,10}$/.test(value) ? Number(value) : undefined;
}
