import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { demandEnc, demandPart } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const roundTrip: ClauseCheck = async (subject) => {
	const { key, wrap } = await castOf(subject);
	// 32 is a data key, 33 a share of one; the others show that no length is assumed.
	for (const length of [32, 33, 1, 64]) {
		// A view into a larger array shows code that takes the whole buffer beneath.
		const part = new Uint8Array(length + 16).subarray(8, 8 + length);
		part.set(randomPart(length));
		await tripOf(part, `a part of ${length} bytes`);
	}
	await tripOf(new Uint8Array(32), "a part of zeros");

	async function tripOf(part: Uint8Array, what: string): Promise<void> {
		const enc = await demandEnc(`wrap() of ${what}`, wrap, part);
		await demandPart(`unwrap() of ${what}`, key, enc, part);
	}
};
