import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demand } from "../contract-violation.ts";
import { demandEnc, demandPart, equal } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const inputPart: ClauseCheck = async (subject) => {
	const { key, wrap } = await castOf(subject);
	const buffer = randomPart(64);
	const before = buffer.slice();
	const enc = await demandEnc("wrap()", wrap, buffer.subarray(16, 48));
	demand(equal(buffer, before), "wrap() changed the part it was given, or what stands beside it");
	// The core overwrites the part as soon as wrap() is done.
	buffer.fill(0);
	await demandPart("unwrap() after the wrapped part was overwritten", key, enc, before.subarray(16, 48));
};
