import { parseArgs } from "node:util";
import type { Oracle } from "@sopskit/reference";
import { generateIdentity } from "../../packages/age/src/generate-identity.ts";
import {
	Checker,
	type Difference,
	OracleGone,
	type RunKeys,
	STAGES,
	type Stage,
	type Verdict,
} from "./check.ts";
import { DIFFERENCES, type Row } from "./differences.ts";
import { type FuzzDocument, type FuzzFormat, makeDocument } from "./document.ts";
import { minimise } from "./minimise.ts";
import { Report } from "./report.ts";
import { firstDifference } from "./typed.ts";

const IN_FLIGHT = 8;
/** Unexplained differences that are minimised and shown, one of each kind. */
const SHOWN = 20;

export async function main(oracle: Oracle, args: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...args],
		options: {
			seed: { type: "string", default: "1" },
			count: { type: "string", default: "2000" },
			format: { type: "string" },
			only: { type: "string" },
			document: { type: "string" },
			"no-minimise": { type: "boolean", default: false },
		},
	});
	const seed = Number(values.seed);
	const count = Number(values.count);
	const format = values.format as FuzzFormat | undefined;
	if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count))
		throw new TypeError("--seed and --count are whole numbers");
	if (format !== undefined && format !== "yaml" && format !== "json")
		throw new TypeError("--format is yaml or json");
	if (values.only !== undefined && !STAGES.includes(values.only as Stage))
		throw new TypeError(`--only is one of ${STAGES.join(", ")}`);
	const stages = new Set(values.only === undefined ? STAGES : [values.only as Stage]);

	const checker = new Checker(oracle, await makeKeys(oracle), stages);
	if (values.document !== undefined) {
		const document = makeDocument(seed, Number(values.document), format);
		show(document, await checker.check(document));
		return 0;
	}
	return run(checker, seed, count, format, stages, !values["no-minimise"]);
}

async function run(
	checker: Checker,
	seed: number,
	count: number,
	format: FuzzFormat | undefined,
	stages: ReadonlySet<Stage>,
	minimising: boolean,
): Promise<number> {
	const start = performance.now();
	const report = new Report();
	const unexplained = new Map<string, { document: FuzzDocument; difference: Difference; times: number }>();
	const orphans: FuzzDocument[] = [];
	const take = (document: FuzzDocument, verdict: Verdict): void => {
		report.add(document, verdict);
		for (const difference of verdict.differences) {
			const row = explain(document, difference);
			if (row !== undefined) {
				report.explained(row, document);
				continue;
			}
			const key = `${document.format}: ${difference.stage}: ${difference.what}`;
			const known = unexplained.get(key);
			if (known === undefined) unexplained.set(key, { document, difference, times: 1 });
			else {
				known.times++;
				// The shortest is the best to start from.
				if (document.text.length < known.document.text.length) Object.assign(known, { document, difference });
			}
		}
	};

	let next = 0;
	const work = async (): Promise<void> => {
		while (next < count) {
			const document = makeDocument(seed, next++, format);
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

	console.log(
		`fuzz: seed ${seed}, ${count} documents, stages ${[...stages].join(", ")}, ${((performance.now() - start) / 1000).toFixed(1)} s`,
	);
	report.print();
	const overdone = report
		.rows()
		.filter(({ row, times, of }) => times > Math.max(3, (row.atMost * of) / 1000));
	for (const { row, times, of } of overdone) {
		console.log(
			`TOO MANY: "${row.name}" ${times} times in ${of} documents, at most ${row.atMost} in a thousand`,
		);
	}
	let shown = 0;
	for (const [key, { document, difference, times }] of unexplained) {
		console.log(`\nUNEXPLAINED: ${key} (${times} documents; document ${document.number} of seed ${seed})`);
		if (shown++ >= SHOWN) continue;
		const same = async (text: string): Promise<Difference | undefined> => {
			try {
				const { differences } = await checker.check({ ...document, text });
				return differences.find(
					(one) => one.what === difference.what && explain({ ...document, text }, one) === undefined,
				);
			} catch {
				return undefined;
			}
		};
		const small = minimising
			? await minimise(document.text, async (text) => (await same(text)) !== undefined)
			: document.text;
		const at = (await same(small)) ?? difference;
		print({ ...document, text: small }, at);
	}
	console.log(
		`\nfuzz: ${unexplained.size === 0 && overdone.length === 0 ? "no unexplained difference" : `${unexplained.size} kinds of unexplained differences`}`,
	);
	return unexplained.size === 0 && overdone.length === 0 ? 0 : 1;
}

function explain(document: FuzzDocument, difference: Difference): Row | undefined {
	return DIFFERENCES.find(
		(row) =>
			row.stages.includes(difference.stage) &&
			row.predicate(document, difference.ours, difference.theirs, difference.what),
	);
}

function print(document: FuzzDocument, { ours, theirs }: Difference): void {
	const { format, indent, selector, macOnlyEncrypted } = document;
	const options = [
		...(indent === undefined ? [] : [`indent ${indent}`]),
		...(selector === undefined ? [] : [`${selector.name}=${selector.value}`]),
		...(macOnlyEncrypted ? ["mac_only_encrypted"] : []),
	];
	console.log(`  ${format} ${options.join(", ")}: ${visible(document.text)}`);
	if ("value" in ours && "value" in theirs)
		console.log(`  ${firstDifference(ours.value, theirs.value) ?? "differ in order only"}`);
	console.log(`  ours:   ${brief(ours)}`);
	console.log(`  theirs: ${brief(theirs)}`);
}

/** A text as a literal of JavaScript with nothing in it that cannot be seen. */
function visible(text: string): string {
	return JSON.stringify(text).replace(/[^\x20-\x7e\u00a1-\u1fff\u2100-\ufdff]/gu, (c) =>
		c.length > 1 ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

function brief(side: Difference["ours"]): string {
	const text =
		"refused" in side
			? `refused: ${side.refused}`
			: typeof side.value === "string"
				? side.value
				: JSON.stringify(side.value);
	return text.length > 1200 ? `${text.slice(0, 1200)}…` : text;
}

function show(document: FuzzDocument, verdict: Verdict): void {
	console.log(document.text);
	console.log("notes:", verdict.notes.join("; "));
	for (const difference of verdict.differences) {
		console.log(
			`${difference.stage}: ${difference.what}${explain(document, difference) ? " (explained)" : ""}`,
		);
		print(document, difference);
	}
}

async function makeKeys(oracle: Oracle): Promise<RunKeys> {
	const { identity, recipient } = await generateIdentity();
	const dataKey = crypto.getRandomValues(new Uint8Array(32));
	const { enc } = await oracle.call("encrypt", {
		format: "yaml",
		text: "a: 1\n",
		ageRecipients: [recipient],
		dataKey,
	});
	return { identity, recipient, dataKey, enc: enc[0]![0]! };
}
