import { readFile, stat } from "node:fs/promises";
import { KeyError } from "@sopskit/core";
import type { AuthClient } from "google-auth-library";
import type { Connections } from "./connections.ts";
import { jsonClient, readJson, requireUniverse } from "./json-credentials.ts";
import { loadAuth } from "./library.ts";
import { metadataClient } from "./metadata-server.ts";

/** An access token, and when it ends. Without an end it is asked for again with every call. */
export interface GcpAccessToken {
	readonly token: string;
	readonly expires?: Date | undefined;
}

/** Gives access tokens; asked when the last one is about to end, or is not taken any more. */
export type GcpTokenSource = () => GcpAccessToken | string | Promise<GcpAccessToken | string>;

/** What a client for tokens is made with. */
export interface AuthContext {
	readonly connections: Connections;
	readonly timeoutMs: number;
	/** That of the service; undefined where the caller named an endpoint. */
	readonly universe: string | undefined;
}

/** Who calls, checked: a function gives the client of the authentication library that has the token. */
export type AuthSource = (context: AuthContext) => Promise<AuthClient>;

const SCOPE = "https://www.googleapis.com/auth/cloudkms";

/** What all clients get: connections of this package, and no logs, which hold tokens. */
function transportOptions({ connections, timeoutMs }: AuthContext) {
	return {
		transporterOptions: { ...connections.forSdk, timeout: timeoutMs },
		useAuthRequestParameters: false,
	};
}

/** Whether this is credentials JSON, as text or parsed. */
export function isCredentialsJson(value: unknown): boolean {
	return readJson(value) !== undefined;
}

/**
 * Credentials in JSON: a service account, a user, an external account (workload identity federation), or a service
 * account that one of them acts as.
 */
export function fromJson(json: unknown, environment: Environment): AuthSource {
	return async (context) => {
		const making = { library: await loadAuth(), options: transportOptions(context), environment };
		const client = jsonClient(json, SCOPE, making);
		requireUniverse(readJson(json)?.universe_domain, context.universe);
		return client;
	};
}

/** A client of the caller's. */
export function fromClient(client: AuthClient): AuthSource {
	return async ({ universe }) => {
		requireUniverse(client.universeDomain, universe);
		return client;
	};
}

/** Tokens of the caller. */
export function fromTokens(source: GcpTokenSource, name = "the function credentials"): AuthSource {
	return async (context) => {
		const { OAuth2Client } = await loadAuth();
		const client = new OAuth2Client(transportOptions(context) as never);
		client.refreshHandler = async () => {
			let given: GcpAccessToken | string;
			try {
				given = await source();
			} catch {
				// What it threw is the caller's and may hold anything.
				throw new KeyError("misconfigured", `${name} threw an error`);
			}
			const { token, expires } = typeof given === "string" ? { token: given } : (given ?? {});
			if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token))
				throw new KeyError("misconfigured", `${name} gave no access token`);
			return { access_token: token, expiry_date: expires?.getTime() ?? Date.now() };
		};
		return client;
	};
}

/** The SDK's own search, which reads environment and home folder of the process. */
export const byDefault: AuthSource = async () => {
	const { GoogleAuth } = await loadAuth();
	return (await new GoogleAuth({ scopes: [SCOPE] }).getClient()) as AuthClient;
};

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Credentials in the order of the reference (sops 3.13.3, gcpkms/keysource.go): `GOOGLE_CREDENTIALS`, a path or JSON;
 * `GOOGLE_OAUTH_ACCESS_TOKEN`; then the application default credentials, which are the file that
 * `GOOGLE_APPLICATION_CREDENTIALS` names, gcloud's own file in `HOME` or `APPDATA`, and the machine's metadata server, at
 * `GCE_METADATA_HOST` or the address of Google's machines.
 */
export function fromEnvironment(environment: Environment): AuthSource {
	return async (context) => {
		const { GOOGLE_CREDENTIALS: either, GOOGLE_OAUTH_ACCESS_TOKEN: token } = environment;
		if (either) {
			const isFile = await stat(either).then(
				() => true,
				() => false,
			);
			const text = isFile ? await readNamed("GOOGLE_CREDENTIALS", either) : either;
			return fromJson(text, environment)(context);
		}
		if (token) return fromTokens(() => token, "GOOGLE_OAUTH_ACCESS_TOKEN")(context);
		const named = environment.GOOGLE_APPLICATION_CREDENTIALS;
		if (named)
			return fromJson(await readNamed("GOOGLE_APPLICATION_CREDENTIALS", named), environment)(context);
		const text = await readFile(wellKnownFile(environment), "utf8").catch(() => "");
		if (text) return fromJson(text, environment)(context);
		const host = environment.GCE_METADATA_HOST || undefined;
		if (host !== undefined && !/^[\w.-]+(?::[0-9]{1,5})?$/.test(host))
			throw new KeyError("misconfigured", "GCE_METADATA_HOST is not a host, or a host with a port");
		return metadataClient(await loadAuth(), transportOptions(context), SCOPE, host);
	};
}

/** Where gcloud puts default credentials. Like Go's, this does not look at `CLOUDSDK_CONFIG`. */
function wellKnownFile({ HOME, APPDATA }: Environment): string {
	const folder = process.platform === "win32" ? APPDATA : HOME && `${HOME}/.config`;
	return folder ? `${folder}/gcloud/application_default_credentials.json` : "";
}

/** @throws KeyError `misconfigured`, without the path: a secret in the place of a path should not get into a log */
async function readNamed(variable: string, path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (thrown) {
		const code = (thrown as { code?: unknown } | null)?.code;
		const reason = typeof code === "string" && /^[A-Z]{2,20}$/.test(code) ? code : "unknown error";
		throw new KeyError("misconfigured", `${variable}: the file it names cannot be read (${reason})`);
	}
}
