import { isKeyError, KeyError } from "@sopskit/core";

type Outcome = KeyError["outcome"];

const NO_ANSWER = "no answer in time; try again later";

/** What AWS calls its errors, by what they mean to a caller. */
const OUTCOMES: Readonly<Record<string, readonly [Outcome, string]>> = {
	...named("denied", "the credentials may not do this; see the key policy and the identity's permissions", [
		...["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"],
	]),
	...named("denied", "the credentials are not valid", [
		...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"],
		...["InvalidIdentityToken", "InvalidIdentityTokenException", "OptInRequired"],
		...["IDPRejectedClaim", "IDPRejectedClaimException", "MissingAuthenticationToken"],
	]),
	...named("denied", "the credentials have expired", [
		...["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
	]),
	...named("denied", "the signature does not fit; check the secret access key and the clock", [
		...["SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "RequestExpired"],
		...["IncompleteSignatureException", "RequestTimeTooSkewed"],
	]),
	...named("denied", "the key is disabled; enable it", ["DisabledException"]),
	...named("denied", "the state of the key forbids it; it may be about to be deleted", [
		...["KMSInvalidStateException", "KMSInvalidState", "InvalidStateException"],
	]),
	...named("denied", "there is no such key in this region and account; it may have been deleted", [
		"NotFoundException",
	]),
	...named("wrong-key", "another key wrapped this enc", ["IncorrectKeyException"]),
	...named("wrong-key", "enc was made by another key or with another encryption context, or was altered", [
		"InvalidCiphertextException",
	]),
	...named("misconfigured", "the key is not one for symmetric encryption", [
		...["InvalidKeyUsageException", "UnsupportedOperationException"],
	]),
	...named("misconfigured", "AWS does not take this ARN", ["InvalidArnException"]),
	...named("misconfigured", "no usable credentials were found", [
		...["CredentialsProviderError", "TokenProviderError", "ProviderError"],
	]),
	...named("throttled", "too many requests; try again later", [
		...["Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded"],
		...["TooManyRequestsException", "LimitExceededException", "RequestThrottled", "SlowDown"],
	]),
	...named("unreachable", "the service has trouble; try again later", [
		...["KMSInternalException", "InternalFailure", "InternalError", "ServiceUnavailable"],
		...["DependencyTimeoutException", "KeyUnavailableException", "ServiceUnavailableException"],
	]),
	...named("timeout", NO_ANSWER, ["TimeoutError", "RequestTimeout"]),
};

function named(outcome: Outcome, words: string, names: readonly string[]) {
	return Object.fromEntries(names.map((name) => [name, [outcome, words] as const]));
}

/** Codes of Node, and what they mean. Those of certificates are told by their pattern. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^ERR_TLS/;

/** Our own errors that stand for expired credentials: those of an exchange reach us through the SDK. */
const EXPIRED = new WeakSet<object>();

/** Whether AWS says that credentials were good once. */
export function isExpired(thrown: unknown): boolean {
	if (typeof thrown === "object" && thrown !== null && EXPIRED.has(thrown)) return true;
	return /^(?:ExpiredToken(?:Exception)?|TokenRefreshRequired)$/.test(field(thrown, "name"));
}

/**
 * Reduces an error of the SDK to name, status, code and request id. The rest of it carries signatures, tokens,
 * request bodies and, in some, data keys.
 *
 * @param what - what was tried, such as `AWS KMS in eu-west-1`
 */
export function sdkFailure(thrown: unknown, what: string): KeyError {
	if (isKeyError(thrown)) return new KeyError(thrown.outcome, thrown.message);
	const name = field(thrown, "name");
	const status = httpStatus(thrown);
	const code = networkCode(thrown);
	const [outcome, words] = meaning(name, status, code);
	const requestId = /^[\w-]{1,80}$/.exec(
		String((thrown as { $metadata?: { requestId?: unknown } } | undefined)?.$metadata?.requestId ?? ""),
	)?.[0];
	const facts = [
		name === "Error" || name === "" ? undefined : name,
		code,
		status === undefined ? undefined : `status ${status}`,
		requestId === undefined ? undefined : `request ${requestId}`,
	].filter((fact) => fact !== undefined);
	const error = new KeyError(
		outcome,
		`${what}: ${words}${facts.length > 0 ? ` (${[...new Set(facts)].join(", ")})` : ""}`,
	);
	if (isExpired(thrown)) EXPIRED.add(error);
	return error;
}

function meaning(
	name: string,
	status: number | undefined,
	code: string | undefined,
): readonly [Outcome, string] {
	// The SDK calls connections that were cut TimeoutError as well: there the code says more.
	if (Object.hasOwn(OUTCOMES, name) && !(name === "TimeoutError" && code !== undefined))
		return OUTCOMES[name]!;
	if (code !== undefined && CERTIFICATE.test(code)) {
		return ["misconfigured", "the server's certificate is not trusted; pass its authority as ca"];
	}
	if (code !== undefined && /TIMEDOUT|TIMEOUT/.test(code)) return ["timeout", NO_ANSWER];
	if (code !== undefined) return ["unreachable", "the service cannot be reached"];
	if (status === 429) return ["throttled", "too many requests; try again later"];
	if (status !== undefined && status >= 500)
		return ["unreachable", "the service has trouble; try again later"];
	if (status === 401 || status === 403) return ["denied", "the service says no"];
	return ["failed", "it failed"];
}

function httpStatus(thrown: unknown): number | undefined {
	const status = (thrown as { $metadata?: { httpStatusCode?: unknown } } | undefined)?.$metadata
		?.httpStatusCode;
	return typeof status === "number" && Number.isInteger(status) ? status : undefined;
}

/** The code of an error of the network, also of one that stands behind another. */
function networkCode(thrown: unknown): string | undefined {
	let at: unknown = thrown;
	for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
		const code = (at as { code?: unknown }).code;
		if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
		at = (at as { cause?: unknown }).cause ?? (at as { errors?: readonly unknown[] }).errors?.[0];
	}
	return undefined;
}

function field(thrown: unknown, name: "name"): string {
	const value = (thrown as Record<string, unknown> | null | undefined)?.[name];
	return typeof value === "string" && /^\w{1,60}$/.test(value) ? value : "";
}
