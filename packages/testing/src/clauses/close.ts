import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation } from "../contract-violation.ts";
import { kindOf, outcomeOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const close: ClauseCheck = async (subject) => {
	const unused = await subject.provider();
	const { provider, encOf } = await castOf(subject);
	await encOf(randomPart());
	for (const [what, candidate] of [
		["a used provider", provider],
		["an unused provider", unused],
	] as const) {
		if (candidate.close === undefined) continue;
		for (const time of ["first", "second"]) {
			const outcome = await outcomeOf("close()", () => candidate.close!());
			if ("thrown" in outcome) {
				throw new ContractViolation(`the ${time} close() of ${what} threw ${kindOf(outcome.thrown)}`);
			}
		}
	}
};
