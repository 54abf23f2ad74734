import type { Pipeline, PipelineResponse } from "@azure/core-rest-pipeline";
import { KeyError } from "@sopskit/core";
import { type IdentitySettings, type KnownCredentials, tokenCredential } from "./credentials.ts";
import { loadPipeline } from "./library.ts";
import { responseFailure } from "./sdk-failure.ts";
import { type Transport, withCauses } from "./transport.ts";
import type { VaultKey } from "./vault-key.ts";

/** The oldest that all clouds have; nothing here changed since. */
const API_VERSION = "7.4";

export interface VaultClientSettings extends IdentitySettings {
	readonly transport: Transport;
	readonly credentials: KnownCredentials;
}

/**
 * The calls to vaults of one domain, over the SDK's pipeline: its tokens and its retries. Not over `CryptographyClient`,
 * which asks for the key before it decrypts, and does not decrypt with an expired one
 * (docs/decisions/0027-calls-to-key-vault.md).
 */
export class VaultClient {
	readonly #settings: VaultClientSettings;
	readonly #audience: string;
	#pipeline: Promise<Pipeline> | undefined;

	constructor(audience: string, settings: VaultClientSettings) {
		this.#audience = audience;
		this.#settings = settings;
	}

	/**
	 * The current version of a key.
	 *
	 * @throws KeyError, or what the SDK throws
	 */
	async currentVersion(key: VaultKey, signal: AbortSignal): Promise<string> {
		const answer = await this.#call("get", `${key.origin}/keys/${key.name}/`, undefined, signal);
		const kid = (answer.key as { kid?: unknown } | undefined)?.kid;
		const version =
			typeof kid === "string" ? /\/keys\/[^/]+\/([A-Za-z0-9]{1,64})$/.exec(kid)?.[1] : undefined;
		if (version === undefined) throw unexpected("the key's version");
		return version;
	}

	/**
	 * Encrypts or decrypts with RSA-OAEP-256, as the reference (sops 3.13.3, azkv/keysource.go).
	 *
	 * @param value - base64url without padding, as what comes back
	 * @throws KeyError, or what the SDK throws
	 */
	async crypt(
		operation: "encrypt" | "decrypt",
		key: VaultKey,
		value: string,
		signal: AbortSignal,
	): Promise<string> {
		const url = `${key.origin}/keys/${key.name}/${key.version}/${operation}`;
		const answer = await this.#call(operation, url, { alg: "RSA-OAEP-256", value }, signal);
		// What was encrypted under another version than the one that is stored would be lost.
		if (operation === "encrypt" && key.version !== "" && !String(answer.kid).endsWith(`/${key.version}`))
			throw unexpected("the version that was asked for");
		if (typeof answer.value !== "string" || !/^[A-Za-z0-9_-]+$/.test(answer.value))
			throw unexpected("a value");
		return answer.value;
	}

	async #call(
		operation: "get" | "encrypt" | "decrypt",
		url: string,
		body: object | undefined,
		signal: AbortSignal,
	): Promise<Record<string, unknown>> {
		let response = await this.#send(url, body, signal);
		if (response.status === 401) {
			// The token may have ended before its time. Another one, once.
			this.#pipeline = undefined;
			response = await this.#send(url, body, signal);
		}
		if (response.status !== 200) throw responseFailure(response, operation);
		try {
			const answer: unknown = JSON.parse(response.bodyAsText ?? "");
			if (typeof answer === "object" && answer !== null) return answer as Record<string, unknown>;
		} catch {
			// Says nothing: the error would hold some of the answer.
		}
		throw unexpected("JSON");
	}

	async #send(url: string, body: object | undefined, signal: AbortSignal): Promise<PipelineResponse> {
		const { createHttpHeaders, createPipelineRequest } = await loadPipeline();
		this.#pipeline ??= this.#makePipeline();
		const pipeline = this.#pipeline;
		const request = createPipelineRequest({
			url: `${url}?api-version=${API_VERSION}`,
			method: body === undefined ? "GET" : "POST",
			headers: createHttpHeaders({ accept: "application/json", "content-type": "application/json" }),
			...(body !== undefined && { body: JSON.stringify(body) }),
			abortSignal: signal,
		});
		try {
			return await (await pipeline).sendRequest(this.#settings.transport, request);
		} catch (error) {
			// Who waits for a token that never comes must not make all later calls wait for it.
			if (this.#pipeline === pipeline) this.#pipeline = undefined;
			throw error;
		}
	}

	/** No redirects, no proxies of the environment, no logs: only what is put here. */
	async #makePipeline(): Promise<Pipeline> {
		const library = await loadPipeline();
		const { credentials } = this.#settings;
		const credential = await tokenCredential(credentials, this.#settings);
		const plain = isManagedAlone(credentials);
		const pipeline = library.createEmptyPipeline();
		pipeline.addPolicy(library.defaultRetryPolicy(this.#settings.retryOptions), { phase: "Retry" });
		const tokens = library.bearerTokenAuthenticationPolicy({
			scopes: `${this.#audience}/.default`,
			credential: {
				// A token is for all who wait, so the signal of the first one does not end the request for it.
				getToken: (scopes, { abortSignal: _, ...options } = {}) =>
					withCauses(plain, () => credential.getToken(scopes, options)),
			},
		});
		pipeline.addPolicy(tokens, { phase: "Sign" });
		return pipeline;
	}
}

/** Whether nobody but the endpoint of the machine is asked, so that what it says is why there is no token. */
function isManagedAlone(credentials: KnownCredentials): boolean {
	if (typeof credentials !== "object") return false;
	if ("chain" in credentials) return credentials.chain.every((link) => "managedIdentity" in link);
	return "managedIdentity" in credentials;
}

function unexpected(what: string): KeyError {
	return new KeyError("failed", `Azure Key Vault answered without ${what}`);
}
