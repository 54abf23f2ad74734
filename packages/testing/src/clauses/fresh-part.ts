import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demand } from "../contract-violation.ts";
import { demandPart, equal } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const freshPart: ClauseCheck = async (subject) => {
	const { key, encOf } = await castOf(subject);
	const part = randomPart();
	const enc = await encOf(part);
	const first = await demandPart("the first unwrap()", key, enc, part);
	const second = await demandPart("the second unwrap()", key, enc, part);
	// The core overwrites parts after use.
	first.fill(0);
	demand(
		equal(second, part),
		"overwriting one unwrapped part changed another: each must be an array of its own",
	);
	await demandPart("unwrap() after an earlier part was overwritten", key, enc, part);
};
