import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Checker } from "../check/checker.ts";
import { STAGES } from "../check/difference.ts";
import { makeRunKeys } from "../check/run-keys.ts";
import { corpusSource } from "../corpus.ts";
import { DIFFERENCES } from "../differences.ts";
import { FUZZ_FORMATS, makeDocument } from "../document.ts";
import { minimise } from "../minimise.ts";
import { runFuzz } from "../run.ts";
import { seedsIn } from "../seeds.ts";
import { DEFAULT_COUNT, generatedSource } from "../source.ts";

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
		expect(await minimise(text, async (one) => /\w+: \{/.test(one))).toMatch(/^\w: \{$/);
		expect(await minimise(text, async (one) => one === text)).toBe(text);
	});

	it("takes each file of a corpus once without options and once with some, and passes over other names", () => {
		const folder = mkdtempSync(join(tmpdir(), "sopskit-corpus-"));
		try {
			mkdirSync(join(folder, "below"));
			for (const [name, text] of [
				["b.json", "{}"],
				["below/a.yml", "a: 1\n"],
				["README.md", "# none"],
			] as const)
				writeFileSync(join(folder, name), text);
			const source = corpusSource(folder, 3, FUZZ_FORMATS);
			const documents = Array.from({ length: source.size }, (_, number) => source.at(number));
			expect(documents.map(({ name, format }) => `${name}: ${format}`)).toEqual([
				"b.json: json",
				"b.json: json",
				"below/a.yml: yaml",
				"below/a.yml: yaml",
			]);
			expect(documents[0]).toMatchObject({ text: "{}", indent: undefined, selector: undefined });
			expect(documents).toEqual(documents.map(({ number }) => source.at(number)));
			expect(() => corpusSource(folder, 3, ["ini"])).toThrow("no file of ini");
		} finally {
			rmSync(folder, { recursive: true });
		}
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
				source: generatedSource(1, DEFAULT_COUNT, FUZZ_FORMATS, seeds),
				stages,
				minimising: true,
				save: undefined,
			});
			expect(faults).toEqual([]);
		},
		5 * 60_000,
	);
});
