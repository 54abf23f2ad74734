import { keyOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demand } from "../contract-violation.ts";
import { demandPart } from "../outcome.ts";

export const realEntry: ClauseCheck = async (subject) => {
	demand(subject.realEntry !== undefined, "the subject has no realEntry");
	const { entry, part } = subject.realEntry;
	const provider = await subject.provider();
	await demandPart("unwrap() of a real entry", keyOf(provider, entry.ref), entry.enc, part);
};
