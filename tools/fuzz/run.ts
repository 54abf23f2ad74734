import { fromBinaryText, toBinaryText } from "./binary-text.ts";
import type { Checker, Verdict } from "./check/checker.ts";
import type { Difference, Stage } from "./check/difference.ts";
import { OracleGone } from "./check/theirs.ts";
import { explain } from "./differences.ts";
import { documentOf, type FuzzDocument, type FuzzFormat, makeDocument } from "./document.ts";
import { minimise } from "./minimise.ts";
import { printDifference } from "./print-difference.ts";
import { Report } from "./report.ts";
import type { SeedsOf } from "./seeds.ts";

/** Documents of each format; from here on, no class of what is generated may be missing. */
export const DEFAULT_COUNT = 1000;
const IN_FLIGHT = 8;
/** Unexplained differences that are minimised and shown, one of each kind. */
const SHOWN = 20;

export interface FuzzRun {
	readonly checker: Checker;
	readonly seeds: SeedsOf;
	readonly seed: number;
	/** Of each format. */
	readonly count: number;
	readonly formats: readonly FuzzFormat[];
	readonly stages: ReadonlySet<Stage>;
	readonly minimising: boolean;
	/** Keeps what differs; gives the name of the file. */
	readonly save: ((document: FuzzDocument, difference: Difference) => Promise<string>) | undefined;
}

export interface FuzzOutcome {
	readonly good: boolean;
	/** What made it bad: differences that nothing explains, rows that explain too much, classes that never came. */
	readonly faults: readonly string[];
}

interface Found {
	document: FuzzDocument;
	difference: Difference;
	times: number;
}

/** Generates, compares, sums up, and prints. */
export async function runFuzz(run: FuzzRun): Promise<FuzzOutcome> {
	const { seed, count, formats, stages } = run;
	const start = performance.now();
	const report = new Report();
	const unexplained = new Map<string, Found>();
	await checkAll(run, (document, verdict) => {
		report.add(document, verdict);
		for (const difference of verdict.differences) {
			const row = explain(document, difference);
			if (row !== undefined) report.explained(row, document);
			else remember(unexplained, document, difference);
		}
	});
	const seconds = ((performance.now() - start) / 1000).toFixed(1);
	console.log(
		`fuzz: seed ${seed}, ${count} documents of each of ${formats.join(", ")}, stages ${[...stages].join(", ")}, ${seconds} s`,
	);
	report.print();
	const faults = report.overdone();
	if (count >= DEFAULT_COUNT && stages.size > 1) faults.push(...report.missing());
	for (const fault of faults) console.log(`FAULT: ${fault}`);
	for (const [key, found] of unexplained) {
		const title = `UNEXPLAINED: ${key} (${found.times} documents; document ${found.document.number} of seed ${seed})`;
		console.log(`\n${title}`);
		if (faults.push(title) <= SHOWN) await showSmall(run, found);
	}
	console.log(`\nfuzz: ${faults.length === 0 ? "no unexplained difference" : `${faults.length} faults`}`);
	return { good: faults.length === 0, faults };
}

async function checkAll(
	run: FuzzRun,
	take: (document: FuzzDocument, verdict: Verdict) => void,
): Promise<void> {
	const { checker, seeds, seed, formats } = run;
	const orphans: FuzzDocument[] = [];
	let next = 0;
	const work = async (): Promise<void> => {
		while (next < run.count * formats.length) {
			const document = makeDocument(seed, next++, formats, seeds);
			try {
				take(document, await checker.check(document));
			} catch (error) {
				if (!(error instanceof OracleGone)) throw new Error(`document ${document.number}`, { cause: error });
				orphans.push(document);
			}
		}
	};
	await Promise.all(Array.from({ length: IN_FLIGHT }, work));
	// Whoever was asking when the oracle died asks again, alone.
	for (const document of orphans) {
		try {
			take(document, await checker.check(document));
		} catch (error) {
			if (!(error instanceof OracleGone)) throw error;
			take(document, checker.checkAlone(document));
		}
	}
}

/** One of each kind; the shortest is the best to start from. */
function remember(found: Map<string, Found>, document: FuzzDocument, difference: Difference): void {
	const key = `${document.format}: ${difference.stage}: ${difference.what}`;
	const known = found.get(key);
	if (known === undefined) {
		found.set(key, { document, difference, times: 1 });
		return;
	}
	known.times++;
	if (inputOf(document, difference).length < inputOf(known.document, known.difference).length)
		Object.assign(known, { document, difference });
}

/** What shows the difference: the encrypted file that both were given, or the document. */
function inputOf(document: FuzzDocument, difference: Difference): Uint8Array {
	return difference.encrypted ?? document.input;
}

async function showSmall(
	{ checker, minimising, save }: FuzzRun,
	{ document, difference }: Found,
): Promise<void> {
	const encrypted = difference.encrypted !== undefined;
	const withInput = (text: string): FuzzDocument => {
		const input = fromBinaryText(text);
		return encrypted ? document : documentOf({ ...document, input });
	};
	const same = async (text: string): Promise<Difference | undefined> => {
		try {
			const changed = withInput(text);
			const { differences } = encrypted
				? await checker.checkEncrypted(changed, fromBinaryText(text))
				: await checker.check(changed);
			return differences.find((one) => one.what === difference.what && explain(changed, one) === undefined);
		} catch {
			return undefined;
		}
	};
	const whole = toBinaryText(inputOf(document, difference));
	const small = minimising ? await minimise(whole, async (text) => (await same(text)) !== undefined) : whole;
	const found = (await same(small)) ?? difference;
	printDifference(withInput(small), found);
	if (save !== undefined) console.log(`  saved as ${await save(withInput(small), found)}`);
}
