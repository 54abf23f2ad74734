import type { AttemptOutcome } from "../attempt.ts";
import { SopsError } from "../errors.ts";
import { isKeyError } from "./contract.ts";

/**
 * What a thrown value says, without its content: errors of SDKs carry tokens, request bodies and data keys.
 * Only a `KeyError`, which is made to be shown, speaks for itself.
 */
export function describeFailure(
	thrown: unknown,
	signal: AbortSignal | undefined,
): { outcome: AttemptOutcome; hint: string } {
	if (isKeyError(thrown)) return { outcome: thrown.outcome, hint: thrown.message };
	if (signal?.aborted) return { outcome: "aborted", hint: "the caller's signal ended the call" };
	const name = thrown instanceof Error && /^\w{1,60}$/.test(thrown.name) ? thrown.name : "unknown error";
	return { outcome: "failed", hint: `the provider failed with ${name}, which is not an error it may show` };
}

/** @throws SopsError `aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new SopsError("aborted", "The operation was ended by the caller's signal.", {});
}
