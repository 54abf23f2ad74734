import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { isKeyError, KeyError } from "@sopskit/core";

type Outcome = KeyError["outcome"];
type Meaning = readonly [outcome: Outcome, words: string];

/** What Key Vault calls its refusals, the inner code before the outer one. */
const CODES: Readonly<Record<string, Meaning>> = {
	ForbiddenByRbac: ["denied", "the identity lacks the role for this, such as Key Vault Crypto User"],
	ForbiddenByPolicy: ["denied", "the vault's access policy does not permit this to the identity"],
	ForbiddenByFirewall: ["denied", "the vault's firewall does not let this address in"],
	ForbiddenByConnection: ["denied", "the vault is only reachable through its private endpoint"],
	KeyDisabled: ["denied", "this version of the key is disabled; enable it"],
	KeyNotYetValid: ["denied", "the key is not valid yet"],
	KeyExpired: ["denied", "the key has expired"],
	KeyOperationForbidden: ["denied", "the key does not permit this operation; add it to the key's operations"],
	KeyNotFound: ["denied", "there is no such key in this vault; it may have been deleted"],
	VaultNotFound: ["misconfigured", "there is no such vault"],
};

const UNAUTHORISED: Meaning = [
	"denied",
	"the vault does not accept the token; are the credentials of its tenant and cloud?",
];

/** What an answer of Key Vault other than success means. Of its text only the codes are told. */
export function responseFailure(
	response: PipelineResponse,
	operation: "get" | "encrypt" | "decrypt",
): KeyError {
	const { status } = response;
	const { code, inner } = codesOf(response.bodyAsText ?? "");
	const requestId = /^[\w-]{1,80}$/.exec(response.headers.get("x-ms-request-id") ?? "")?.[0];
	const [outcome, words] = CODES[inner ?? ""] ?? CODES[code ?? ""] ?? meaningOf(status, operation);
	return failure(outcome, words, [
		inner ?? code,
		`status ${status}`,
		requestId === undefined ? undefined : `request ${requestId}`,
	]);
}

function meaningOf(status: number, operation: "get" | "encrypt" | "decrypt"): Meaning {
	if (status === 401) return UNAUTHORISED;
	if (status === 403)
		return operation === "get"
			? [
					"denied",
					"the identity may not look up the current version (get); give the version in the key's URL",
				]
			: ["denied", `the identity may not ${operation} with this key`];
	if (status === 400)
		return operation === "decrypt"
			? ["wrong-key", "enc was made by another key or version, or was altered"]
			: ["misconfigured", "the vault does not take the request; is it an RSA key?"];
	if (status === 404) return CODES.KeyNotFound!;
	return meaningOfStatus(status) ?? ["failed", "the vault did not do it"];
}

function meaningOfStatus(status: number): Meaning | undefined {
	if (status === 429) return ["throttled", "too many requests; try again later"];
	if (status === 408) return ["timeout", "no answer in time; try again later"];
	return status >= 500 ? ["unreachable", "the service has trouble; try again later"] : undefined;
}

function codesOf(body: string): { readonly code: string | undefined; readonly inner: string | undefined } {
	let error: { code?: unknown; innererror?: { code?: unknown } } | undefined;
	try {
		error = (JSON.parse(body) as { error?: typeof error } | null)?.error;
	} catch {
		// A proxy between may answer in HTML.
	}
	return { code: word(error?.code), inner: word(error?.innererror?.code) };
}

/**
 * Reduces what the SDK or a client of the caller's threw to name, status and code. The rest of it carries tokens,
 * assertions and request bodies.
 */
export function sdkFailure(thrown: unknown): KeyError {
	const chain = [...causes(thrown)];
	const told = chain.find(isKeyError);
	if (told !== undefined) return new KeyError(told.outcome, told.message);
	const names = chain.map((error) => word(error.name)).filter((name) => name !== undefined);
	const name = names.find((one) => one !== "Error");
	const code = first(chain, (error) => networkCode(error.code) ?? networkCode(error.errorCode));
	const status = first(chain, (error) => httpStatus(error.statusCode) ?? httpStatus(error.status));
	const entra = first(chain, (error) => /\bAADSTS[0-9]{4,8}\b/.exec(String(error.message ?? ""))?.[0]);
	const [outcome, words] = meaning(names, code, status, entra);
	return failure(outcome, words, [name, entra, code, status === undefined ? undefined : `status ${status}`]);
}

interface Thrown {
	readonly name?: unknown;
	readonly message?: unknown;
	readonly code?: unknown;
	readonly errorCode?: unknown;
	readonly statusCode?: unknown;
	readonly status?: unknown;
}

/** Something thrown with what stands behind it: its cause, and the errors of a chain of credentials. */
function* causes(thrown: unknown, depth = 0): Generator<Thrown> {
	if (typeof thrown !== "object" || thrown === null || depth > 5) return;
	yield thrown as Thrown;
	const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
	yield* causes(cause, depth + 1);
	if (Array.isArray(errors)) for (const error of errors.slice(0, 10)) yield* causes(error, depth + 1);
}

function meaning(
	names: readonly string[],
	code: string | undefined,
	status: number | undefined,
	entra: string | undefined,
): Meaning {
	if (code !== undefined && /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^ERR_TLS/.test(code))
		return ["misconfigured", "the server's certificate is not trusted; pass its authority as ca"];
	if (code !== undefined && /^(?:ENOENT|EACCES|EPERM|EISDIR)$/.test(code))
		return ["misconfigured", "a file or program that the credentials name cannot be read"];
	if (code !== undefined && /TIMEDOUT|TIMEOUT/.test(code))
		return ["timeout", "no answer in time; try again later"];
	if (code !== undefined) return ["unreachable", "the service cannot be reached"];
	const byStatus = status === undefined ? undefined : meaningOfStatus(status);
	if (byStatus !== undefined) return byStatus;
	if (status === 401 && entra === undefined && names.includes("RestError")) return UNAUTHORISED;
	if (names.includes("RestError") && status === undefined)
		return ["unreachable", "the service cannot be reached, or the proxy in between"];
	if (entra !== undefined || names.includes("AuthenticationError"))
		return ["denied", "Entra ID does not take the credentials"];
	if (names.some((name) => /CredentialUnavailable|AggregateAuthentication|AuthenticationRequired/.test(name)))
		return ["misconfigured", "no usable credentials were found"];
	if (status === 403) return ["denied", "the service says no"];
	if (names.includes("AbortError")) return ["timeout", "no answer in time; try again later"];
	return ["failed", "it failed"];
}

function failure(outcome: Outcome, words: string, facts: readonly (string | undefined)[]): KeyError {
	const known = facts.filter((fact) => fact !== undefined);
	return new KeyError(
		outcome,
		`Azure Key Vault: ${words}${known.length > 0 ? ` (${known.join(", ")})` : ""}`,
	);
}

function word(value: unknown): string | undefined {
	return typeof value === "string" && /^[A-Za-z]\w{0,60}$/.test(value) ? value : undefined;
}

function networkCode(value: unknown): string | undefined {
	const known = typeof value === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(value);
	return known && value !== "REQUEST_SEND_ERROR" && value !== "PARSE_ERROR" ? value : undefined;
}

function httpStatus(value: unknown): number | undefined {
	return Number.isInteger(value) && (value as number) >= 400 && (value as number) < 600
		? (value as number)
		: undefined;
}

function first<T>(chain: readonly Thrown[], find: (error: Thrown) => T | undefined): T | undefined {
	for (const error of chain) {
		const found = find(error);
		if (found !== undefined) return found;
	}
	return undefined;
}
