import type { Rule } from "@sopskit/reference";
import { OracleError } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { answer } from "./config-answer.ts";
import { randomQuestion } from "./config-random.ts";

/** More on request: `SOPSKIT_CONFIG_QUESTIONS=5000 SOPSKIT_SEED=7`. */
const COUNT = Number(process.env.SOPSKIT_CONFIG_QUESTIONS ?? 400);
const SEED = Number(process.env.SOPSKIT_SEED ?? 1);

/** What this project refuses and the code of the reference takes (docs/decisions 0018): all of it fails when it encrypts. */
function isUnusable({ keyGroups, shamirThreshold }: Rule): boolean {
	const keys = keyGroups.flat();
	const groups = keyGroups.length;
	if (groups > 1 && shamirThreshold !== 0 && (shamirThreshold < 2 || shamirThreshold > groups)) return true;
	return keys.some(({ type, id, fields }) => {
		if (type === "pgp") return id === "" || id.includes(",");
		if (type === "kms") return fields.arn === "";
		return type === "gcp_kms" && id === "";
	});
}

describeReference("random configurations", (reference) => {
	it(`are understood as sops does (${COUNT}, seed ${SEED})`, async () => {
		const random = new Random(SEED);
		const outcomes = { same: 0, refused: 0, unusable: 0 };
		for (let i = 0; i < COUNT; i++) {
			const question = randomQuestion(random);
			const { config: text, file = "", kmsContext } = question;
			const theirs = await reference.oracle
				.call("rule", { text, file, ...(kmsContext && { kmsContext }) })
				.then(
					({ rule }) => rule,
					(error: unknown) => {
						if (error instanceof OracleError && error.stage !== "process") return null;
						throw error;
					},
				);
			const ours = answer(question);
			const shown = `${text}\n${file}`;
			if (theirs === null) {
				expect(ours, shown).toHaveProperty("code");
				outcomes.refused++;
			} else if (isUnusable(theirs)) {
				expect(ours, shown).toEqual({ code: "config-invalid" });
				outcomes.unusable++;
			} else {
				const shamirThreshold = theirs.keyGroups.length > 1 ? theirs.shamirThreshold : 0;
				expect(ours, shown).toEqual({ rule: { ...theirs, shamirThreshold } });
				outcomes.same++;
			}
		}
		// The generator must not sink into configurations that all refuse.
		expect(outcomes.same).toBeGreaterThan(COUNT / 4);
		expect(outcomes.refused).toBeGreaterThan(COUNT / 10);
	});
});
