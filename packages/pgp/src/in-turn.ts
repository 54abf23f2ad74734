import {
	type AttemptOutcome,
	isKeyError,
	type KeyCall,
	type KeyEntry,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	type UnwrapAnyResult,
} from "@sopskit/core";
import { fpOf } from "./fingerprint.ts";

/** How one way failed for one entry. */
interface Failure {
	readonly outcome: AttemptOutcome;
	readonly hint: string;
}

/**
 * One provider out of several ways to the same OpenPGP keys, the first of which is tried first. Unwrapping goes on
 * after every failure: what one way cannot read, another may. Wrapping goes on only where a way has no such key:
 * one that is refused because it is revoked here stays refused.
 */
export function inTurn(name: string, ways: readonly KeyProvider[]): KeyProvider {
	const unwrapAny = async (entries: readonly KeyEntry[], call: KeyCall): Promise<UnwrapAnyResult> => {
		const failures = new Map<KeyEntry, Failure[]>(entries.map((entry) => [entry, []]));
		for (const way of ways) {
			const result = await (way.unwrapAny?.(entries, call) ?? unwrapEach(way, entries, call));
			if ("part" in result) return result;
			for (const { entry, outcome, hint } of result.failures) failures.get(entry)!.push({ outcome, hint });
		}
		return { failures: entries.map((entry) => ({ entry, ...together(failures.get(entry)!) })) };
	};
	return Object.freeze({
		name,
		masterKey(ref: KeyRef): MasterKey | undefined {
			if (fpOf(ref) === undefined) return undefined;
			const keys = ways.flatMap((way) => way.masterKey(ref) ?? []);
			return Object.freeze({
				ref: keys[0]!.ref,
				wrap: (part: Uint8Array, call: KeyCall) => wrapInTurn(keys, part, call),
				async unwrap(enc: string, call: KeyCall) {
					const result = await unwrapAny([{ ref: keys[0]!.ref, enc }], call);
					if ("part" in result) return result.part;
					const [failure] = result.failures;
					if (failure!.outcome === "not-mine") return { notMine: failure!.hint };
					throw new KeyError(failure!.outcome, failure!.hint);
				},
			});
		},
		unwrapAny,
		async close() {
			await Promise.all(ways.map((way) => way.close?.()));
		},
	});
}

/** @throws KeyError `aborted`, and what is no failure of an entry */
async function unwrapEach(
	way: KeyProvider,
	entries: readonly KeyEntry[],
	call: KeyCall,
): Promise<UnwrapAnyResult> {
	const failures: { entry: KeyEntry; outcome: AttemptOutcome; hint: string }[] = [];
	for (const entry of entries) {
		try {
			const result = await way.masterKey(entry.ref)!.unwrap!(entry.enc, call);
			if (result instanceof Uint8Array) return { part: result, entry };
			failures.push({ entry, outcome: "not-mine", hint: result.notMine });
		} catch (error) {
			if (!isKeyError(error) || error.outcome === "aborted") throw error;
			failures.push({ entry, outcome: error.outcome, hint: error.message });
		}
	}
	return { failures };
}

async function wrapInTurn(keys: readonly MasterKey[], part: Uint8Array, call: KeyCall): Promise<string> {
	const failures: Failure[] = [];
	for (const key of keys) {
		try {
			return await key.wrap!(part, call);
		} catch (error) {
			if (!isKeyError(error) || error.outcome !== "misconfigured") throw error;
			failures.push({ outcome: error.outcome, hint: error.message });
		}
	}
	const { outcome, hint } = together(failures);
	throw new KeyError(outcome, hint);
}

/** The first that is more than "not mine", and the words of all. */
function together(failures: readonly Failure[]): Failure {
	const outcome = failures.find((failure) => failure.outcome !== "not-mine")?.outcome ?? "not-mine";
	return { outcome, hint: failures.map(({ hint }) => hint).join("; ") };
}
