import type { Agent } from "node:http";
import { Agents, type Proxies } from "@sopskit/core/network";
import { loadFetch, loadProxy } from "./library.ts";

/** The connections of one provider for requests over HTTP. */
export class Connections {
	readonly #agents: Agents;
	readonly #fetch: typeof fetch;

	private constructor(agents: Agents, library: typeof fetch) {
		this.#agents = agents;
		this.#fetch = library;
	}

	/** @param ca - authorities to trust instead of those of Node, in PEM */
	static async open(ca: string | undefined, proxies: Proxies | undefined): Promise<Connections> {
		const tls = ca === undefined ? {} : { ca };
		// Without TLS it is an endpoint of the machine, or one that was named for tests.
		const secure = proxies && { ...proxies, http: undefined };
		return new Connections(await Agents.open({ tls, proxies: secure, loadProxy }), await loadFetch());
	}

	/** What an HTTP client of the SDK gets to use these connections, and no others. */
	readonly forSdk = {
		agent: (url: URL): Agent => this.#agents.of(url).agent,
		fetchImplementation: (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
			// node-fetch 3.3.2 with a signal that has aborted destroys the body, whose error nobody hears: the process ends.
			if (init?.signal?.aborted) return Promise.reject(new DOMException("aborted", "AbortError"));
			return this.#fetch(input, init);
		},
	};

	/** Ends all connections, also those in use. */
	close(): void {
		this.#agents.close();
	}
}
