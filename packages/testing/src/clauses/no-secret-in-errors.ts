import { castOf, entryOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation } from "../contract-violation.ts";
import { damagedFrom } from "../damage.ts";
import { unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";
import { findSecrets, secretBytes, secretText } from "../secret-search.ts";

export const noSecretInErrors: ClauseCheck = async (subject) => {
	const { provider, key, wrap, encOf, stranger, strangerEncOf } = await castOf(subject);
	const part = randomPart();
	const enc = await encOf(part);
	const damaged = damagedFrom(enc);
	const strangerEnc = await strangerEncOf(part);
	const call = { signal: AbortSignal.abort(new Error("the caller's own reason")) };
	const brokenRef = {
		...subject.ref,
		fields: Object.fromEntries(Object.keys(subject.ref.fields).map((name) => [name, "broken"])),
	};

	const calls: (() => unknown)[] = [
		// A part that was unwrapped before may be at hand when the next calls fail.
		() => unwrapOf(key)(enc, {}),
		...damaged.map((item) => () => unwrapOf(key)(item.enc, {})),
		() => unwrapOf(key)(strangerEnc, {}),
		() => stranger.masterKey(subject.ref)?.unwrap?.(enc, {}),
		() => provider.masterKey(subject.strangerRef)?.unwrap?.(strangerEnc, {}),
		() => wrap(part.slice(), call),
		() => unwrapOf(key)(enc, call),
		() => provider.masterKey(brokenRef)?.wrap?.(part.slice(), {}),
		() => provider.masterKey(brokenRef)?.unwrap?.(enc, {}),
		() => provider.unwrapAny?.([...damaged.map((item) => entryOf(subject.ref, item.enc))], {}),
		...(subject.failingCalls ?? []),
	];
	const secrets = [
		...subject.canaries.map((text, index) => secretText(`canary ${index + 1}`, text)),
		secretBytes("the part", part),
	];
	for (const run of calls) {
		let searched: unknown;
		try {
			const answer = await run();
			// Results hold what they must hold: an enc, a part, or an answer of unwrapAny() with a part.
			if (typeof answer !== "object" || answer === null) continue;
			if (answer instanceof Uint8Array || "part" in answer) continue;
			searched = answer;
		} catch (thrown) {
			searched = thrown;
		}
		const found = await findSecrets(searched, secrets);
		if (found.length > 0)
			throw new ContractViolation(`something thrown or answered holds a secret: ${found.join("; ")}`);
	}
};
