import { castOf, entryOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demandKeyError, unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const abortBefore: ClauseCheck = async (subject) => {
	const { provider, key, wrap, encOf } = await castOf(subject);
	const enc = await encOf(randomPart());
	const call = { signal: AbortSignal.abort() };
	await demandKeyError("wrap() with an aborted signal", ["aborted"], () => wrap(randomPart(), call));
	await demandKeyError("unwrap() with an aborted signal", ["aborted"], () => unwrapOf(key)(enc, call));
	if (provider.unwrapAny !== undefined) {
		await demandKeyError("unwrapAny() with an aborted signal", ["aborted"], () =>
			provider.unwrapAny!([entryOf(subject.ref, enc)], call),
		);
	}
};
