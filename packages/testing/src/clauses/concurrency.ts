import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demandPart } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const concurrency: ClauseCheck = async (subject) => {
	const { key, encOf } = await castOf(subject);
	const parts = Array.from({ length: 16 }, (_, index) => randomPart(index % 2 === 0 ? 32 : 33));
	const wrapped = await Promise.all(parts.map(async (part) => ({ part, enc: await encOf(part) })));
	await Promise.all([
		...wrapped.map(({ part, enc }) => demandPart("one of many unwrap() at once", key, enc, part)),
		...wrapped
			.toReversed()
			.map(({ part, enc }) => demandPart("one of many unwrap() at once", key, enc, part)),
		...parts.map((part) => encOf(part)),
	]);
};
