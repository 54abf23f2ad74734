import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Oracle } from "@sopskit/reference";
import type { Format } from "../../packages/core/src/formats/formats.ts";
import { Checker, type Verdict } from "./check/checker.ts";
import { type Difference, STAGES, type Stage } from "./check/difference.ts";
import { makeRunKeys } from "./check/run-keys.ts";
import { Theirs } from "./check/theirs.ts";
import { corpusSource } from "./corpus.ts";
import { explain } from "./differences.ts";
import { FUZZ_FORMATS, type FuzzDocument } from "./document.ts";
import { printDifference } from "./print-difference.ts";
import { recordRegression, saveRegression } from "./regression.ts";
import { runFuzz } from "./run.ts";
import { seedsIn } from "./seeds.ts";
import { DEFAULT_COUNT, generatedSource } from "./source.ts";

const USAGE = `usage: npm run fuzz -- [options]
  --seed N         the documents (1): the same seed gives the same documents on every machine
  --count N        how many of each format (${DEFAULT_COUNT})
  --corpus FOLDER  the files of a folder as they are, instead of generated documents; names say the formats
  --format F       one format only: ${FUZZ_FORMATS.join(", ")}
  --only STAGE     one comparison only: ${STAGES.join(", ")}
  --document N     one document of the run, printed with all that was seen
  --save           write what differs to vectors/regressions
  --no-minimise    show differing documents as they were generated`;

/**
 * @param root - of the workspace
 * @returns the exit status
 */
export async function main(oracle: Oracle, root: string, args: readonly string[]): Promise<number> {
	let options: Options;
	try {
		options = readOptions(args);
	} catch (error) {
		console.error(`fuzz: ${(error as Error).message}\n${USAGE}`);
		return 2;
	}
	const { seed, count, corpus, formats, stages, document } = options;
	const source =
		corpus === undefined
			? generatedSource(seed, count, formats, seedsIn(join(root, "tools", "fuzz", "seeds")))
			: corpusSource(corpus, seed, formats);
	const identity = readFileSync(join(root, "vectors", "keys", "first.txt"), "utf8");
	const keys = await makeRunKeys(oracle, identity);
	const checker = new Checker(oracle, keys, stages);
	if (document !== undefined) {
		const made = source.at(document);
		show(made, await checker.check(made));
		return 0;
	}
	const regressions = join(root, "vectors", "regressions");
	const save = options.save
		? async (found: FuzzDocument, difference: Difference) =>
				saveRegression(
					regressions,
					found.format,
					await recordRegression(found, difference, new Theirs(oracle, keys), keys),
				)
		: undefined;
	const outcome = await runFuzz({ ...options, checker, source, save });
	return outcome.good ? 0 : 1;
}

interface Options {
	readonly seed: number;
	readonly count: number;
	readonly corpus: string | undefined;
	readonly formats: readonly Format[];
	readonly stages: ReadonlySet<Stage>;
	readonly document: number | undefined;
	readonly minimising: boolean;
	readonly save: boolean;
}

function readOptions(args: readonly string[]): Options {
	const { values } = parseArgs({
		args: [...args],
		options: {
			seed: { type: "string", default: "1" },
			count: { type: "string", default: String(DEFAULT_COUNT) },
			corpus: { type: "string" },
			format: { type: "string" },
			only: { type: "string" },
			document: { type: "string" },
			save: { type: "boolean", default: false },
			"no-minimise": { type: "boolean", default: false },
		},
	});
	return {
		seed: wholeNumber("--seed", values.seed),
		count: wholeNumber("--count", values.count),
		corpus: values.corpus,
		formats: values.format === undefined ? FUZZ_FORMATS : [oneOf("--format", values.format, FUZZ_FORMATS)],
		stages: new Set(values.only === undefined ? STAGES : [oneOf("--only", values.only, STAGES)]),
		document: values.document === undefined ? undefined : wholeNumber("--document", values.document),
		minimising: !values["no-minimise"],
		save: values.save,
	};
}

function wholeNumber(name: string, given: string): number {
	if (!/^\d{1,9}$/.test(given)) throw new TypeError(`${name} is a whole number`);
	return Number(given);
}

function oneOf<T extends string>(name: string, given: string, known: readonly T[]): T {
	if (!known.includes(given as T)) throw new TypeError(`${name} is one of ${known.join(", ")}`);
	return given as T;
}

function show(document: FuzzDocument, verdict: Verdict): void {
	console.log(document.text);
	console.log("notes:", verdict.notes.join("; "));
	for (const difference of verdict.differences) {
		console.log(
			`${difference.stage}: ${difference.what}${explain(document, difference) ? " (explained)" : ""}`,
		);
		printDifference(document, difference);
	}
}
