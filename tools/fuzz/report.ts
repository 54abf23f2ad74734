import type { Verdict } from "./check.ts";
import { DIFFERENCES, type Row } from "./differences.ts";
import type { FuzzDocument } from "./document.ts";

/** What a run saw, summed up. */
export class Report {
	private readonly perFormat = new Map<string, FormatReport>();
	private readonly byRow = new Map<Row, Set<FuzzDocument>>();

	add(document: FuzzDocument, verdict: Verdict): void {
		let report = this.perFormat.get(document.format);
		if (report === undefined) {
			report = new FormatReport();
			this.perFormat.set(document.format, report);
		}
		report.add(document, verdict);
	}

	explained(row: Row, document: FuzzDocument): void {
		const documents = this.byRow.get(row) ?? new Set();
		this.byRow.set(row, documents.add(document));
	}

	rows(): { row: Row; times: number; of: number }[] {
		let of = 0;
		for (const report of this.perFormat.values()) of += report.documents;
		return DIFFERENCES.map((row) => ({ row, times: this.byRow.get(row)?.size ?? 0, of }));
	}

	print(): void {
		for (const [format, report] of this.perFormat) report.print(format);
		console.log("\ndeliberate differences");
		for (const { row, times } of this.rows())
			console.log(`  ${String(times).padStart(5)}  ${row.name} (${row.decision})`);
	}
}

class FormatReport {
	documents = 0;
	private bytes = 0;
	private readonly features = new Map<string, { documents: number; times: number }>();
	private readonly depths = new Map<string, number>();
	private readonly counts = new Map<string, number>();
	private readonly notes = new Map<string, number>();
	private readonly selectors = new Map<string, number>();
	/** Outcomes of the layout `keep` among the documents that have a feature. */
	private readonly keep = new Map<string, Map<string, number>>();

	add(document: FuzzDocument, { notes, tree }: Verdict): void {
		this.documents++;
		this.bytes += document.text.length;
		const features = [...document.coverage.keys()].filter((name) => !/ at depth /.test(name));
		if (document.mutated) bump(this.counts, "mutated");
		for (const [name, times] of document.coverage) {
			if (!features.includes(name)) continue;
			const known = this.features.get(name) ?? { documents: 0, times: 0 };
			known.documents++;
			known.times += times;
			this.features.set(name, known);
		}
		for (const note of notes) bump(this.notes, note);
		const selector = document.selector?.name ?? "no selector";
		bump(this.selectors, selector);
		if (document.macOnlyEncrypted) bump(this.selectors, "mac_only_encrypted");
		if (tree !== undefined) {
			bump(this.counts, "read by the reference");
			bump(this.counts, "documents", tree.length);
			bump(this.depths, depthName(measure(tree, this.counts)));
		}
		for (const note of notes) {
			if (!note.startsWith("keep: ")) continue;
			for (const feature of [...features, "all"]) {
				let outcomes = this.keep.get(feature);
				if (outcomes === undefined) {
					outcomes = new Map();
					this.keep.set(feature, outcomes);
				}
				bump(outcomes, note.slice("keep: ".length));
			}
		}
	}

	print(format: string): void {
		console.log(`\n${format}: ${this.documents} files, ${(this.bytes / 1024).toFixed(0)} KiB`);
		console.log(`  ${list(this.counts)}`);
		console.log(`  depth: ${list(this.depths)}`);
		console.log(`  ${list(this.selectors)}`);
		console.log(
			`  features (times in files): ${[...this.features]
				.sort((a, b) => b[1].documents - a[1].documents)
				.map(([name, { documents, times }]) => `${name} ${times} in ${documents}`)
				.join(", ")}`,
		);
		console.log(`  ${list(this.notes)}`);
		if (this.keep.size === 0) return;
		console.log("  layout keep, by feature:");
		const outcomes = [
			"the author's text came back",
			"only values came back in another spelling",
			"fell back on decryption",
			"fell back on encryption",
		];
		const width = Math.max(...[...this.keep.keys()].map((name) => name.length));
		console.log(`    ${" ".repeat(width)}  ${outcomes.join(" | ")}`);
		const sum = (counts: Map<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
		for (const [feature, counts] of [...this.keep].sort((a, b) => sum(b[1]) - sum(a[1]))) {
			console.log(
				`    ${feature.padEnd(width)}  ${outcomes.map((name) => String(counts.get(name) ?? 0).padStart(name.length)).join(" | ")}`,
			);
		}
	}
}

function bump(counts: Map<string, number>, name: string, by = 1): void {
	counts.set(name, (counts.get(name) ?? 0) + by);
}

function depthName(depth: number): string {
	const ranges = [8, 16, 32, 64, 128, 256, 512];
	const at = ranges.findIndex((limit) => depth <= limit);
	return at === 0 ? String(depth) : `${ranges[at - 1]! + 1}–${ranges[at]}`;
}

function list(counts: ReadonlyMap<string, number>): string {
	return [...counts]
		.sort((a, b) => b[1] - a[1])
		.map(([name, n]) => `${name}: ${n}`)
		.join(", ");
}

/** Counts types and comments of a tree; gives its depth. */
function measure(node: unknown, counts: Map<string, number>): number {
	if (Array.isArray(node))
		return node.reduce((deepest: number, item) => Math.max(deepest, measure(item, counts)), 0);
	const item = node as { map?: unknown[]; list?: unknown[]; value?: unknown };
	if (item.map) {
		bump(counts, "mappings");
		return 1 + measure(item.map, counts);
	}
	if (item.list) {
		bump(counts, "lists");
		return 1 + measure(item.list, counts);
	}
	if ("value" in item) return measure(item.value, counts);
	bump(counts, Object.keys(item)[0]!);
	return 0;
}
