import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type HttpsProxy, isExcepted } from "./proxy.ts";

/** What is needed of the package `https-proxy-agent`, which this one does not depend on. */
export interface ProxyAgentLibrary {
	readonly HttpsProxyAgent: new (
		url: string,
		options: {
			readonly keepAlive: boolean;
			readonly maxSockets: number;
			readonly headers: Readonly<Record<string, string>>;
		},
	) => { readonly options: object };
}

export interface AgentSettings {
	/** Authorities to trust instead of those of Node, in PEM. */
	readonly ca: string | undefined;
	readonly proxy: HttpsProxy | undefined;
	/** Loads `https-proxy-agent`; called where there is a proxy. */
	readonly loadProxy: () => Promise<ProxyAgentLibrary>;
}

/** No more connections than these to a host at one time. */
const LIMITS = { keepAlive: true, maxSockets: 50 };

/**
 * The connections of one provider. Those that SDKs make by themselves are shared by the whole process, cannot be closed,
 * and go where `HTTPS_PROXY` of the process says.
 */
export class Agents {
	readonly #plain = new HttpAgent(LIMITS);
	readonly #direct: HttpsAgent;
	readonly #proxied: HttpsAgent | undefined;
	readonly #except: readonly string[];

	private constructor(direct: HttpsAgent, proxied: HttpsAgent | undefined, except: readonly string[]) {
		this.#direct = direct;
		this.#proxied = proxied;
		this.#except = except;
	}

	static async open({ ca, proxy, loadProxy }: AgentSettings): Promise<Agents> {
		const trusted = ca === undefined ? {} : { ca };
		const direct = new HttpsAgent({ ...LIMITS, ...trusted });
		if (proxy === undefined) return new Agents(direct, undefined, []);
		const { HttpsProxyAgent } = await loadProxy();
		const { url, headers } = withoutUser(proxy.url);
		const proxied = new HttpsProxyAgent(url, { ...LIMITS, headers });
		// Those of its constructor are for the way to the proxy. The flag makes it find the connections that it kept.
		Object.assign(proxied.options, { secureEndpoint: true, ...trusted });
		return new Agents(direct, proxied as unknown as HttpsAgent, proxy.except ?? []);
	}

	/** The agent for a URL. Plain HTTP goes through no proxy: it is an endpoint of the machine, or a named one. */
	for({ protocol, hostname, port }: URL): HttpAgent {
		if (protocol === "http:") return this.#plain;
		const goesDirect = this.#proxied === undefined || isExcepted(hostname, Number(port || 443), this.#except);
		return goesDirect ? this.#direct : this.#proxied!;
	}

	/** Ends all connections, also those in use. */
	close(): void {
		this.#plain.destroy();
		this.#direct.destroy();
		this.#proxied?.destroy();
	}
}

/** User and password as a header: the package writes the URL of a proxy into the log that `DEBUG` switches on. */
function withoutUser(text: string): { readonly url: string; readonly headers: Record<string, string> } {
	const url = new URL(text);
	if (url.username === "" && url.password === "") return { url: text, headers: {} };
	const shown = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
	Object.assign(url, { username: "", password: "" });
	const authorization = `Basic ${Buffer.from(shown).toString("base64")}`;
	return { url: url.href, headers: { "proxy-authorization": authorization } };
}
