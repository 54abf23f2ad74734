import { KeyError, type NotMine } from "@sopskit/core";
import { base64Bytes, base64Text } from "@sopskit/core/provider";
import type { KeyPlace } from "./key-path.ts";
import type { Servers } from "./servers.ts";
import type { Tokens } from "./token-sources.ts";
import { isDenied, vaultFailure } from "./vault-failure.ts";

/** The way to the servers. */
export interface TransitServer {
	readonly servers: Servers;
	/** That every request has, such as the namespace's. */
	readonly headers: Readonly<Record<string, string>>;
	/** Absent: the client that was passed has its own. */
	readonly tokens: Tokens | undefined;
}

/**
 * The operation encrypt.
 *
 * @returns the text of the server, as it is
 * @throws KeyError
 */
export async function wrapBy(
	place: KeyPlace,
	part: Uint8Array,
	server: TransitServer,
	signal: AbortSignal,
): Promise<string> {
	const answer = await ask(place, "encrypt", { plaintext: base64Text(part) }, server, signal);
	if (answer === undefined) throw new KeyError("misconfigured", NO_TOKEN);
	const { ciphertext } = answer;
	if (typeof ciphertext === "string" && ciphertext !== "") return ciphertext;
	throw new KeyError("failed", "Vault answered without a ciphertext");
}

/**
 * The operation decrypt.
 *
 * @throws KeyError
 */
export async function unwrapBy(
	place: KeyPlace,
	enc: string,
	server: TransitServer,
	signal: AbortSignal,
): Promise<Uint8Array | NotMine> {
	if (enc.trim() === "") throw new KeyError("damaged", "enc is empty");
	const answer = await ask(place, "decrypt", { ciphertext: enc }, server, signal);
	if (answer === undefined) return { notMine: NO_TOKEN };
	const { plaintext } = answer;
	const part = typeof plaintext === "string" ? base64Bytes(plaintext) : undefined;
	if (part !== undefined) return part;
	throw new KeyError("failed", "Vault answered without a plaintext in base64");
}

const NO_TOKEN = "there is no token for this address";

/** The data of an answer; undefined where there is no token. PUT, as the reference has it. */
async function ask(
	place: KeyPlace,
	operation: "encrypt" | "decrypt",
	json: object,
	{ servers, headers, tokens }: TransitServer,
	signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
	let token: string | undefined;
	const send = async (): Promise<unknown> => {
		token = await tokens?.get(place.address);
		if (tokens !== undefined && token === undefined) return undefined;
		const sent = token === undefined ? headers : { ...headers, "X-Vault-Token": token };
		const request = { method: "PUT", path: place.path(operation), json, headers: sent, signal } as const;
		return ((await servers.ask(place.address, request)) as { data?: unknown } | undefined) ?? {};
	};
	let answer: unknown;
	try {
		answer = await send().catch(async (thrown: unknown) => {
			// The token of a login may have been revoked before its time; one more login tells.
			if (!isDenied(thrown) || tokens?.forget === undefined || token === undefined) throw thrown;
			await tokens.forget(place.address, token);
			return send();
		});
	} catch (thrown) {
		throw vaultFailure(thrown, "Vault");
	}
	if (answer === undefined) return undefined;
	const { data } = answer as { data?: unknown };
	return typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
}
