import type { ClientRequest } from "node:http";
import type { Agent, AgentOptions } from "node:https";
import type { HttpsProxyAgent as ProxyAgent } from "https-proxy-agent";
import { KeyError } from "../keys/contract.ts";
import { type ProxyWay, proxyHeaders } from "./proxy.ts";

/** Loads the package `https-proxy-agent`, which this one does not depend on; called where there is a proxy. */
export type LoadProxyAgent = () => Promise<{
	readonly HttpsProxyAgent: new (url: string, options?: object) => object;
}>;

/**
 * Connections through a proxy, which are kept. Unlike those of the library, they end with their request while the proxy
 * has not answered yet, and a refusal of the proxy is no answer of the server (docs/decisions/0030-proxies-of-aws-and-vault.md).
 *
 * @param options - of agents
 * @param tls - for the connection to the server; of these, only `ca` counts on the way to the proxy
 */
export async function tunnel(
	way: ProxyWay,
	options: AgentOptions,
	tls: AgentOptions,
	load: LoadProxyAgent,
): Promise<Agent> {
	const { HttpsProxyAgent } = (await load()) as { HttpsProxyAgent: typeof ProxyAgent };
	class Tunnel extends HttpsProxyAgent<string> {
		readonly #opening = new Set<AbortController>();

		override async connect(request: ClientRequest, to: Parameters<ProxyAgent<string>["connect"]>[1]) {
			const opening = new AbortController();
			this.#opening.add(opening);
			// Node tells nobody about the end of a request that has no connection yet.
			const { destroy } = request;
			request.destroy = (error) => {
				opening.abort();
				return destroy.call(request, error);
			};
			if (request.destroyed) opening.abort();
			// Read at once, before the library waits for anything.
			Object.assign(this.connectOpts, { signal: opening.signal });
			try {
				return await super.connect(request, to);
			} finally {
				request.destroy = destroy;
				this.#opening.delete(opening);
			}
		}

		override destroy(): void {
			for (const opening of this.#opening) opening.abort();
			super.destroy();
		}
	}
	const { ca } = tls;
	const agent = new Tunnel(way.url, { ...options, headers: proxyHeaders(way), ...(ca && { ca }) });
	// The flag makes it find the connections that it kept.
	Object.assign(agent.options, { secureEndpoint: true, ...options, ...tls });
	agent.on("proxyConnect", ({ statusCode }: { readonly statusCode: number }, request: ClientRequest) => {
		if (statusCode !== 200) request.destroy(refusal(statusCode));
	});
	return agent as unknown as Agent;
}

function refusal(status: number): KeyError {
	return new KeyError(
		status >= 500 ? "unreachable" : "misconfigured",
		`the proxy says no (status ${status})`,
	);
}
