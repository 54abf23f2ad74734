import { KeyError } from "@sopskit/core";
import type { LoginRequest } from "./token.ts";
import { vaultFailure } from "./vault-failure.ts";

/** A token is replaced when less than this share of its lease is left. */
const SHARE_LEFT = 0.1;

interface Lease {
	readonly token: string;
	/** In milliseconds, as `Date.now()` counts. */
	readonly end: number;
}

/** The tokens that logins gave, one for each address, until their leases end; one login for all who wait. */
export class LoginTokens {
	readonly #request: LoginRequest;
	readonly #post: (address: string, path: string, body: object) => Promise<unknown>;
	readonly #tokens = new Map<string, Promise<Lease>>();

	constructor(
		request: LoginRequest,
		post: (address: string, path: string, body: object) => Promise<unknown>,
	) {
		this.#request = request;
		this.#post = post;
	}

	/** @throws KeyError */
	async get(address: string): Promise<string> {
		const known = this.#tokens.get(address);
		const lease = await known;
		if (lease !== undefined && Date.now() < lease.end) return lease.token;
		// Another one may have begun a login meanwhile.
		const begun = this.#tokens.get(address);
		if (begun !== undefined && begun !== known) return (await begun).token;
		const login = this.#login(address);
		this.#tokens.set(address, login);
		login.catch(() => {
			if (this.#tokens.get(address) === login) this.#tokens.delete(address);
		});
		return (await login).token;
	}

	/** The server does not take this token: the next one to ask logs in, unless another has done so already. */
	async forget(address: string, token: string): Promise<void> {
		const known = this.#tokens.get(address);
		const lease = await known?.catch(() => undefined);
		if (lease?.token === token && this.#tokens.get(address) === known) this.#tokens.delete(address);
	}

	async #login(address: string): Promise<Lease> {
		const { path, body, what } = this.#request;
		const content = await body(address);
		let answer: unknown;
		try {
			answer = await this.#post(address, path, content);
		} catch (thrown) {
			throw vaultFailure(thrown, what);
		}
		const { client_token: token, lease_duration: seconds } =
			(answer as { auth?: { client_token?: unknown; lease_duration?: unknown } | null } | undefined)?.auth ??
			{};
		if (typeof token !== "string" || token === "")
			throw new KeyError("failed", `${what}: the answer holds no token`);
		// A token without a lease lasts until it is revoked.
		const lasts =
			typeof seconds === "number" && seconds > 0
				? seconds * 1000 * (1 - SHARE_LEFT)
				: Number.POSITIVE_INFINITY;
		return { token, end: Date.now() + lasts };
	}
}
