import { KeyError, type KeyRef } from "./contract.ts";

/**
 * Decides whether a provider may use what a ref names: a region, a role, an address. Refs come out of files, and so
 * may be anybody's. Only `true` allows.
 */
export type AllowRef = (ref: KeyRef) => boolean | Promise<boolean>;

/**
 * Asks a provider's rule about a ref.
 *
 * @param hint - what to do when the rule says no; shown to people
 * @throws KeyError `refused`, also where the rule throws
 */
export async function requirePermission(allow: AllowRef, ref: KeyRef, hint: string): Promise<void> {
	let answer: unknown;
	try {
		answer = await allow(ref);
	} catch {
		// What it threw is the caller's and may hold anything.
		throw new KeyError("refused", "the function allow threw an error, which counts as a no");
	}
	if (answer !== true) throw new KeyError("refused", hint);
}
