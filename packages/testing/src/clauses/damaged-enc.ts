import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { damagedFrom } from "../damage.ts";
import { demandKeyError, demandPart, unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const damagedEnc: ClauseCheck = async (subject) => {
	const { key, encOf } = await castOf(subject);
	const part = randomPart();
	const enc = await encOf(part);
	for (const damaged of damagedFrom(enc)) {
		await demandKeyError(`unwrap() of ${damaged.what}`, ["damaged", "wrong-key"], () =>
			unwrapOf(key)(damaged.enc, {}),
		);
	}
	await demandPart("unwrap() after damaged ones", key, enc, part);
};
