import { KeyError } from "@sopskit/core";
import { type VaultClientLike, vaultClient } from "./library.ts";
import type { Transport } from "./transport.ts";
import { isPassing } from "./vault-failure.ts";

/** A client that is made already, or a function that gives one for an address. What it made stays the caller's. */
export type VaultClientSource =
	| VaultClientLike
	| ((address: string) => VaultClientLike | Promise<VaultClientLike>);

/** A request to a server. */
export interface VaultRequest {
	readonly method: "PUT" | "POST";
	readonly path: string;
	readonly json: object;
	readonly headers: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal | undefined;
}

/** Waits between attempts, in milliseconds: those of the client of the reference. */
const WAIT = { minTimeout: 1000, maxTimeout: 1500 };

/** One client for each address, for any number of calls. */
export class Servers {
	readonly #transport: Transport;
	readonly #source: VaultClientSource | undefined;
	readonly #agent: string | undefined;
	readonly #maxRetries: number;
	#clients: Map<string, Promise<VaultClientLike>> | undefined = new Map();

	/** @param agent - where all requests go, instead of the addresses */
	constructor(
		transport: Transport,
		source: VaultClientSource | undefined,
		agent: string | undefined,
		maxRetries: number,
	) {
		this.#transport = transport;
		this.#source = source;
		this.#agent = agent;
		this.#maxRetries = maxRetries;
	}

	/** @throws KeyError; errors of `node-vault` and of Node */
	async ask(address: string, { headers, signal, ...request }: VaultRequest): Promise<unknown> {
		const { default: retry } = await import("p-retry");
		const client = await this.#client(address);
		return retry(() => client.request({ ...request, headers: { ...headers }, ...(signal && { signal }) }), {
			...WAIT,
			retries: this.#maxRetries,
			...(signal && { signal }),
			shouldRetry: ({ error }) => isPassing(error),
		});
	}

	/** Ends the connections; no call can follow. */
	async close(): Promise<void> {
		this.#clients = undefined;
		await this.#transport.close();
	}

	#client(address: string): Promise<VaultClientLike> {
		const clients = this.#clients;
		if (clients === undefined)
			return Promise.reject(new KeyError("misconfigured", "the provider was closed; make another one"));
		const known = clients.get(address);
		if (known !== undefined) return known;
		const made = this.#make(address);
		clients.set(address, made);
		made.catch(() => clients.delete(address));
		return made;
	}

	async #make(address: string): Promise<VaultClientLike> {
		if (this.#source === undefined) {
			if (this.#agent === "")
				throw new KeyError("misconfigured", "VAULT_AGENT_ADDR is not of the form https://127.0.0.1:8200");
			return vaultClient(this.#agent ?? address, (request) => this.#transport.send(request));
		}
		let client: VaultClientLike;
		try {
			client = typeof this.#source === "function" ? await this.#source(address) : this.#source;
		} catch {
			throw new KeyError("misconfigured", "the function client threw an error");
		}
		if (typeof client?.request !== "function")
			throw new KeyError("misconfigured", "the function client gave no client of node-vault");
		return client;
	}
}
