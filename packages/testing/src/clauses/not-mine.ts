import type { KeyProvider, KeyRef } from "@sopskit/core";
import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { kindOf, outcomeOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const notMine: ClauseCheck = async (subject) => {
	const { provider, encOf, stranger, strangerEncOf } = await castOf(subject);
	await demandNotMine(
		"the stranger, asked for the provider's key,",
		stranger,
		subject.ref,
		await encOf(randomPart()),
	);
	await demandNotMine(
		"the provider, asked for the stranger's key,",
		provider,
		subject.strangerRef,
		await strangerEncOf(randomPart()),
	);
};

async function demandNotMine(who: string, provider: KeyProvider, ref: KeyRef, enc: string): Promise<void> {
	const key = provider.masterKey(ref);
	// Having no key for the ref, or one that only encrypts, is an answer too.
	if (key?.unwrap === undefined) return;
	const outcome = await outcomeOf("unwrap()", () => key.unwrap!(enc, {}));
	if ("thrown" in outcome) {
		throw new ContractViolation(
			`${who} threw ${kindOf(outcome.thrown)}: not mine is an answer, not an error`,
		);
	}
	const { value } = outcome;
	demand(!(value instanceof Uint8Array), `${who} gave a part: the two must hold different keys`);
	const reason: unknown = value?.notMine;
	demand(
		typeof reason === "string" && reason.trim() !== "",
		`${who} gave no reason: it must answer { notMine } with a text for people`,
	);
}
