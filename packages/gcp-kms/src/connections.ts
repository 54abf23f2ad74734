import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { loadFetch, loadProxy } from "./library.ts";

/** A proxy for `https` requests. */
export interface GcpProxy {
	/** Such as `http://proxy.example:3128`; user and password may stand in it. */
	readonly url: string;
	/** Hosts that are asked directly, with those below them; `*` is all. As in `NO_PROXY`, without ports. */
	readonly except?: readonly string[] | undefined;
}

/** No more connections than these to a host at one time. */
const MAX_SOCKETS = 50;

/**
 * The connections of one provider for requests over HTTP. The SDK's own are shared by the whole process, cannot be
 * closed, and go where `HTTPS_PROXY` says.
 */
export class Connections {
	readonly #plain = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
	readonly #direct: HttpsAgent;
	readonly #proxied: HttpsAgent | undefined;
	readonly #except: readonly string[];

	readonly #fetch: typeof fetch;

	private constructor(
		library: typeof fetch,
		ca: string | undefined,
		proxied: HttpsAgent | undefined,
		except: readonly string[],
	) {
		this.#fetch = library;
		this.#direct = new HttpsAgent({
			keepAlive: true,
			maxSockets: MAX_SOCKETS,
			...(ca !== undefined && { ca }),
		});
		this.#proxied = proxied;
		this.#except = except;
	}

	/** @param ca - authorities to trust instead of those of Node, in PEM */
	static async open(ca: string | undefined, proxy: GcpProxy | undefined): Promise<Connections> {
		const library = await loadFetch();
		if (proxy === undefined) return new Connections(library, ca, undefined, []);
		const { HttpsProxyAgent } = await loadProxy();
		const agent = new HttpsProxyAgent(proxy.url, { keepAlive: true, maxSockets: MAX_SOCKETS });
		// Those of its constructor are for the way to the proxy. The flag makes it find the connections that it kept.
		Object.assign(agent.options, { secureEndpoint: true, ...(ca !== undefined && { ca }) });
		return new Connections(library, ca, agent as unknown as HttpsAgent, proxy.except ?? []);
	}

	/** What an HTTP client of the SDK gets to use these connections, and no others. */
	readonly forSdk = {
		agent: (url: URL): HttpAgent => this.#agentFor(url),
		fetchImplementation: (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
			// node-fetch 3.3.2 with a signal that has aborted destroys the body, whose error nobody hears: the process ends.
			if (init?.signal?.aborted) return Promise.reject(new DOMException("aborted", "AbortError"));
			return this.#fetch(input, init);
		},
	};

	#agentFor({ protocol, hostname }: URL): HttpAgent {
		// Plain HTTP is the metadata server of the machine, or an endpoint that the caller named.
		if (protocol === "http:") return this.#plain;
		return this.#proxied === undefined || isExcepted(hostname, this.#except) ? this.#direct : this.#proxied;
	}

	/** Ends all connections, also those in use. */
	close(): void {
		this.#plain.destroy();
		this.#direct.destroy();
		this.#proxied?.destroy();
	}
}

function isExcepted(host: string, except: readonly string[]): boolean {
	return except.some((entry) => {
		const bare = entry
			.trim()
			.toLowerCase()
			.replace(/^\*?\./, "");
		return entry.trim() === "*" || (bare !== "" && (host === bare || host.endsWith(`.${bare}`)));
	});
}
