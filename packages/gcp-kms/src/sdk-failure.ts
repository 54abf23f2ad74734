import { isKeyError, KeyError } from "@sopskit/core";
import type { Operation } from "./caller.ts";

type Meaning = readonly [outcome: KeyError["outcome"], words: string];

/** Statuses of gRPC by their numbers. */
const STATUSES = [
	...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
	...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
	...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
];

const TROUBLE: Meaning = ["unreachable", "the service has trouble; try again later"];
const MEANINGS: Readonly<Record<string, Meaning>> = {
	DEADLINE_EXCEEDED: ["timeout", "no answer in time; try again later"],
	NOT_FOUND: ["denied", "there is no such key; its location, ring or name may be wrong"],
	PERMISSION_DENIED: [
		"denied",
		"the identity may not do this with the key, such as the roles cloudkms.cryptoKeyEncrypter and …Decrypter allow",
	],
	RESOURCE_EXHAUSTED: ["throttled", "too many requests; try again later"],
	FAILED_PRECONDITION: ["denied", "the version of the key is disabled or destroyed; enable or restore it"],
	INTERNAL: TROUBLE,
	UNKNOWN: TROUBLE,
	UNAVAILABLE: TROUBLE,
	ABORTED: TROUBLE,
	UNAUTHENTICATED: ["denied", "Google does not accept the token; it may have expired or be revoked"],
};

/** HTTP statuses as gRPC has them, for services between that answer without a body. */
const BY_HTTP: Readonly<Record<number, string>> = {
	400: "INVALID_ARGUMENT",
	401: "UNAUTHENTICATED",
	403: "PERMISSION_DENIED",
	404: "NOT_FOUND",
	408: "DEADLINE_EXCEEDED",
	429: "RESOURCE_EXHAUSTED",
	499: "CANCELLED",
	504: "DEADLINE_EXCEEDED",
};

interface Thrown {
	readonly name?: unknown;
	readonly message?: unknown;
	readonly code?: unknown;
	readonly status?: unknown;
	readonly response?: { readonly status?: unknown; readonly data?: unknown };
	readonly cause?: unknown;
}

/** Whether the service did not take the token. */
export function isUnauthenticated(thrown: unknown): boolean {
	return (
		!isKeyError(thrown) &&
		statusOf((thrown ?? {}) as Thrown) === "UNAUTHENTICATED" &&
		!isFromTokens(thrown as Thrown)
	);
}

/**
 * Reduces what the SDK threw to name, status and code. The rest of it carries tokens, assertions and request bodies.
 */
export function sdkFailure(thrown: unknown, operation: Operation): KeyError {
	const chain = [...causes(thrown)];
	const told = chain.find(isKeyError);
	if (told !== undefined) return new KeyError(told.outcome, told.message);
	const first = chain[0] ?? {};
	const code = chain.map((error) => networkCode(error)).find((one) => one !== undefined);
	const status = statusOf(first);
	const oauth = oauthError(first);
	const [outcome, words] = meaning(first, { code, status, oauth }, operation);
	const facts = [oauth, code, code === undefined ? status : undefined].filter((fact) => fact !== undefined);
	if (facts.length === 0 && typeof first.name === "string" && /^\w{1,60}$/.test(first.name))
		facts.push(first.name);
	return new KeyError(
		outcome,
		`Google Cloud KMS: ${words}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`,
	);
}

function meaning(
	error: Thrown,
	{
		code,
		status,
		oauth,
	}: { code: string | undefined; status: string | undefined; oauth: string | undefined },
	operation: Operation,
): Meaning {
	if (code !== undefined && /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^ERR_TLS/.test(code))
		return ["misconfigured", "the server's certificate is not trusted; pass its authority as ca"];
	if (code !== undefined && /TIMEDOUT|TIMEOUT/.test(code)) return MEANINGS.DEADLINE_EXCEEDED!;
	if (code !== undefined) return ["unreachable", "the service cannot be reached"];
	if (isFromTokens(error)) {
		if (status !== undefined && ["RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"].includes(status))
			return MEANINGS[status]!;
		if (status === "UNAVAILABLE")
			return ["unreachable", "the service for tokens has trouble; try again later"];
		if (oauth !== undefined || status !== undefined)
			return ["denied", "the service for tokens does not take the credentials"];
	}
	if (status === "INVALID_ARGUMENT")
		return operation === "decrypt"
			? ["wrong-key", "enc was made by another key, or was altered"]
			: ["misconfigured", "the service does not take the request; is it a key for symmetric encryption?"];
	if (status !== undefined && Object.hasOwn(MEANINGS, status)) return MEANINGS[status]!;
	if (/default credentials|No credentials|metadata/i.test(String(error.message ?? "")))
		return ["misconfigured", "no usable credentials were found"];
	if (error.name === "AbortError") return MEANINGS.DEADLINE_EXCEEDED!;
	return ["failed", "it failed"];
}

/** The status by gRPC's names: of gRPC itself, of Google's JSON, or of HTTP. */
function statusOf({ code, status, response }: Thrown): string | undefined {
	const http = [response?.status, status, code].find(
		(one) => Number.isInteger(one) && (one as number) >= 400,
	) as number | undefined;
	if (http !== undefined) {
		const told = (response?.data as { error?: { status?: unknown } } | undefined)?.error?.status;
		if (typeof told === "string" && STATUSES.includes(told)) return told;
		return BY_HTTP[http] ?? (http >= 500 ? "UNAVAILABLE" : undefined);
	}
	return Number.isInteger(code) ? STATUSES[code as number] : undefined;
}

/** Whether a service for tokens answered: its errors are a word, those of KMS an object. */
function isFromTokens({ response }: Thrown): boolean {
	const error = (response?.data as { error?: unknown } | undefined)?.error;
	return response !== undefined && (typeof error === "string" || TOKEN_URL.test(urlOf(response)));
}

const TOKEN_URL = /\/token\b|:generateAccessToken|oauth2|\/computeMetadata\//;

function urlOf(response: object): string {
	const { config } = response as { config?: { url?: unknown } };
	return String(config?.url ?? "").split("?")[0]!;
}

/** The word by which OAuth tells what is wrong, such as `invalid_grant`. */
function oauthError({ response }: Thrown): string | undefined {
	const error = (response?.data as { error?: unknown } | undefined)?.error;
	return typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : undefined;
}

function* causes(thrown: unknown): Generator<Thrown> {
	let at = thrown;
	for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
		yield at as Thrown;
		at = (at as Thrown).cause;
	}
}

/** The code of an error of the network; gRPC has it in its words only. */
function networkCode({ code, message, name }: Thrown): string | undefined {
	if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) && !STATUSES.includes(code))
		return code;
	if (name === "KeyError" || !Number.isInteger(code)) return undefined;
	// Only words of gRPC itself: those of a service may say anything.
	const said = /^14 UNAVAILABLE: No connection established\. Last error: (.*)/.exec(
		String(message ?? ""),
	)?.[1];
	if (said === undefined) return undefined;
	return /certificate/i.test(said) ? "CERTIFICATE" : /\bE[A-Z]{4,14}\b/.exec(said)?.[0];
}
