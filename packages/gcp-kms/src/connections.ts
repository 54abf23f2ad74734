import { Agents, type HttpsProxy } from "@sopskit/core/network";
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
	static async open(ca: string | undefined, proxy: HttpsProxy | undefined): Promise<Connections> {
		return new Connections(await Agents.open({ ca, proxy, loadProxy }), await loadFetch());
	}

	/** What an HTTP client of the SDK gets to use these connections, and no others. */
	readonly forSdk = {
		agent: (url: URL): ReturnType<Agents["for"]> => this.#agents.for(url),
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
