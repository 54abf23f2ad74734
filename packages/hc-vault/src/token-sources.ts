import { KeyError } from "@sopskit/core";
import { type Environment, tokenFrom } from "./environment.ts";
import { LoginTokens } from "./login-tokens.ts";
import { loginOf, type VaultLogin, type VaultTokenSource } from "./token.ts";

/** Tokens by address. */
export interface Tokens {
	get(address: string): Promise<string | undefined>;
	/** The server does not take a token: the next one to ask gets another. Absent where there is none to be had. */
	forget?(address: string, token: string): Promise<void>;
}

/** Tokens from what the caller gave, or else from the environment. */
export function tokensOf(
	given: string | VaultTokenSource | VaultLogin | undefined,
	environment: Environment,
	post: (address: string, path: string, json: object) => Promise<unknown>,
): Tokens {
	const login = loginOf(given);
	if (login !== undefined) return new LoginTokens(login, post);
	if (given === undefined) return { get: () => tokenFrom(environment).then(checkedToken) };
	if (typeof given === "string") return { get: async () => checkedToken(given) };
	return {
		async get(address) {
			let token: unknown;
			try {
				token = await (given as VaultTokenSource)(address);
			} catch {
				// What it threw is the caller's and may hold the token.
				throw new KeyError("misconfigured", "the function token threw an error");
			}
			return checkedToken(token);
		},
	};
}

/** @throws KeyError `misconfigured` for what no header can hold */
function checkedToken(given: unknown): string | undefined {
	const token = typeof given === "string" ? given.trim() : given;
	if (token === undefined || token === "") return undefined;
	if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
	throw new KeyError("misconfigured", "the token is not a text that can be a token");
}
