import type { NodeHttpHandler, NodeHttpHandlerOptions } from "@smithy/node-http-handler";
import { type Proxies, type ProxyWay, proxyFor, proxyHeaders, tunnel } from "@sopskit/core/network";
import { loadHandler, loadProxy } from "./library.ts";

type Handle = NodeHttpHandler["handle"];
type Make = (proxy: ProxyWay | undefined) => Promise<NodeHttpHandler>;
type AgentOptions = Readonly<Record<string, unknown>>;

/** Sends the requests of the SDK, which knows no proxies, through those that were named, or directly. */
export class ProxyingHandler {
	readonly metadata = { handlerProtocol: "http/1.1" };
	readonly #proxies: Proxies;
	readonly #make: Make;
	readonly #handlers = new Map<string | undefined, Promise<NodeHttpHandler>>();

	private constructor(proxies: Proxies, make: Make) {
		this.#proxies = proxies;
		this.#make = make;
	}

	/** @param plain - options of agents, and `tls` those of TLS */
	static async open(
		limits: NodeHttpHandlerOptions,
		plain: AgentOptions,
		tls: AgentOptions,
		proxies: Proxies,
	): Promise<ProxyingHandler> {
		const { NodeHttpHandler: Handler } = await loadHandler();
		return new ProxyingHandler(proxies, async (proxy) => {
			const httpsAgent =
				proxy === undefined ? { ...plain, ...tls } : await tunnel(proxy, plain, tls, loadProxy);
			return new Handler({ ...limits, httpAgent: plain, httpsAgent });
		});
	}

	/** @throws KeyError `misconfigured` for a proxy that is none */
	async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
		const { protocol, hostname, port, path } = request;
		const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
		const url = new URL(`${protocol}//${host}${port === undefined ? "" : `:${port}`}`);
		const proxy = proxyFor(url, this.#proxies);
		if (proxy === undefined || protocol === "https:")
			return (await this.#through(proxy)).handle(request, options);
		// Without TLS the proxy itself is asked for the URL.
		const at = new URL(proxy.url);
		const asked: typeof request = Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
			protocol: at.protocol,
			hostname: at.hostname,
			port: at.port === "" ? undefined : Number(at.port),
			path: url.origin + path,
			headers: { ...request.headers, ...proxyHeaders(proxy) },
		});
		return (await this.#through(undefined)).handle(asked, options);
	}

	#through(proxy: ProxyWay | undefined): Promise<NodeHttpHandler> {
		const known = this.#handlers.get(proxy?.url);
		if (known !== undefined) return known;
		const made = this.#make(proxy);
		this.#handlers.set(proxy?.url, made);
		return made;
	}

	/** Asked for by the SDK's interface: nothing here is changed from outside. */
	updateHttpClientConfig(): void {}

	httpHandlerConfigs(): NodeHttpHandlerOptions {
		return {};
	}

	/** Ends the connections. */
	destroy(): void {
		for (const handler of this.#handlers.values())
			handler.then(
				(made) => made.destroy(),
				() => undefined,
			);
	}
}
