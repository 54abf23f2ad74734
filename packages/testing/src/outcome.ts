import { type AttemptOutcome, isKeyError, type KeyCall, type MasterKey } from "@sopskit/core";
import { ContractViolation, demand } from "./contract-violation.ts";

/** How a call ended. */
export type Outcome<T> = { readonly value: T } | { readonly thrown: unknown };

/** Runs a call that must give a promise, and says how it ended. A throw on the spot breaks the contract. */
export async function outcomeOf<T>(what: string, call: () => Promise<T>): Promise<Outcome<T>> {
	let promise: Promise<T>;
	try {
		promise = call();
	} catch (error) {
		throw new ContractViolation(
			`${what} threw on the spot (${kindOf(error)}): it must give a promise that rejects`,
		);
	}
	try {
		return { value: await promise };
	} catch (thrown) {
		return { thrown };
	}
}

/** Demands that a call ends with a KeyError of one of some outcomes. */
export async function demandKeyError(
	what: string,
	allowed: readonly AttemptOutcome[],
	call: () => Promise<unknown>,
): Promise<void> {
	const outcome = await outcomeOf(what, call);
	const demanded = `it must throw a KeyError with outcome ${allowed.join(" or ")}`;
	if ("value" in outcome) throw new ContractViolation(`${what} gave ${describe(outcome.value)}: ${demanded}`);
	demand(isKeyError(outcome.thrown), `${what} threw ${kindOf(outcome.thrown)}: ${demanded}`);
	demand(
		allowed.includes(outcome.thrown.outcome),
		`${what} threw a KeyError with outcome ${outcome.thrown.outcome}: ${demanded}`,
	);
	demand(outcome.thrown.message.trim() !== "", `${what} threw a KeyError without message`);
}

/** Unwraps, and demands a part that equals the expected one. */
export async function demandPart(
	what: string,
	key: MasterKey,
	enc: string,
	expected: Uint8Array,
	call: KeyCall = {},
): Promise<Uint8Array> {
	const outcome = await outcomeOf(what, () => unwrapOf(key)(enc, call));
	if ("thrown" in outcome)
		throw new ContractViolation(`${what} threw ${kindOf(outcome.thrown)}: it must give the part`);
	const { value } = outcome;
	demand(value instanceof Uint8Array, `${what} gave ${describe(value)}: it must give the part`);
	demand(
		equal(value, expected),
		`${what} gave ${value.length} bytes that are not the part (${expected.length} bytes)`,
	);
	return value;
}

/** Wraps, and demands a text. */
export async function demandEnc(
	what: string,
	wrap: NonNullable<MasterKey["wrap"]>,
	part: Uint8Array,
): Promise<string> {
	const outcome = await outcomeOf(what, () => wrap(part, {}));
	if ("thrown" in outcome) {
		throw new ContractViolation(`${what} threw ${kindOf(outcome.thrown)}: it must give the text of enc`);
	}
	const { value } = outcome;
	demand(
		typeof value === "string" && value !== "",
		`${what} gave ${describe(value)}: it must give the text of enc`,
	);
	return value;
}

/** @throws ContractViolation if the key cannot wrap */
export function wrapOf(key: MasterKey): NonNullable<MasterKey["wrap"]> {
	demand(typeof key.wrap === "function", "the key has no wrap(): give the subject a wrapper");
	return (part, call) => key.wrap!(part, call);
}

/** @throws ContractViolation if the key cannot unwrap */
export function unwrapOf(key: MasterKey): NonNullable<MasterKey["unwrap"]> {
	demand(typeof key.unwrap === "function", "the key has no unwrap()");
	return (enc, call) => key.unwrap!(enc, call);
}

/** The kind of something thrown; never its message, which may hold a secret that the suite must not print. */
export function kindOf(thrown: unknown): string {
	if (isKeyError(thrown)) return `a KeyError with outcome ${thrown.outcome}`;
	return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}

function describe(value: unknown): string {
	if (value instanceof Uint8Array) return `${value.length} bytes`;
	if (typeof value === "object" && value !== null && "notMine" in value) return "the answer not mine";
	return value === null ? "null" : `a ${typeof value}`;
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
	return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
