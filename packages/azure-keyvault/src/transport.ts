import { AsyncLocalStorage } from "node:async_hooks";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { Agents, type Proxies } from "@sopskit/core/network";
import { loadPipeline, loadProxy } from "./library.ts";

const noted = new AsyncLocalStorage<{ readonly failures: unknown[]; readonly plain: boolean }>();

/** Keeps a failure for {@link withCauses}: what a library above makes of it says less. */
export function noteCause(failure: unknown, plain = false): void {
	const notes = noted.getStore();
	if (notes !== undefined && (notes.plain || !plain)) notes.failures.push(failure);
}

/**
 * Runs what sends requests through a library that does not tell why they failed (MSAL makes "network_error" of
 * everything), and adds to what it throws what went wrong below.
 *
 * @param plain - whether requests without TLS count: not where they are only a look whether an endpoint is there
 */
export async function withCauses<T>(plain: boolean, work: () => Promise<T>): Promise<T> {
	const failures: unknown[] = [];
	try {
		return await noted.run({ failures, plain }, work);
	} catch (cause) {
		throw Object.assign(new Error("no token", { cause }), { errors: failures });
	}
}

export interface TransportSettings {
	/** Gives the authorities to trust instead of those of Node, in PEM. */
	readonly ca: () => Promise<string | undefined>;
	readonly proxies: Proxies | undefined;
	/** Milliseconds for one request. */
	readonly timeoutMs: number;
}

/**
 * The connections of one provider, for vaults and for tokens alike.
 */
export class Transport implements HttpClient {
	readonly #settings: TransportSettings;
	#agents: Promise<Agents> | undefined;
	#inner: Promise<HttpClient> | undefined;

	constructor(settings: TransportSettings) {
		this.#settings = settings;
	}

	async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
		this.#inner ??= loadPipeline().then((library) => library.createDefaultHttpClient());
		// The proxy policy of the SDK may have put an agent here.
		request.agent = (await this.#open()).of(new URL(request.url)).agent;
		// The identity library sets no limit: a token service that hangs would hold a socket for good.
		if (!(request.timeout > 0)) request.timeout = this.#settings.timeoutMs;
		const isPlain = request.url.startsWith("http:");
		try {
			const response = await (await this.#inner).sendRequest(request);
			if (response.status >= 400)
				noteCause({ statusCode: response.status, message: response.bodyAsText }, isPlain);
			return response;
		} catch (error) {
			noteCause(error, isPlain);
			throw error;
		}
	}

	/** Ends all connections, also those in use. */
	async close(): Promise<void> {
		(await this.#agents)?.close();
	}

	#open(): Promise<Agents> {
		const { ca, proxies } = this.#settings;
		this.#agents ??= ca().then((trusted) =>
			Agents.open({
				tls: trusted === undefined ? {} : { ca: trusted },
				// Without TLS it is an endpoint of the machine.
				proxies: proxies && { ...proxies, http: undefined },
				loadProxy,
			}),
		);
		return this.#agents;
	}
}
