import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Checker } from "../check/checker.ts";
import { STAGES } from "../check/difference.ts";
import { makeRunKeys } from "../check/run-keys.ts";
import { DIFFERENCES } from "../differences.ts";
import { FUZZ_FORMATS, makeDocument } from "../document.ts";
import { minimise } from "../minimise.ts";
import { DEFAULT_COUNT, runFuzz } from "../run.ts";
import { seedsIn } from "../seeds.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const seeds = seedsIn(join(ROOT, "tools", "fuzz", "seeds"));

describe("the fuzzer", () => {
	it("makes the same documents of the same seed", () => {
		const make = (seed: number) =>
			Array.from({ length: 50 }, (_, number) => makeDocument(seed, number, FUZZ_FORMATS, seeds));
		expect(make(7)).toEqual(make(7));
		expect(make(7)).not.toEqual(make(8));
	});

	it("shrinks what differs by lines, tokens and characters", async () => {
		const text = "first: 12345\nsecond: [alpha, beta]\nthird: {needle}\nfourth: x\n";
		expect(await minimise(text, async (one) => one.includes("needle"))).toBe("needle");
		expect(await minimise(text, async (one) => /\w+: \{/.test(one))).toBe("a: {");
		expect(await minimise(text, async (one) => one === text)).toBe(text);
	});

	it("names a decision that exists for every difference that is meant", () => {
		for (const row of DIFFERENCES)
			expect(readFileSync(join(ROOT, row.decision), "utf8")).toMatch(/^# \d{4}: /);
	});
});

describeReference("fuzzing", (reference) => {
	it(
		`${DEFAULT_COUNT} documents of each format show no difference but those that are meant`,
		async () => {
			const identity = readFileSync(join(ROOT, "vectors", "keys", "first.txt"), "utf8");
			const stages = new Set(STAGES);
			const checker = new Checker(reference.oracle, await makeRunKeys(reference.oracle, identity), stages);
			const { faults } = await runFuzz({
				checker,
				seeds,
				seed: 1,
				count: DEFAULT_COUNT,
				formats: FUZZ_FORMATS,
				stages,
				minimising: true,
				save: undefined,
			});
			expect(faults).toEqual([]);
		},
		5 * 60_000,
	);
});
