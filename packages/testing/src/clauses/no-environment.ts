import { castOf } from "../cast.ts";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { watchEnvironment } from "../environment-watch.ts";
import { demandPart, outcomeOf } from "../outcome.ts";
import { randomPart } from "../part.ts";

export const noEnvironment: ClauseCheck = async (subject) => {
	const reads = await watchEnvironment(subject.environment, async () => {
		const { key, encOf, stranger } = await castOf(subject);
		const part = randomPart();
		const enc = await encOf(part);
		await demandPart("unwrap() with variables set", key, enc, part);
		const strangerKey = stranger.masterKey(subject.ref);
		if (strangerKey?.unwrap === undefined) return;
		const outcome = await outcomeOf("unwrap() of a stranger", () => strangerKey.unwrap!(enc, {}));
		if ("value" in outcome && outcome.value instanceof Uint8Array) {
			throw new ContractViolation(
				"a stranger could unwrap with what it found in the environment: pass credentials",
			);
		}
	});
	const forbidden = [...reads].filter(([name]) => subject.environmentAllowed?.[name] === undefined);
	demand(
		forbidden.length === 0,
		`environment variables were read: ${forbidden.map(([name, place]) => `${name} ${place}`).join("; ")}`,
	);
};
