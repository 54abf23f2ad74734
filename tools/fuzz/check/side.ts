import { isSopsError } from "../../../packages/core/src/errors.ts";

/** What one implementation made of a document: something, or a refusal. */
export type Outcome<T> = { readonly value: T } | { readonly refused: string };

export type Side = Outcome<unknown>;

export function sideNow<T>(make: () => T): Outcome<T> {
	try {
		return { value: make() };
	} catch (error) {
		return refusal(error);
	}
}

export async function side<T>(make: () => Promise<T>): Promise<Outcome<T>> {
	try {
		return { value: await make() };
	} catch (error) {
		return refusal(error);
	}
}

export function mapSide<T>(of: Outcome<T>, make: (value: T) => unknown): Side {
	return "value" in of ? { value: make(of.value) } : of;
}

function refusal(error: unknown): { readonly refused: string } {
	if (isSopsError(error)) return { refused: `${error.code}: ${error.message.slice(0, 400)}` };
	return { refused: `crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
}

/** Whether our side refused with an error code. */
export function refusedWith(of: Side, ...codes: readonly string[]): boolean {
	return "refused" in of && codes.some((code) => of.refused.startsWith(`${code}:`));
}
