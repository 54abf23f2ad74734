import type { TransportRequest, TransportResponse } from "./transport.ts";

/** What is needed of a client of `node-vault`. */
export interface VaultClientLike {
	request(options: {
		readonly path: string;
		readonly method: string;
		readonly json?: object;
		readonly headers?: Record<string, string>;
		readonly signal?: AbortSignal;
	}): Promise<unknown>;
	/** Its address, of which a client that is passed has its own. */
	readonly endpoint?: string;
}

type NodeVault = (options: object) => VaultClientLike & {
	token: string | undefined;
	namespace: string | undefined;
	pathPrefix: string;
};

/**
 * A client of `node-vault` for an address, without a token and with a transport of ours. The library is loaded on
 * first use.
 */
export async function vaultClient(
	address: string,
	send: (request: TransportRequest) => Promise<TransportResponse>,
): Promise<VaultClientLike> {
	const nodeVault = (await import("node-vault")).default as unknown as NodeVault;
	// What is empty it takes from the environment, so all is filled here and emptied below.
	const filled = { token: "none", namespace: "none", pathPrefix: "/none" };
	const client = nodeVault({
		...filled,
		endpoint: address,
		// Its own prints the bodies of requests, and so data keys, where DEBUG is set.
		debug: () => {},
		commands: {},
		"request-promise": { defaults: () => send },
	});
	client.token = undefined;
	client.namespace = undefined;
	client.pathPrefix = "";
	return client;
}

export const loadProxy = (): Promise<Pick<typeof import("https-proxy-agent"), "HttpsProxyAgent">> =>
	import("https-proxy-agent");
