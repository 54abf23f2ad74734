import { AsyncLocalStorage } from "node:async_hooks";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { loadPipeline, loadProxy } from "./library.ts";

/** A proxy for `https` requests. */
export interface AzureProxy {
	/** Such as `http://proxy.example:3128`; user and password may stand in it. */
	readonly url: string;
	/** Hosts that are asked directly, with those below them; `*` is all. As in `NO_PROXY`, without ports. */
	readonly except?: readonly string[] | undefined;
}

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

/** No more connections than these to a host at one time. */
const MAX_SOCKETS = 50;

export interface TransportSettings {
	/** Gives the authorities to trust instead of those of Node, in PEM. */
	readonly ca: () => Promise<string | undefined>;
	readonly proxy: AzureProxy | undefined;
	/** Milliseconds for one request. */
	readonly timeoutMs: number;
}

/**
 * The connections of one provider, for vaults and for tokens alike. The SDK's own are shared by the whole process,
 * cannot be closed, and go where `HTTPS_PROXY` says.
 */
export class Transport implements HttpClient {
	readonly #settings: TransportSettings;
	readonly #plain = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
	#direct: Promise<HttpsAgent> | undefined;
	#proxied: Promise<HttpsAgent> | undefined;
	#inner: Promise<HttpClient> | undefined;

	constructor(settings: TransportSettings) {
		this.#settings = settings;
	}

	async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
		this.#inner ??= loadPipeline().then((library) => library.createDefaultHttpClient());
		// The proxy policy of the SDK may have put an agent here.
		request.agent = await this.#agentFor(new URL(request.url));
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
		this.#plain.destroy();
		(await this.#direct)?.destroy();
		(await this.#proxied)?.destroy();
	}

	async #agentFor({ protocol, hostname }: URL): Promise<HttpAgent> {
		// Plain HTTP is the managed identity endpoint of the machine itself.
		if (protocol === "http:") return this.#plain;
		const { proxy } = this.#settings;
		if (proxy === undefined || isExcepted(hostname, proxy.except ?? [])) {
			this.#direct ??= this.#trusted().then(
				(trusted) => new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...trusted }),
			);
			return this.#direct;
		}
		this.#proxied ??= Promise.all([loadProxy(), this.#trusted()]).then(([{ HttpsProxyAgent }, trusted]) => {
			const agent = new HttpsProxyAgent(proxy.url, { keepAlive: true, maxSockets: MAX_SOCKETS });
			// Those of its constructor are for the way to the proxy. The flag makes it find the connections that it kept.
			Object.assign(agent.options, { secureEndpoint: true, ...trusted });
			return agent as unknown as HttpsAgent;
		});
		return this.#proxied;
	}

	async #trusted(): Promise<{ readonly ca?: string }> {
		const ca = await this.#settings.ca();
		return ca === undefined ? {} : { ca };
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
