import type { AttemptOutcome, KeyEntry, KeyProvider, UnwrapAnyResult } from "@sopskit/core";
import { isKeyError } from "@sopskit/core";
import { castOf, entryOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { damagedFrom } from "../damage.ts";
import { equal, kindOf, outcomeOf, unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const unwrapAny: ClauseCheck = async (subject) => {
	const { provider, encOf, strangerEncOf } = await castOf(subject);
	if (provider.unwrapAny === undefined) return;
	const part = randomPart();
	const enc = await encOf(part);
	const mine = entryOf(subject.ref, enc);
	const damaged = damagedFrom(enc).map((item) => entryOf(subject.ref, item.enc));
	// It is called only with entries that masterKey() answered for.
	const foreign = [entryOf(subject.strangerRef, await strangerEncOf(part))].filter(
		({ ref }) => provider.masterKey(ref)?.unwrap !== undefined,
	);

	for (const [what, entries] of [
		["one entry", [mine]],
		["only the last entry mine", [...foreign, ...foreign, mine]],
		["only the first entry mine", [mine, ...foreign]],
		["a damaged entry before mine", [...damaged, ...foreign, mine]],
	] as const) {
		const result = await ask(provider, what, entries);
		demand("part" in result, `unwrapAny() with ${what} gave no part`);
		demand(
			result.part instanceof Uint8Array && equal(result.part, part),
			`unwrapAny() with ${what} gave a wrong part`,
		);
		demand(result.entry === mine, `unwrapAny() with ${what} must name the entry that gave the part`);
	}

	await demandFailures(provider, "no entries", []);
	await demandFailures(provider, "damaged and foreign entries", [...damaged, ...foreign]);
	await demandFailures(provider, "foreign entries", foreign);
};

async function ask(
	provider: KeyProvider,
	what: string,
	entries: readonly KeyEntry[],
): Promise<UnwrapAnyResult> {
	const outcome = await outcomeOf(`unwrapAny() with ${what}`, () =>
		provider.unwrapAny!(Object.freeze([...entries]), {}),
	);
	if ("thrown" in outcome) {
		throw new ContractViolation(
			`unwrapAny() with ${what} threw ${kindOf(outcome.thrown)}: what an entry holds is reported, not thrown`,
		);
	}
	return outcome.value;
}

async function demandFailures(
	provider: KeyProvider,
	what: string,
	entries: readonly KeyEntry[],
): Promise<void> {
	const result = await ask(provider, what, entries);
	demand("failures" in result, `unwrapAny() with ${what} gave a part where unwrap() gives none`);
	demand(
		result.failures.length === entries.length,
		`unwrapAny() with ${what} reported ${result.failures.length} failures for ${entries.length} entries`,
	);
	for (const entry of entries) {
		const failure = result.failures.find((candidate) => candidate.entry === entry);
		demand(failure !== undefined, `unwrapAny() with ${what} reported nothing for one of the entries`);
		const alone = await outcomeAlone(provider, entry);
		demand(
			failure.outcome === alone,
			`unwrapAny() with ${what} reported ${failure.outcome} where unwrap() ends with ${alone}`,
		);
		demand(
			typeof failure.hint === "string" && failure.hint.trim() !== "",
			`unwrapAny() with ${what} reported a failure without hint`,
		);
	}
}

async function outcomeAlone(
	provider: KeyProvider,
	entry: KeyEntry,
): Promise<AttemptOutcome | "a part" | "no KeyError"> {
	const key = provider.masterKey(entry.ref);
	demand(key !== undefined, "masterKey() gave undefined for a key it gave before");
	const outcome = await outcomeOf("unwrap()", () => unwrapOf(key)(entry.enc, {}));
	if ("value" in outcome) return outcome.value instanceof Uint8Array ? "a part" : "not-mine";
	return isKeyError(outcome.thrown) ? outcome.thrown.outcome : "no KeyError";
}
