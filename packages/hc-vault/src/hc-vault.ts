import { type KeyProvider, type KeyRef, type MasterKey, UsageError } from "@sopskit/core";
import { isProxy, type ProxySettings, proxiesOf } from "@sopskit/core/network";
import {
	type AllowRef,
	checkOptions,
	isObject,
	isSize,
	isText,
	limited,
	requirePermission,
} from "@sopskit/core/provider";
import { type AddressRule, theseAddresses } from "./allowed-addresses.ts";
import { addressRuleFrom, type Environment, settingsFrom, type VaultSettings } from "./environment.ts";
import { isAddress, type KeyPlace, keyPlace, withoutSlash } from "./key-path.ts";
import type { VaultClientLike } from "./library.ts";
import { Servers, type VaultClientSource } from "./servers.ts";
import { loginOf, type VaultLogin, type VaultTokenSource } from "./token.ts";
import { tokensOf } from "./token-sources.ts";
import { type TransitServer, unwrapBy, wrapBy } from "./transit-calls.ts";
import { Transport } from "./transport.ts";

/** What {@link hcVault} takes: `token`, `environment` or `client`, and what limits and directs them. */
export interface HcVaultOptions {
	/** Who calls: a token, a function that is called with the address for every wrap and unwrap, or a login. */
	readonly token?: string | VaultTokenSource | VaultLogin | undefined;
	/** The addresses of your servers, as keys name them: `https://vault.example.com:8200`. The token goes to no other. */
	readonly address?: string | readonly string[] | undefined;
	/** Instead of `address`: which keys that files name may be used, as `({ fields }) => …`. */
	readonly allow?: AllowRef | undefined;
	/**
	 * Variables, such as `process.env`, to take settings from, and the token and the addresses unless they are given:
	 * `VAULT_TOKEN` or `.vault-token` in `HOME`; `SOPS_HC_VAULT_ALLOWLIST` or `VAULT_ADDR`; `VAULT_NAMESPACE`; those
	 * of TLS and of proxies.
	 */
	readonly environment?: Environment | undefined;
	/** The namespace, of Vault Enterprise and OpenBao, for all addresses. */
	readonly namespace?: string | undefined;
	/** A client of `node-vault`, which has its own token, or a function that gives one for an address. */
	readonly client?: VaultClientSource | undefined;
	/** Certificates of authorities in PEM, instead of those that Node trusts. */
	readonly ca?: string | Uint8Array | undefined;
	/** For servers that ask for one: a certificate in PEM and its key. */
	readonly clientCertificate?:
		| { readonly cert: string | Uint8Array; readonly key: string | Uint8Array }
		| undefined;
	/** A proxy to the servers. By default that of `environment`, or none. */
	readonly proxy?: string | ProxySettings | undefined;
	/** How often to try again when throttled, or when the network or the server fails; 2 by default. */
	readonly maxRetries?: number | undefined;
	/** Milliseconds for one wrap or unwrap with its login and all attempts; 60 000 by default. */
	readonly timeoutMs?: number | undefined;
}

const isPem = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array;

const CHECKS = {
	token: (value: unknown) =>
		(typeof value === "string" && value !== "") || typeof value === "function" || loginOf(value)
			? undefined
			: "a token, a function, kubernetesLogin(…) or appRoleLogin(…)",
	address: (value: unknown) =>
		[value].flat().every(isAddress) ? undefined : "addresses such as https://vault.example.com:8200",
	allow: (value: unknown) => (typeof value === "function" ? undefined : "a function"),
	environment: isObject,
	namespace: isText,
	client: (value: unknown) =>
		typeof value === "function" || typeof (value as { request?: unknown } | null)?.request === "function"
			? undefined
			: "a client of node-vault or a function",
	ca: (value: unknown) => (isPem(value) ? undefined : "certificates in PEM"),
	clientCertificate: (value: unknown) => {
		const { cert, key } = (value ?? {}) as { cert?: unknown; key?: unknown };
		return isPem(cert) && isPem(key) ? undefined : "an object with cert and key in PEM";
	},
	proxy: isProxy,
	maxRetries: (value: unknown) =>
		Number.isInteger(value) && (value as number) >= 0 ? undefined : "a whole number from 0",
	timeoutMs: isSize,
};

/**
 * A provider that acts for keys of the transit engine of HashiCorp Vault and OpenBao, at the address that a key names.
 * The token goes only to addresses that `address`, `allow` or the environment allow, and nothing is read from the
 * process's environment or home folder unless `environment` asks for it. `node-vault` is loaded at the first call,
 * and connections are kept until `close()`. `enc` is the server's text as it is, such as `vault:v1:…`.
 *
 * KeyErrors have the outcomes
 * - `refused`: the address is none of those that are allowed;
 * - `denied`: the server says no: the token, its policies, a key that is not there, a version that is too old;
 * - `wrong-key`: another key made `enc`, or it was altered;
 * - `damaged`: `enc` is not a ciphertext of a transit engine;
 * - `misconfigured`: no token to wrap with, no engine at the path, an address that is none, a certificate that is not
 *   trusted, a redirect to elsewhere, a closed provider;
 * - `throttled`, `unreachable`, `timeout`: after the attempts; try again later. A sealed server is unreachable;
 * - `aborted`: the caller's signal;
 * - `failed`: anything else, by its status.
 *
 * An entry at an address for which there is no token is *not mine*.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid`, also where nothing says who calls, or which addresses
 * may be called
 */
