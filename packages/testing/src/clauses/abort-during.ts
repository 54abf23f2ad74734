import { castOf, entryOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demandKeyError, demandPart, unwrapOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

/**
 * The signal aborts after the call returned its promise and before anything else runs. From then on, the
 * promise must reject with a KeyError `aborted`, also where the work itself cannot be stopped: its result
 * is dropped.
 */
export const abortDuring: ClauseCheck = async (subject) => {
	const { provider, key, wrap, encOf } = await castOf(subject);
	const part = randomPart();
	const enc = await encOf(part);
	const aborting = (what: string, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> =>
		demandKeyError(`${what} with a signal that aborts during the call`, ["aborted"], () => {
			const controller = new AbortController();
			const promise = call(controller.signal);
			controller.abort();
			return promise;
		});
	await aborting("wrap()", (signal) => wrap(part, { signal }));
	await aborting("unwrap()", (signal) => unwrapOf(key)(enc, { signal }));
	if (provider.unwrapAny !== undefined) {
		await aborting("unwrapAny()", (signal) => provider.unwrapAny!([entryOf(subject.ref, enc)], { signal }));
	}
	const controller = new AbortController();
	await demandPart("unwrap() with a signal that does not abort", key, enc, part, {
		signal: controller.signal,
	});
};
