import { fromBinaryText, toBinaryText } from "./binary-text.ts";
import type { Checker, Verdict } from "./check/checker.ts";
import type { Difference, Stage } from "./check/difference.ts";
import { OracleGone } from "./check/theirs.ts";
import { explain } from "./differences.ts";
import { documentOf, type FuzzDocument } from "./document.ts";
import { minimise } from "./minimise.ts";
import { printDifference } from "./print-difference.ts";
import { Report } from "./report.ts";
import type { Source } from "./source.ts";

const IN_FLIGHT = 8;
/** Unexplained differences that are minimised and shown, one of each kind. */
const SHOWN = 20;

export interface FuzzRun {
	readonly checker: Checker;
	readonly source: Source;
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

/** Takes documents from the source, compares, sums up, and prints. */
export async function runFuzz(run: FuzzRun): Promise<FuzzOutcome> {
	const { source, stages } = run;
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
	console.log(`fuzz: ${source.title}, stages ${[...stages].join(", ")}, ${seconds} s`);
	report.print();
	const faults = source.generated ? report.overdone() : [];
	if (source.complete && stages.size > 1) faults.push(...report.missing());
	for (const fault of faults) console.log(`FAULT: ${fault}`);
	for (const [key, found] of unexplained) {
		const title = `UNEXPLAINED: ${key} (${found.times} documents; document ${nameOf(found.document)})`;
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
	const { checker, source } = run;
	const orphans: FuzzDocument[] = [];
	let next = 0;
	const work = async (): Promise<void> => {
		while (next < source.size) {
			const document = source.at(next++);
			try {
				take(document, await checker.check(document));
			} catch (error) {
				if (!(error instanceof OracleGone)) throw new Error(`document ${nameOf(document)}`, { cause: error });
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

function nameOf({ number, name }: FuzzDocument): string {
	return name === undefined ? String(number) : `${number}, ${name}`;
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