export function hcVault(options: HcVaultOptions): KeyProvider {
	const of = "hcVault()";
	checkOptions(of, options ?? {}, CHECKS);
	requireCaller(of, options ?? {});
	// A copy: what the variables become later is not what was passed.
	const environment = options.environment && { ...options.environment };
	const settings: VaultSettings = environment ? settingsFrom(environment) : { tls: async () => ({}) };
	const rule = ruleOf(options, environment);
	const { ca, clientCertificate } = options;
	const tls = async () => ({
		...(await settings.tls()),
		...(ca !== undefined && { ca }),
		...clientCertificate,
	});
	const servers = new Servers(
		new Transport(
			tls,
			options.proxy === undefined ? settings.proxies : proxiesOf(options.proxy),
			rule.mayLeadTo,
		),
		options.client,
		settings.agent,
		options.maxRetries ?? settings.maxRetries ?? 2,
	);
	const timeoutMs = options.timeoutMs ?? settings.timeoutMs ?? 60_000;
	const namespace = options.namespace ?? settings.namespace;
	const headers: Readonly<Record<string, string>> = namespace ? { "X-Vault-Namespace": namespace } : {};
	const post = (address: string, path: string, json: object): Promise<unknown> =>
		// Without the signal of one caller: several wait for a login.
		servers.ask(address, { method: "POST", path, json, headers, signal: AbortSignal.timeout(timeoutMs) });
	const holder: Holder = {
		rule,
		servers,
		headers,
		timeoutMs,
		tokens: options.client === undefined ? tokensOf(options.token, environment ?? {}, post) : undefined,
	};
	return Object.freeze({
		name: "hc-vault",
		masterKey: (ref: KeyRef) => masterKey(ref, holder),
		close: () => servers.close(),
	});
}

interface Holder extends TransitServer {
	readonly rule: AddressRule;
	readonly timeoutMs: number;
}

function masterKey(ref: KeyRef, holder: Holder): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "hc_vault" || typeof ref.fields?.vault_address !== "string") return undefined;
	const prepare = async (): Promise<KeyPlace> => {
		const place = keyPlace(ref);
		await requirePermission(holder.rule.allow, ref, holder.rule.hint);
		return place;
	};
	return Object.freeze({
		ref,
		wrap: (part, call) =>
			limited(call, holder.timeoutMs, async (signal) => wrapBy(await prepare(), part, holder, signal)),
		unwrap: (enc, call) =>
			limited(call, holder.timeoutMs, async (signal) => unwrapBy(await prepare(), enc, holder, signal)),
	} satisfies MasterKey);
}

/** @throws UsageError `argument-invalid` */
function requireCaller(of: string, { token, client, environment, address, allow }: HcVaultOptions): void {
	if (client !== undefined && token !== undefined)
		throw new UsageError("argument-invalid", `${of} takes either client or token.`);
	if (client === undefined && token === undefined && environment === undefined) {
		throw new UsageError(
			"argument-invalid",
			`${of} must be told who calls: token, environment: process.env, or client.`,
		);
	}
	if (address !== undefined && allow !== undefined)
		throw new UsageError("argument-invalid", `${of} takes either address or allow.`);
	const isOneServer = endpointOf(client) !== undefined;
	if (address === undefined && allow === undefined && environment === undefined && !isOneServer) {
		throw new UsageError(
			"argument-invalid",
			`${of} must be told where the token may go: address: "https://vault.example.com:8200", or allow.`,
		);
	}
}

function ruleOf(
	{ address, allow, client }: HcVaultOptions,
	environment: Environment | undefined,
): AddressRule {
	// A redirect is judged by its address alone, of which a function of refs knows nothing.
	if (allow) return { allow, hint: "the function allow says no to this key", mayLeadTo: () => false };
	if (address !== undefined) return theseAddresses([address].flat() as readonly string[]);
	// A client of one server sends everything there, whatever a file says.
	const endpoint = endpointOf(client);
	if (endpoint !== undefined) return theseAddresses([endpoint]);
	return addressRuleFrom(environment ?? {});
}

function endpointOf(client: HcVaultOptions["client"]): string | undefined {
	const endpoint = typeof client === "object" ? (client as VaultClientLike).endpoint : undefined;
	return isAddress(endpoint) ? withoutSlash(endpoint) : undefined;
}
