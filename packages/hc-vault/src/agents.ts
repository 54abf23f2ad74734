import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import { type Proxies, type ProxyWay, proxyFor } from "@sopskit/core/provider";
import { tunnel } from "./tunnel.ts";

/** What TLS needs beside what the system trusts. */
export interface TlsSettings {
	readonly ca?: string | Uint8Array | undefined;
	readonly cert?: string | Uint8Array | undefined;
	readonly key?: string | Uint8Array | undefined;
	readonly servername?: string | undefined;
	readonly rejectUnauthorized?: boolean | undefined;
}

/** No more connections than these to one address at one time. */
const MAX_SOCKETS = 50;
const KEPT = { keepAlive: true, maxSockets: MAX_SOCKETS };

/** How a request gets to its URL. */
export interface Way {
	readonly agent: HttpAgent;
	/** Whether the connection begins with TLS. */
	readonly isTls: boolean;
	/** The proxy that is asked for the URL, in place of its host. */
	readonly asked?: { readonly at: URL; readonly headers: Readonly<Record<string, string>> };
}

/** The connections of one provider: to the servers, or to them through proxies. */
export class Agents {
	readonly #tls: () => Promise<TlsSettings>;
	readonly #proxies: Proxies | undefined;
	readonly #agents = new Map<string, Promise<HttpAgent>>();

	constructor(tls: () => Promise<TlsSettings>, proxies: Proxies | undefined) {
		this.#tls = tls;
		this.#proxies = proxies;
	}

	/**
	 * How a request gets to its URL. A request without TLS is asked for at the proxy itself, in clear.
	 *
	 * @throws KeyError `misconfigured` for files of TLS that cannot be read, and for a proxy that is none
	 */
	async of(url: URL): Promise<Way> {
		const proxy = this.#proxies && proxyFor(url, this.#proxies);
		const isTls = url.protocol === "https:";
		if (proxy === undefined || isTls) return { agent: await this.#agent(isTls, proxy), isTls };
		const at = new URL(proxy.url);
		const isTlsOfProxy = at.protocol === "https:";
		return {
			agent: await this.#agent(isTlsOfProxy, undefined),
			isTls: isTlsOfProxy,
			asked: { at, headers: proxy.headers },
		};
	}

	#agent(isTls: boolean, proxy: ProxyWay | undefined): Promise<HttpAgent> {
		const name = `${isTls} ${proxy?.url}`;
		const known = this.#agents.get(name);
		if (known !== undefined) return known;
		const made = this.#make(isTls, proxy);
		this.#agents.set(name, made);
		// Not kept, or a passing trouble would stay.
		made.catch(() => this.#agents.delete(name));
		return made;
	}

	/** Ends all connections, also those in use. */
	async close(): Promise<void> {
		for (const made of await Promise.allSettled(this.#agents.values())) {
			if (made.status === "fulfilled") made.value.destroy();
		}
	}

	async #make(isTls: boolean, proxy: ProxyWay | undefined): Promise<HttpAgent> {
		if (!isTls) return new HttpAgent(KEPT);
		const secure = await this.#secure();
		return proxy === undefined ? new HttpsAgent({ ...KEPT, ...secure }) : tunnel(proxy, KEPT, { ...secure });
	}

	async #secure(): Promise<AgentOptions> {
		const { ca, cert, key, servername, rejectUnauthorized } = await this.#tls();
		return {
			...(ca !== undefined && { ca: pem(ca) }),
			...(cert !== undefined && { cert: pem(cert) }),
			...(key !== undefined && { key: pem(key) }),
			...(servername !== undefined && { servername }),
			...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
		};
	}
}

function pem(text: string | Uint8Array): string | Buffer {
	return typeof text === "string" ? text : Buffer.from(text);
}
