import { readFile, stat } from "node:fs/promises";
import { KeyError } from "@sopskit/core";
import type { AuthClient, JWTInput } from "google-auth-library";
import type { Connections } from "./connections.ts";
import { type AuthLibrary, loadAuth } from "./library.ts";

/** An access token, and when it ends. Without an end it is asked for again with every call. */
export interface GcpAccessToken {
	readonly token: string;
	readonly expires?: Date | undefined;
}

/** Gives access tokens; asked when the last one is about to end, or is not taken any more. */
export type GcpTokenSource = () => GcpAccessToken | string | Promise<GcpAccessToken | string>;

/** Who calls, checked: a function gives the client of the authentication library that has the token. */
export type AuthSource = (connections: Connections, timeoutMs: number) => Promise<AuthClient>;

const SCOPE = "https://www.googleapis.com/auth/cloudkms";
const KINDS = [
	"service_account",
	"authorized_user",
	"external_account",
	"external_account_authorized_user",
	"impersonated_service_account",
];

/** What all clients get: connections of this package, and no logs, which hold tokens. */
function transportOptions(connections: Connections, timeoutMs: number) {
	return {
		transporterOptions: { ...connections.forSdk, timeout: timeoutMs },
		useAuthRequestParameters: false,
	};
}

/** Whether this is credentials JSON, as text or parsed. */
export function isCredentialsJson(value: unknown): boolean {
	return readJson(value) !== undefined;
}

function readJson(value: unknown): (JWTInput & { readonly type: string }) | undefined {
	let parsed = value;
	if (typeof value === "string") {
		try {
			parsed = JSON.parse(value);
		} catch {
			return undefined;
		}
	}
	const { type } = (parsed ?? {}) as { type?: unknown };
	return typeof type === "string" && KINDS.includes(type)
		? (parsed as JWTInput & { type: string })
		: undefined;
}

/** Credentials in JSON: a service account, a user, or an external account (workload identity federation). */
export function fromJson(json: unknown): AuthSource {
	return async (connections, timeoutMs) => {
		const read = readJson(json);
		if (read === undefined)
			throw new KeyError(
				"misconfigured",
				`the credentials are not JSON with a type that is known: ${KINDS.join(", ")}`,
			);
		const { GoogleAuth } = await loadAuth();
		const options = transportOptions(connections, timeoutMs);
		const auth = new GoogleAuth({ scopes: [SCOPE], clientOptions: options as never });
		let client: AuthClient;
		try {
			client = auth.fromJSON(read, options as never) as AuthClient;
		} catch {
			// Its words name fields, and may hold what stands there.
			throw new KeyError(
				"misconfigured",
				`the credentials of type ${read.type} lack a field, or one has no sense`,
			);
		}
		// A service account signs a token by itself, so that nobody must be asked for one.
		return Object.assign(client, { scopes: [SCOPE], useJWTAccessWithScope: true });
	};
}

/** Tokens of the caller. */
export function fromTokens(source: GcpTokenSource): AuthSource {
	return async (connections, timeoutMs) => {
		const { OAuth2Client } = await loadAuth();
		const client = new OAuth2Client(transportOptions(connections, timeoutMs) as never);
		client.refreshHandler = async () => {
			let given: GcpAccessToken | string;
			try {
				given = await source();
			} catch {
				// What it threw is the caller's and may hold anything.
				throw new KeyError("misconfigured", "the function credentials threw an error");
			}
			const { token, expires } = typeof given === "string" ? { token: given } : (given ?? {});
			if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token))
				throw new KeyError("misconfigured", "the function credentials gave no access token");
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
 * `GOOGLE_APPLICATION_CREDENTIALS` names, gcloud's own file in `HOME` or `APPDATA`, and the machine's metadata server.
 */
export function fromEnvironment(environment: Environment): AuthSource {
	return async (connections, timeoutMs) => {
		const { GOOGLE_CREDENTIALS: either, GOOGLE_OAUTH_ACCESS_TOKEN: token } = environment;
		if (either) {
			const isFile = await stat(either).then(
				() => true,
				() => false,
			);
			const text = isFile ? await readNamed("GOOGLE_CREDENTIALS", either) : either;
			return fromJson(text)(connections, timeoutMs);
		}
		if (token) return fromTokens(() => token)(connections, timeoutMs);
		const named = environment.GOOGLE_APPLICATION_CREDENTIALS;
		if (named)
			return fromJson(await readNamed("GOOGLE_APPLICATION_CREDENTIALS", named))(connections, timeoutMs);
		const home = environment.HOME && `${environment.HOME}/.config`;
		const folder =
			environment.CLOUDSDK_CONFIG ||
			((environment.APPDATA || home) && `${environment.APPDATA || home}/gcloud`);
		const text =
			folder && (await readFile(`${folder}/application_default_credentials.json`, "utf8").catch(() => ""));
		if (text) return fromJson(text)(connections, timeoutMs);
		return machine(await loadAuth(), connections, timeoutMs);
	};
}

/** The metadata server, whose address the SDK reads from the process (`GCE_METADATA_HOST`). */
function machine(library: AuthLibrary, connections: Connections, timeoutMs: number): AuthClient {
	return new library.Compute({ ...transportOptions(connections, timeoutMs), scopes: [SCOPE] } as never);
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
