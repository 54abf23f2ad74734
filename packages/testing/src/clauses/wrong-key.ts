import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demandKeyError, unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const wrongKey: ClauseCheck = async (subject) => {
	const { key, strangerEncOf } = await castOf(subject);
	const enc = await strangerEncOf(randomPart());
	// Some services cannot tell a wrong key from damage, and some tell it from a missing right.
	await demandKeyError("unwrap() of what another key wrapped", ["wrong-key", "damaged", "denied"], () =>
		unwrapOf(key)(enc, {}),
	);
};
