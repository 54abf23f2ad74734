import { expect } from "vitest";
import { findSecrets, type Secret, secretBytes, secretText } from "../../testing/src/secret-search.ts";
import { type ErrorCode, isSopsError, type SopsError } from "../src/errors.ts";
import { UsageError } from "../src/usage-error.ts";

/** What must not be found in any error: values, data keys, identities. */
export function secretsOf(parts: {
	readonly values?: readonly string[];
	readonly dataKey?: Uint8Array;
	readonly identities?: readonly string[];
}): Secret[] {
	return [
		...(parts.values ?? []).flatMap((value) => [
			secretText(`the value ${JSON.stringify(value)}`, value),
			secretBytes(`the value ${JSON.stringify(value)} as bytes`, new TextEncoder().encode(value)),
		]),
		...(parts.dataKey ? [secretBytes("the data key", parts.dataKey)] : []),
		...(parts.identities ?? []).flatMap((text, index) => {
			const keys = text.match(/AGE-SECRET-KEY-[0-9A-Z-]+/g);
			if (keys === null) throw new Error("no identity in the text");
			return keys.map((key) => secretText(`identity ${index}`, key));
		}),
	];
}

/** Runs something that must throw, and gives what it threw. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
	try {
		await work();
	} catch (thrown) {
		return thrown;
	}
	throw new Error("nothing was thrown");
}

/** Expects a coded refusal that leaks none of the secrets, and whose message is made for people. */
export async function refused<C extends ErrorCode>(
	work: () => unknown,
	code: C,
	secrets: readonly Secret[] = [],
): Promise<SopsError<C>> {
	const thrown = await thrownBy(work);
	if (!isSopsError(thrown)) throw new Error("what was thrown is not a SopsError", { cause: thrown });
	expect(thrown.code).toBe(code);
	expect(thrown).toBeInstanceOf(Error);
	// At least one whole sentence.
	expect(thrown.message).toMatch(/^[A-Z].{20,}/s);
	expect(thrown.message).not.toMatch(/undefined|\[object|NaN/);
	expect(await findSecrets(thrown, secrets)).toEqual([]);
	return thrown as SopsError<C>;
}

/** Expects a refusal of the call itself: a TypeError with a code. */
export async function misused(
	work: () => unknown,
	code: UsageError["code"],
	secrets: readonly Secret[] = [],
): Promise<UsageError> {
	const thrown = await thrownBy(work);
	if (!(thrown instanceof UsageError))
		throw new Error("what was thrown is not a UsageError", { cause: thrown });
	expect(thrown).toBeInstanceOf(TypeError);
	expect(thrown.code).toBe(code);
	expect(thrown.message).toMatch(/.{15,}/);
	expect(await findSecrets(thrown, secrets)).toEqual([]);
	return thrown;
}
