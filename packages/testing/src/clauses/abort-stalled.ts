import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { demandKeyError, unwrapOf } from "../outcome.ts";

/** How long after the abort a stalled call may take to end, in milliseconds. */
const GRACE = 1_000;

export const abortStalled: ClauseCheck = async (subject) => {
	demand(subject.stalled !== undefined, "the subject has no stalled()");
	const { key, enc } = await subject.stalled();
	const controller = new AbortController();
	let late: ReturnType<typeof setTimeout> | undefined;
	const deadline = new Promise<never>((_resolve, reject) => {
		late = setTimeout(
			() => reject(new ContractViolation(`a stalled call had not ended ${GRACE} ms after the abort`)),
			GRACE + 50,
		);
	});
	setTimeout(() => controller.abort(), 50);
	try {
		await Promise.race([
			deadline,
			demandKeyError("unwrap() at a stalled backend", ["aborted"], () =>
				unwrapOf(key)(enc, { signal: controller.signal }),
			),
		]);
	} finally {
		clearTimeout(late);
	}
};
