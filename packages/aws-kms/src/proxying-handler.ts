import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { NodeHttpHandler, NodeHttpHandlerOptions } from "@smithy/node-http-handler";
import { KeyError } from "@sopskit/core";
import { type Proxies, proxyFor } from "@sopskit/core/provider";
import { loadHandler, loadProxyAgents } from "./library.ts";

type Handle = NodeHttpHandler["handle"];
type AgentOptions = Readonly<Record<string, unknown>>;

function refusal(status: number): KeyError {
	return new KeyError(
		status >= 500 ? "unreachable" : "misconfigured",
		`the proxy says no (status ${status})`,
	);
}

/** Sends the requests of the SDK, which knows no proxies, through those that were named, or directly. */
export class ProxyingHandler {
	readonly metadata = { handlerProtocol: "http/1.1" };
	readonly #proxies: Proxies;
	readonly #make: (proxy: string | undefined) => NodeHttpHandler;
	readonly #handlers = new Map<string | undefined, NodeHttpHandler>();

	private constructor(proxies: Proxies, make: (proxy: string | undefined) => NodeHttpHandler) {
		this.#proxies = proxies;
		this.#make = make;
	}

	/** @param plain - options of agents, and `secure` the same with those of TLS */
	static async open(
		limits: NodeHttpHandlerOptions,
		plain: AgentOptions,
		secure: AgentOptions,
		proxies: Proxies,
	): Promise<ProxyingHandler> {
		const [{ NodeHttpHandler: Handler }, { HttpProxyAgent, HttpsProxyAgent }] = await Promise.all([
			loadHandler(),
			loadProxyAgents(),
		]);
		return new ProxyingHandler(proxies, (proxy) => {
			if (proxy === undefined) return new Handler({ ...limits, httpAgent: plain, httpsAgent: secure });
			const tunnel = new HttpsProxyAgent(proxy, secure);
			// Those of its constructor are for the way to the proxy. The flag makes it find the connections that it kept.
			Object.assign(tunnel.options, { secureEndpoint: true, ...secure });
			// It would pass on the refusal of the proxy as an answer of AWS.
			tunnel.on("proxyConnect", ({ statusCode }, request) => {
				if (statusCode !== 200) request.destroy(refusal(statusCode));
			});
			return new Handler({
				...limits,
				httpAgent: new HttpProxyAgent(proxy, secure) as unknown as HttpAgent,
				httpsAgent: tunnel as unknown as HttpsAgent,
			});
		});
	}

	/** @throws KeyError `misconfigured` for a proxy that is none */
	async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
		const { protocol, hostname, port } = request;
		const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
		const url = new URL(`${protocol}//${host}${port === undefined ? "" : `:${port}`}`);
		const proxy = proxyFor(url, this.#proxies);
		const known = this.#handlers.get(proxy) ?? this.#make(proxy);
		this.#handlers.set(proxy, known);
		return known.handle(request, options);
	}

	/** Asked for by the SDK's interface: nothing here is changed from outside. */
	updateHttpClientConfig(): void {}

	httpHandlerConfigs(): NodeHttpHandlerOptions {
		return {};
	}

	/** Ends the connections. */
	destroy(): void {
		for (const handler of this.#handlers.values()) handler.destroy();
	}
}
