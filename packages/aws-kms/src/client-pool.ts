import type { KMSClient } from "@aws-sdk/client-kms";
import { KeyError } from "@sopskit/core";
import { type Connection, clientConfig } from "./connection.ts";
import { type AwsCredentials, KeptCredentials } from "./credentials.ts";
import { loadKms } from "./library.ts";
import { TokenService } from "./token-service.ts";

/** Whose client it is: a key's region, with the role and the profile that the entry names, empty where it names none. */
export interface KmsTarget {
	readonly region: string;
	readonly role: string;
	readonly profile: string;
}

/** What is needed of a client of `@aws-sdk/client-kms`. */
export type KmsClientLike = Pick<KMSClient, "send">;

/** Makes clients, instead of the package; or a client that is made already. What it made stays the caller's to close. */
export type KmsClientSource = KmsClientLike | ((target: KmsTarget) => KmsClientLike | Promise<KmsClientLike>);

/** Those with which a client signs. */
export interface ClientCredentials {
	get(): Promise<AwsCredentials | undefined>;
	/** Lets the next call ask for others, if these are still the ones that are used; undefined: whatever is. */
	forget(expired: AwsCredentials | undefined): void;
}

export interface PooledClient {
	readonly client: KmsClientLike;
	/** Absent: an injected client has its own. */
	readonly credentials?: ClientCredentials;
	destroy(): void;
}

/** Credentials for a target, without those of its role. */
export type BaseCredentials = (target: KmsTarget, sts: TokenService) => Promise<AwsCredentials | undefined>;

/** One client for each target, for any number of calls. */
export class ClientPool {
	readonly #make: (target: KmsTarget) => Promise<PooledClient>;
	#clients: Map<string, Promise<PooledClient>> | undefined = new Map();

	constructor(make: (target: KmsTarget) => Promise<PooledClient>) {
		this.#make = make;
	}

	/** @throws KeyError */
	get(target: KmsTarget): Promise<PooledClient> {
		if (this.#clients === undefined) {
			return Promise.reject(new KeyError("misconfigured", "the provider was closed; make another one"));
		}
		const name = JSON.stringify([target.region, target.role, target.profile]);
		const known = this.#clients.get(name);
		if (known !== undefined) return known;
		const made = this.#make(target);
		const clients = this.#clients;
		clients.set(name, made);
		// Not kept, or a passing trouble would stay.
		made.catch(() => clients.delete(name));
		return made;
	}

	async close(): Promise<void> {
		const clients = [...(this.#clients?.values() ?? [])];
		this.#clients = undefined;
		for (const client of await Promise.allSettled(clients)) {
			if (client.status === "fulfilled") client.value.destroy();
		}
	}
}

/** A client of the package's own, whose credentials are replaced when they expire. */
export async function ownClient(
	target: KmsTarget,
	connection: Connection,
	base: BaseCredentials,
): Promise<PooledClient> {
	const sts = new TokenService(connection, target.region);
	const first = new KeptCredentials(() => base(target, sts));
	const used =
		target.role === ""
			? first
			: new KeptCredentials(async () =>
					(await first.get()) === undefined
						? undefined
						: sts.assumeRole(target.role, () => first.get(), { of: "entry" }),
				);
	const { KMSClient } = await loadKms();
	const client = new KMSClient(await clientConfig(connection, "kms", target.region, () => used.get()));
	return {
		client,
		credentials: {
			get: () => used.get(),
			forget(expired) {
				used.forget(expired);
				// It may be those that assume the role.
				if (used !== first) first.forget(undefined);
			},
		},
		destroy: () => client.destroy(),
	};
}

/** A client of the caller's. */
export async function injectedClient(target: KmsTarget, source: KmsClientSource): Promise<PooledClient> {
	if (typeof source !== "function" && target.role !== "") {
		throw new KeyError(
			"misconfigured",
			"the entry names a role, and the client that was passed has credentials of its own: pass client as a function of the target",
		);
	}
	let client: KmsClientLike;
	try {
		client = typeof source === "function" ? await source(target) : source;
	} catch {
		throw new KeyError("misconfigured", "the function client threw an error");
	}
	if (typeof client?.send !== "function") {
		throw new KeyError("misconfigured", "the function client gave no client of @aws-sdk/client-kms");
	}
	return { client, destroy: () => {} };
}
