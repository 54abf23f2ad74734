import type { AttemptOutcome } from "../attempt.ts";
import { type Check, checkOptions, isSize } from "../options.ts";
import { UsageError } from "../usage-error.ts";
import { type KeyCall, type KeyEntry, KeyError, type KeyProvider, type KeyRef } from "./contract.ts";
import { PartCache } from "./part-cache.ts";
import { SharedCalls } from "./shared-calls.ts";

/** Bounds of {@link cachingProvider}. */
export interface DataKeyCacheOptions {
	/** How many unwrapped parts are kept; 1000 by default. Then the one that was not used for longest goes. */
	readonly maxEntries?: number | undefined;
	/** Milliseconds after which a part is forgotten, used or not; 300 000 (five minutes) by default. */
	readonly lifetimeMs?: number | undefined;
}

/** What timers of all runtimes hold. */
const MAX_LIFETIME_MS = 2 ** 31 - 1;

const CACHE_CHECKS: Readonly<Record<string, Check>> = {
	maxEntries: isSize,
	lifetimeMs: (value) =>
		isSize(value) === undefined && (value as number) <= MAX_LIFETIME_MS
			? undefined
			: `a whole number of milliseconds from 1 to ${MAX_LIFETIME_MS}`,
};

/** What an unwrapping gave, with positions in the place of entries: each caller has objects of its own. */
type Unwrapped =
	| { readonly part: Uint8Array; readonly index: number }
	| { readonly failures: readonly Failure[] };
interface Failure {
	readonly index: number;
	readonly outcome: AttemptOutcome;
	readonly hint: string;
}

/**
 * A provider that remembers what another one unwrapped, so that a file that is read again costs no call. Parts of data
 * keys then stay in memory: at most `maxEntries` of them, for `lifetimeMs`. They are overwritten when they expire, when
 * they give way to others, and by `close()`, which closes the other provider too. The timer keeps no process alive.
 *
 * Failures are not remembered. A part is found again by all that its entry says: type, id, fields and `enc`. Each cache
 * belongs to the provider that it was made for; that of another user has its own. Those who ask for the same entry at
 * once share one call, which ends early when the signals of all of them have aborted.
 *
 * @param provider - who unwraps; everything else is passed on to it as it is
 * @throws UsageError for unknown options and wrong argument types
 */
export function cachingProvider(provider: KeyProvider, options: DataKeyCacheOptions = {}): KeyProvider {
	const of = "cachingProvider()";
	if (typeof provider?.masterKey !== "function")
		throw new UsageError("argument-invalid", `${of} takes a key provider, such as age({ identities }).`);
	checkOptions(of, options, CACHE_CHECKS);
	const parts = new PartCache(options.maxEntries ?? 1000, options.lifetimeMs ?? 300_000);
	const calls = new SharedCalls<Unwrapped>();

	async function unwrapOnce(
		entries: readonly Pick<KeyEntry, "ref" | "enc">[],
		{ signal }: KeyCall,
		ask: (call: KeyCall) => Promise<Unwrapped>,
	): Promise<Unwrapped> {
		if (signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
		const names = entries.map(nameOf);
		for (const [index, name] of names.entries()) {
			const part = parts.copyOf(name);
			if (part !== undefined) return { part, index };
		}
		return calls.join(names.join("\n"), signal, {
			ask: (shared) => ask({ signal: shared }),
			copy: (result) => ("part" in result ? { ...result, part: result.part.slice() } : result),
			settle(result, dropped) {
				if (!("part" in result)) return;
				if (dropped) result.part.fill(0);
				else parts.keep(names[result.index]!, result.part);
			},
		});
	}

	const masterKey: KeyProvider["masterKey"] = (ref: KeyRef) => {
		const key = provider.masterKey(ref);
		if (key?.unwrap === undefined) return key;
		return Object.freeze({
			ref: key.ref,
			...(key.resolve && { resolve: (call: KeyCall) => key.resolve!(call) }),
			...(key.wrap && { wrap: (part: Uint8Array, call: KeyCall) => key.wrap!(part, call) }),
			async unwrap(enc: string, call: KeyCall) {
				const result = await unwrapOnce([{ ref, enc }], call, async (shared) => {
					const answer = await key.unwrap!(enc, shared);
					if (!("notMine" in answer)) return { part: answer, index: 0 };
					return { failures: [{ index: 0, outcome: "not-mine", hint: answer.notMine }] };
				});
				return "part" in result ? result.part : { notMine: result.failures[0]!.hint };
			},
		});
	};

	const unwrapAny: KeyProvider["unwrapAny"] = async (entries, call) => {
		const result = await unwrapOnce(entries, call, async (shared) => {
			const answer = await provider.unwrapAny!(entries, shared);
			if ("part" in answer) return { part: answer.part, index: positionOf(answer.entry, entries) };
			const failures = answer.failures.map(({ entry, outcome, hint }) => ({
				index: positionOf(entry, entries),
				outcome,
				hint,
			}));
			return { failures };
		});
		if ("part" in result) return { part: result.part, entry: entries[result.index]! };
		const failures = result.failures.map(({ index, ...failure }) => ({ entry: entries[index]!, ...failure }));
		return { failures };
	};

	return Object.freeze({
		name: provider.name,
		masterKey,
		...(provider.unwrapAny && { unwrapAny }),
		async close() {
			parts.close();
			await provider.close?.();
		},
	});
}

/** All that an entry says, as one text without line breaks. */
function nameOf({ ref, enc }: Pick<KeyEntry, "ref" | "enc">): string {
	return JSON.stringify([ref.type, ref.id, ref.fields, enc]);
}

function positionOf(entry: KeyEntry, entries: readonly KeyEntry[]): number {
	const index = entries.indexOf(entry);
	if (index !== -1) return index;
	throw new KeyError("failed", "the provider answered for an entry that it was not asked for");
}
