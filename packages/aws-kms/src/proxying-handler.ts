import type { Agent } from "node:http";
import type { NodeHttpHandler, NodeHttpHandlerOptions } from "@smithy/node-http-handler";
import { type AgentSettings, Agents } from "@sopskit/core/network";
import { type HandlerLibrary, loadHandler, loadProxy } from "./library.ts";

type Handle = NodeHttpHandler["handle"];

/** Sends the requests of the SDK, which knows no proxies, through those that were named, or directly. */
export class ProxyingHandler {
	readonly metadata = { handlerProtocol: "http/1.1" };
	readonly #library: HandlerLibrary;
	readonly #limits: NodeHttpHandlerOptions;
	readonly #agents: Agents;
	readonly #handlers = new Map<Agent, NodeHttpHandler>();

	private constructor(library: HandlerLibrary, limits: NodeHttpHandlerOptions, agents: Agents) {
		this.#library = library;
		this.#limits = limits;
		this.#agents = agents;
	}

	static async open(
		limits: NodeHttpHandlerOptions,
		settings: Omit<AgentSettings, "loadProxy">,
	): Promise<ProxyingHandler> {
		const agents = await Agents.open({ ...settings, loadProxy });
		return new ProxyingHandler(await loadHandler(), limits, agents);
	}

	/** @throws KeyError `misconfigured` for a proxy that is none */
	async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
		const { protocol, hostname, port, path } = request;
		const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
		const url = new URL(`${protocol}//${host}${port === undefined ? "" : `:${port}`}`);
		const { agent, asked } = this.#agents.of(url);
		const handler = this.#handlerOf(agent);
		if (asked === undefined) return handler.handle(request, options);
		// Without TLS the proxy itself is asked for the URL.
		const { at, headers } = asked;
		const toProxy: typeof request = Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
			protocol: at.protocol,
			hostname: at.hostname,
			port: at.port === "" ? undefined : Number(at.port),
			path: url.origin + path,
			headers: { ...request.headers, ...headers },
		});
		return handler.handle(toProxy, options);
	}

	#handlerOf(agent: Agent): NodeHttpHandler {
		let handler = this.#handlers.get(agent);
		if (handler === undefined) {
			const agents = { httpAgent: agent, httpsAgent: agent as never };
			handler = new this.#library.NodeHttpHandler({ ...this.#limits, ...agents });
			this.#handlers.set(agent, handler);
		}
		return handler;
	}

	/** Asked for by the SDK's interface: nothing here is changed from outside. */
	updateHttpClientConfig(): void {}

	httpHandlerConfigs(): NodeHttpHandlerOptions {
		return {};
	}

	/** Ends the connections. */
	destroy(): void {
		this.#agents.close();
	}
}
