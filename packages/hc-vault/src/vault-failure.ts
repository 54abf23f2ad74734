import { isKeyError, KeyError } from "@sopskit/core";

type Outcome = KeyError["outcome"];

/** What Vault and OpenBao say, by what it means. Their words decide, and are not repeated. */
const WORDS: readonly (readonly [RegExp, Outcome, string])[] = [
	[
		/message authentication failed|decryption error/,
		"wrong-key",
		"another key wrapped enc, or it was altered",
	],
	[/version is too new/, "wrong-key", "the key has no such version; another key wrapped enc"],
	[/too old/, "denied", "the key's min_decryption_version forbids this version of it"],
	[/ciphertext/, "damaged", "enc is not a ciphertext of a transit engine"],
	[/encryption key not found/, "denied", "there is no such key; it may have been deleted"],
	[/key derivation/, "misconfigured", "the key is a derived one: it wants a context, and SOPS sends none"],
	[/not supported for key type/, "misconfigured", "the key is not one for encryption"],
	[/no handler for route|unsupported path/, "misconfigured", "there is no transit engine at this path"],
	[/namespace not found/, "misconfigured", "there is no such namespace"],
	[/sealed/, "unreachable", "the server is sealed; unseal it"],
	[/missing client token|permission denied|invalid role|not authorized/, "denied", DENIED()],
];

function DENIED(): string {
	return "the token is not valid (any more), or its policies do not allow this";
}

const CERTIFICATE = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^ERR_TLS/;
/** What a server says that asks for a certificate, and gets none, or none that it trusts. */
const ALERT = /_ALERT_(?:(?:BAD_|UNSUPPORTED_)?CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/;

/** Says whether the server refuses the caller, by an expired token perhaps. */
export function isDenied(thrown: unknown): boolean {
	return statusOf(thrown) === 403;
}

/** Whether it may help to try again: the rule of the client of the reference, and connections that fail. */
export function isPassing(thrown: unknown): boolean {
	const status = statusOf(thrown);
	// Transit reports an RSA ciphertext that does not open as a trouble of the server.
	if (/decryption error/.test(wordsOf(thrown))) return false;
	if (status !== undefined) return status === 412 || status === 429 || (status >= 500 && status !== 501);
	const code = codeOf(thrown);
	return (
		!isKeyError(thrown) &&
		code !== undefined &&
		!CERTIFICATE.test(code) &&
		!ALERT.test(code) &&
		code !== "ABORT_ERR"
	);
}

/**
 * Reduces an error of `node-vault` or of the network to status and code. The rest of it may carry the token and the
 * data key.
 *
 * @param what - what was tried, such as `Vault`
 */
export function vaultFailure(thrown: unknown, what: string): KeyError {
	if (isKeyError(thrown)) return new KeyError(thrown.outcome, thrown.message);
	const status = statusOf(thrown);
	const code = codeOf(thrown);
	const [outcome, words] = meaning(status, code, wordsOf(thrown));
	const facts = [status === undefined ? undefined : `status ${status}`, code].filter(
		(fact) => fact !== undefined,
	);
	return new KeyError(outcome, `${what}: ${words}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`);
}

function meaning(
	status: number | undefined,
	code: string | undefined,
	said: string,
): readonly [Outcome, string] {
	if (status !== undefined) {
		const [, outcome, words] = WORDS.find(([pattern]) => pattern.test(said)) ?? [];
		if (outcome !== undefined && words !== undefined) return [outcome, words];
		if (status === 403 || status === 401) return ["denied", DENIED()];
		if (status === 429) return ["throttled", "too many requests; try again later"];
		if (status >= 500 || status === 412) return ["unreachable", "the server has trouble; try again later"];
		return ["failed", "it failed"];
	}
	if (code !== undefined && ALERT.test(code))
		return ["misconfigured", "the server takes no client but with a certificate; pass clientCertificate"];
	if (code !== undefined && CERTIFICATE.test(code))
		return ["misconfigured", "the server's certificate is not trusted; pass its authority as ca"];
	if (code !== undefined && /TIMEDOUT|ECONNABORTED/.test(code))
		return ["timeout", "no answer in time; try again later"];
	if (code !== undefined) return ["unreachable", "the server cannot be reached"];
	return ["failed", "it failed"];
}

interface Answered {
	readonly response?: { readonly statusCode?: unknown; readonly body?: { readonly errors?: unknown } };
	readonly code?: unknown;
	readonly cause?: unknown;
	readonly errors?: readonly unknown[];
}

function statusOf(thrown: unknown): number | undefined {
	const status = (thrown as Answered | null | undefined)?.response?.statusCode;
	return typeof status === "number" && Number.isInteger(status) ? status : undefined;
}

function wordsOf(thrown: unknown): string {
	const errors = (thrown as Answered | null | undefined)?.response?.body?.errors;
	return Array.isArray(errors) ? errors.map(String).join("\n").toLowerCase() : "";
}

/** The code of an error of the network, also of one that stands behind another. */
function codeOf(thrown: unknown): string | undefined {
	let at: unknown = thrown;
	for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
		const { code, cause, errors } = at as Answered;
		if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
		at = cause ?? errors?.[0];
	}
	return undefined;
}
