import { KeyError } from "@sopskit/core";
import type { AuthClient, JWTInput } from "google-auth-library";
import { awsIdentity } from "./aws-identity.ts";
import type { AuthLibrary } from "./library.ts";

export type CredentialsJson = JWTInput & {
	readonly type: string;
	readonly universe_domain?: unknown;
	readonly credential_source?: Readonly<Record<string, unknown>>;
	readonly source_credentials?: unknown;
	readonly service_account_impersonation_url?: unknown;
	readonly delegates?: unknown;
};

const KINDS = [
	"service_account",
	"authorized_user",
	"external_account",
	"external_account_authorized_user",
	"impersonated_service_account",
];
const SCOPE_TO_IMPERSONATE = "https://www.googleapis.com/auth/cloud-platform";
const DEFAULT_UNIVERSE = "googleapis.com";

/** Credentials in JSON, as text or parsed, with a type that is known; undefined for all else. */
export function readJson(value: unknown): CredentialsJson | undefined {
	let parsed = value;
	if (typeof value === "string") {
		try {
			parsed = JSON.parse(value);
		} catch {
			return undefined;
		}
	}
	const { type } = (parsed ?? {}) as { type?: unknown };
	return typeof type === "string" && KINDS.includes(type) ? (parsed as CredentialsJson) : undefined;
}

export interface Making {
	readonly library: AuthLibrary;
	/** What all clients get: connections of this package, and no logs, which hold tokens. */
	readonly options: object;
	/** The variables that were passed; a workload at AWS has its credentials there. */
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws KeyError `misconfigured`; nothing of the credentials is repeated */
export function jsonClient(json: unknown, scope: string, making: Making): AuthClient {
	const read = readJson(json);
	if (read === undefined)
		throw new KeyError(
			"misconfigured",
			`the credentials are not JSON with a type that is known: ${KINDS.join(", ")}`,
		);
	const source = read.type === "external_account" ? read.credential_source : undefined;
	refusePrograms(source);
	try {
		if (read.type === "impersonated_service_account") return impersonated(read, scope, making);
		const { GoogleAuth } = making.library;
		const options = { ...making.options };
		const auth = new GoogleAuth({ scopes: [scope], clientOptions: options as never });
		const client = auth.fromJSON(read, options as never) as AuthClient;
		return Object.assign(client, {
			scopes: [scope],
			// A service account signs a token by itself, so that nobody must be asked for one. The service that it needs to
			// act as another one is asked with a token that was exchanged.
			useJWTAccessWithScope: scope !== SCOPE_TO_IMPERSONATE,
			// The library's own reads the variables of the process.
			...(source?.environment_id !== undefined && {
				awsSecurityCredentialsSupplier: awsIdentity(source, making.environment),
			}),
		});
	} catch (error) {
		if (error instanceof KeyError) throw error;
		// Its words name fields, and may hold what stands there.
		throw new KeyError(
			"misconfigured",
			`the credentials of type ${read.type} lack a field, or one has no sense`,
		);
	}
}

function refusePrograms(source: CredentialsJson["credential_source"]): void {
	if (source?.executable !== undefined)
		throw new KeyError(
			"misconfigured",
			"credentials that run a program for their token are not supported; pass a function as credentials that does it",
		);
	if (source?.certificate !== undefined)
		throw new KeyError(
			"misconfigured",
			"credentials of a workload's X.509 certificate are not supported; pass a client of google-auth-library as credentials",
		);
}

/** Not with the library's fromJSON(): that gives both clients connections of the process, and logs. */
function impersonated(json: CredentialsJson, scope: string, making: Making): AuthClient {
	const url =
		/^(https?:\/\/[^/]+)\/v1\/projects\/-\/serviceAccounts\/([^/:]{1,256}):generateAccessToken$/.exec(
			String(json.service_account_impersonation_url),
		);
	if (url === null) throw new Error("no service account");
	return new making.library.Impersonated({
		...making.options,
		sourceClient: jsonClient(json.source_credentials, SCOPE_TO_IMPERSONATE, making) as never,
		endpoint: url[1]!,
		targetPrincipal: url[2]!,
		targetScopes: [scope],
		delegates: Array.isArray(json.delegates) ? json.delegates.map(String) : [],
		...(typeof json.quota_project_id === "string" && { quotaProjectId: json.quota_project_id }),
	});
}

/**
 * Refuses credentials of one cloud for the service of another one, as the reference's library does: the other one would
 * get the token (docs/decisions/0032-google-credentials-that-are-not-taken.md).
 *
 * @param universe - of the service; undefined where the caller named an endpoint, and so who gets tokens
 * @throws KeyError `misconfigured`
 */
export function requireUniverse(ofCredentials: unknown, universe: string | undefined): void {
	const found = ofCredentials ?? DEFAULT_UNIVERSE;
	if (universe === undefined || found === universe) return;
	throw new KeyError(
		"misconfigured",
		`the credentials are not for ${universe}, but for another universe domain; pass universeDomain, or SOPS_GCP_KMS_UNIVERSE_DOMAIN in the environment`,
	);
}
