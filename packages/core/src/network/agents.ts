import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import { isProxy, type Proxies, type ProxyWay, proxyFor, proxyHeaders } from "./proxy.ts";
import { type LoadProxyAgent, tunnel } from "./tunnel.ts";

export interface AgentSettings {
	/** What TLS needs beside what Node trusts. */
	readonly tls: AgentOptions;
	/** Without `http`, requests without TLS go to their hosts. */
	readonly proxies: Proxies | undefined;
	readonly loadProxy: LoadProxyAgent;
}

/** How a request gets to its URL. */
export interface Way {
	readonly agent: HttpAgent;
	/** Whether the connection begins with TLS. */
	readonly isTls: boolean;
	/** The proxy that is asked for the URL, in clear, in place of its host. */
	readonly asked?: { readonly at: URL; readonly headers: Readonly<Record<string, string>> };
}

/** No more connections than these to a host at one time. */
const LIMITS = { keepAlive: true, maxSockets: 50 };

/**
 * The connections of one provider. Those that SDKs make by themselves are shared by the whole process, cannot be closed,
 * and go where `HTTPS_PROXY` of the process says.
 */
export class Agents {
	readonly #plain = new HttpAgent(LIMITS);
	readonly #secure: HttpsAgent;
	readonly #tunnel: HttpsAgent | undefined;
	readonly #proxies: Proxies | undefined;

	private constructor(proxies: Proxies | undefined, secure: HttpsAgent, through: HttpsAgent | undefined) {
		this.#proxies = proxies;
		this.#secure = secure;
		this.#tunnel = through;
	}

	static async open({ tls, proxies, loadProxy }: AgentSettings): Promise<Agents> {
		const proxy = wayThrough(proxies?.https);
		const through = proxy && (await tunnel(proxy, LIMITS, tls, loadProxy));
		return new Agents(proxies, new HttpsAgent({ ...LIMITS, ...tls }), through);
	}

	/**
	 * How a request gets to its URL. A request without TLS is asked for at the proxy itself, in clear.
	 *
	 * @throws KeyError `misconfigured` for a proxy that is none
	 */
	of(url: URL): Way {
		const proxy = this.#proxies && proxyFor(url, this.#proxies);
		const isTls = url.protocol === "https:";
		if (proxy === undefined) return { agent: isTls ? this.#secure : this.#plain, isTls };
		if (isTls) return { agent: this.#tunnel!, isTls };
		const at = new URL(proxy.url);
		const isTlsOfProxy = at.protocol === "https:";
		return {
			agent: isTlsOfProxy ? this.#secure : this.#plain,
			isTls: isTlsOfProxy,
			asked: { at, headers: proxyHeaders(proxy) },
		};
	}

	/** Ends all connections, also those in use. */
	close(): void {
		this.#plain.destroy();
		this.#secure.destroy();
		this.#tunnel?.destroy();
	}
}

/** One that is none is told when a request would go through it. */
function wayThrough(proxy: string | undefined): ProxyWay | undefined {
	if (isProxy(proxy) !== undefined) return undefined;
	return proxyFor(new URL("https://any.example"), { https: proxy, except: [] });
}
