import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, inject, it } from "vitest";
import { makeRunKeys, runKeys } from "../../../tools/fuzz/check/run-keys.ts";
import { Theirs } from "../../../tools/fuzz/check/theirs.ts";
import type { FuzzFormat } from "../../../tools/fuzz/document.ts";
import { ourAnswer, readRegressions, theirAnswer, treatmentOf } from "../../../tools/fuzz/regression.ts";
import { identityFile } from "./vector-files.ts";

// Runs twice, as vitest.config.ts has it: over node:crypto and over noble.

const ROOT = join(import.meta.dirname, "..", "..", "..");
const REGRESSIONS = readRegressions(join(ROOT, "vectors", "regressions"));
const formatOf = (name: string) => name.split("/")[0] as FuzzFormat;

describe("regressions", () => {
	it("there are some of every format", () => {
		expect(new Set([...REGRESSIONS.keys()].map(formatOf)).size).toBe(5);
		expect(REGRESSIONS.size).toBeGreaterThanOrEqual(65);
	});

	// Any data key is as good as that of the run: what is random is not compared.
	const armor = "-----BEGIN AGE ENCRYPTED FILE-----\nx\n-----END AGE ENCRYPTED FILE-----\n";
	const keys = runKeys(identityFile("first"), armor);
	for (const [name, regression] of REGRESSIONS) {
		it(`${name}: ${regression.why}`, async () => {
			const answer = await ourAnswer(treatmentOf(formatOf(name), regression), regression, keys);
			expect(answer).toEqual(regression.ours ?? regression.reference);
			const { decision } = regression;
			expect(decision === undefined).toBe(regression.ours === undefined);
			if (decision !== undefined) expect(existsSync(join(ROOT, decision))).toBe(true);
		});
	}
});

if (inject("cryptoBackend") === "node") {
	describeReference("regressions against the reference", (reference) => {
		for (const [name, regression] of REGRESSIONS) {
			it(`${name}: the record is still true`, async () => {
				const theirs = new Theirs(
					reference.oracle,
					await makeRunKeys(reference.oracle, identityFile("first")),
				);
				const answer = await theirAnswer(treatmentOf(formatOf(name), regression), regression, theirs);
				expect(answer).toEqual(regression.reference);
			});
		}
	});
}
