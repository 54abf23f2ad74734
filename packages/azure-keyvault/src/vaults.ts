import { KeyError } from "@sopskit/core";
import { domainOf } from "./clouds.ts";
import { type AzureCryptographyClient, injectedCrypt } from "./injected-client.ts";
import type { Settings } from "./options.ts";
import { Transport } from "./transport.ts";
import { VaultClient } from "./vault-client.ts";
import { URL_FORM, type VaultKey } from "./vault-key.ts";

/** The clients of one provider: one for each domain of vaults, since tokens are for a domain. */
export class Vaults {
	readonly #clients = new Map<string, VaultClient>();
	readonly #injected = new Map<string, AzureCryptographyClient>();
	readonly #transport: Transport;
	readonly #settings: Settings;
	#closed = false;

	constructor(settings: Settings) {
		this.#settings = settings;
		this.#transport = new Transport(settings);
	}

	/** @throws KeyError, or what the SDK throws */
	async currentVersion(key: VaultKey, signal: AbortSignal): Promise<string> {
		if (this.#settings.client !== undefined)
			throw new KeyError(
				"misconfigured",
				`a client of the caller's needs the key's version, as in ${URL_FORM}`,
			);
		return this.#client(key).currentVersion(key, signal);
	}

	/**
	 * @param value - base64url without padding, as what comes back
	 * @throws KeyError, or what the SDK throws
	 */
	async crypt(
		operation: "encrypt" | "decrypt",
		key: VaultKey,
		value: string,
		signal: AbortSignal,
	): Promise<string> {
		if (this.#settings.client === undefined) return this.#client(key).crypt(operation, key, value, signal);
		return injectedCrypt(this.#injectedClient(key), operation, value, signal);
	}

	close(): Promise<void> {
		this.#closed = true;
		this.#clients.clear();
		this.#injected.clear();
		return this.#transport.close();
	}

	#injectedClient(key: VaultKey): AzureCryptographyClient {
		this.#refuseWhenClosed();
		const url = `${key.origin}/keys/${key.name}/${key.version}`;
		let client = this.#injected.get(url);
		if (client === undefined) {
			try {
				client = this.#settings.client!(url);
			} catch {
				throw new KeyError("misconfigured", "the function client threw an error");
			}
			if (typeof client?.decrypt !== "function" || typeof client.encrypt !== "function")
				throw new KeyError("misconfigured", "the function client gave no CryptographyClient");
			this.#injected.set(url, client);
		}
		return client;
	}

	#client(key: VaultKey): VaultClient {
		this.#refuseWhenClosed();
		const { credentials, audience = `https://${domainOf(key.host)}`, maxRetries } = this.#settings;
		let client = this.#clients.get(audience);
		if (client === undefined) {
			client = new VaultClient(audience, {
				transport: this.#transport,
				credentials,
				retryOptions: { maxRetries },
			});
			this.#clients.set(audience, client);
		}
		return client;
	}

	#refuseWhenClosed(): void {
		if (this.#closed) throw new KeyError("misconfigured", "the provider was closed; make another one");
	}
}
