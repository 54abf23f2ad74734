import { KeyError } from "@sopskit/core";
import type { AuthClient } from "google-auth-library";
import type { Caller, Operation } from "./caller.ts";
import { Connections } from "./connections.ts";
import { grpcCaller } from "./grpc-caller.ts";
import { injectedCaller } from "./injected-client.ts";
import { loadChecksum } from "./library.ts";
import type { Settings } from "./options.ts";
import { restCaller } from "./rest-caller.ts";
import { isUnauthenticated } from "./sdk-failure.ts";

/** One client for all keys: made at the first call, closed with the provider. */
export class KmsClient {
	readonly #settings: Settings;
	#ready: Promise<Ready> | undefined;
	#closed = false;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	/**
	 * Encrypts or decrypts, with checksums in both directions.
	 *
	 * @throws KeyError, or what the SDK throws
	 */
	async crypt(
		operation: Operation,
		name: string,
		bytes: Uint8Array,
		signal: AbortSignal,
	): Promise<Uint8Array> {
		if (this.#closed) throw new KeyError("misconfigured", "the provider was closed; make another one");
		this.#ready ??= this.#open();
		const opening = this.#ready;
		// Not kept, or a passing trouble would stay.
		const ready = await opening.catch((error: unknown) => {
			if (this.#ready === opening) this.#ready = undefined;
			throw error;
		});
		const { crc32c } = await loadChecksum();
		const checksum = (data: Uint8Array): number => crc32c(data) >>> 0;
		const request = { name, bytes, checksum: checksum(bytes) };
		const ask = async () => ready.caller.call(operation, request, await ready.tokens.headers(), signal);
		const answer = await ask().catch((error: unknown) => {
			// The token may have ended before its time. Another one, once.
			if (!isUnauthenticated(error) || !ready.tokens.renew()) throw error;
			return ask();
		});
		const { checksum: expected, verified } = answer;
		// Google demands the comparison: what was changed on the way would be a data key that nobody has.
		if (
			(operation === "encrypt" && !verified) ||
			expected === undefined ||
			expected !== checksum(answer.bytes)
		)
			throw new KeyError("failed", "Google Cloud KMS: a checksum does not fit what was sent; try again");
		return answer.bytes;
	}

	async close(): Promise<void> {
		this.#closed = true;
		const ready = await this.#ready?.catch(() => undefined);
		await ready?.caller.close();
		ready?.connections.close();
	}

	async #open(): Promise<Ready> {
		const { client, auth, endpoint, transport, universe, quotaProject } = this.#settings;
		const { proxies, maxAttempts, timeoutMs } = this.#settings;
		const ca = await this.#settings.ca();
		const connections = await Connections.open(ca, proxies);
		if (client !== undefined)
			return { connections, caller: injectedCaller(client, timeoutMs), tokens: NO_TOKENS };
		const caller =
			transport === "rest"
				? await restCaller(endpoint, connections, maxAttempts)
				: await grpcCaller(endpoint, { ca, proxies, maxAttempts, timeoutMs });
		return {
			connections,
			caller,
			tokens: new Tokens(() => auth({ connections, timeoutMs, universe }), quotaProject),
		};
	}
}

interface Ready {
	readonly connections: Connections;
	readonly caller: Caller;
	readonly tokens: Pick<Tokens, "headers" | "renew">;
}

const NO_TOKENS: Ready["tokens"] = { headers: async () => ({}), renew: () => false };

/** The token of all calls; one request for all who wait for it. */
class Tokens {
	readonly #make: () => Promise<AuthClient>;
	readonly #quotaProject: string | undefined;
	#client: Promise<AuthClient> | undefined;
	#asking: Promise<Readonly<Record<string, string>>> | undefined;

	constructor(make: () => Promise<AuthClient>, quotaProject: string | undefined) {
		this.#make = make;
		this.#quotaProject = quotaProject;
	}

	headers(): Promise<Readonly<Record<string, string>>> {
		this.#asking ??= this.#ask().finally(() => {
			this.#asking = undefined;
		});
		return this.#asking;
	}

	renew(): boolean {
		this.#client = undefined;
		return true;
	}

	async #ask(): Promise<Readonly<Record<string, string>>> {
		this.#client ??= this.#make();
		const making = this.#client;
		try {
			const client = await making;
			const headers = await client.getRequestHeaders("https://cloudkms.googleapis.com/");
			const project = this.#quotaProject;
			return {
				...Object.fromEntries(headers),
				...(project !== undefined && { "x-goog-user-project": project }),
			};
		} catch (error) {
			if (this.#client === making) this.#client = undefined;
			throw error;
		}
	}
}
