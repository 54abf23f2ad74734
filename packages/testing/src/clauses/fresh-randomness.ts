import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demand } from "../contract-violation.ts";
import { randomPart } from "../part.ts";

export const freshRandomness: ClauseCheck = async (subject) => {
	const { encOf } = await castOf(subject);
	const part = randomPart();
	const texts = [await encOf(part), await encOf(part), ...(await Promise.all([encOf(part), encOf(part)]))];
	demand(
		new Set(texts).size === texts.length,
		"wrap() gave the same text twice for the same part: it must use fresh randomness, or the clause be switched off",
	);
};
