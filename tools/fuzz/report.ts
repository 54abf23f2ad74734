import type { Verdict } from "./check/checker.ts";
import { classesOf, REQUIRED } from "./classes.ts";
import { DIFFERENCES, type Row } from "./differences.ts";
import type { FuzzDocument, FuzzFormat } from "./document.ts";

/** What a run saw, summed up. */
export class Report {
	private readonly perFormat = new Map<FuzzFormat, FormatReport>();
	private readonly byRow = new Map<Row, Set<FuzzDocument>>();

	add(document: FuzzDocument, verdict: Verdict): void {
		let report = this.perFormat.get(document.format);
		if (report === undefined) {
			report = new FormatReport(document.format);
			this.perFormat.set(document.format, report);
		}
		report.add(document, verdict);
	}

	explained(row: Row, document: FuzzDocument): void {
		const documents = this.byRow.get(row) ?? new Set();
		this.byRow.set(row, documents.add(document));
	}

	/** Rows that explain more than they may. */
	overdone(): string[] {
		return DIFFERENCES.filter(
			(row) => this.times(row) > Math.max(3, (row.atMost * this.outOf(row)) / 1000),
		).map(
			(row) =>
				`the row "${row.name}" explains ${this.times(row)} of ${this.outOf(row)} documents, at most ${row.atMost} in a thousand`,
		);
	}

	/** Classes that never came. */
	missing(): string[] {
		return [...this.perFormat.values()].flatMap((report) => report.missing());
	}

	print(): void {
		for (const report of this.perFormat.values()) report.print();
		console.log("\ndeliberate differences");
		for (const row of DIFFERENCES)
			console.log(
				`  ${String(this.times(row)).padStart(5)} of ${this.outOf(row)}  ${row.name} (${row.decision})`,
			);
	}

	private times(row: Row): number {
		return this.byRow.get(row)?.size ?? 0;
	}

	private outOf(row: Row): number {
		return row.formats.reduce((sum, format) => sum + (this.perFormat.get(format)?.documents ?? 0), 0);
	}
}

class FormatReport {
	documents = 0;
	private bytes = 0;
	private readonly format: FuzzFormat;
	/** Documents of each class, by group. */
	private readonly groups = new Map<string, Map<string, number>>();

	constructor(format: FuzzFormat) {
		this.format = format;
		// In this order, and with what stays at zero.
		for (const [group, names] of Object.entries(REQUIRED[format]))
			this.groups.set(group, new Map(names.map((name) => [name, 0])));
	}

	add(document: FuzzDocument, verdict: Verdict): void {
		this.documents++;
		this.bytes += document.input.length;
		for (const [group, names] of classesOf(document, verdict)) {
			let counts = this.groups.get(group);
			if (counts === undefined) {
				counts = new Map();
				this.groups.set(group, counts);
			}
			for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
		}
	}

	missing(): string[] {
		return [...this.groups].flatMap(([group, counts]) =>
			[...counts]
				.filter(([, documents]) => documents === 0)
				.map(([name]) => `${this.format}: no document of the class "${group}: ${name}"`),
		);
	}

	print(): void {
		console.log(
			`\n${this.format}: ${this.documents} files, ${(this.bytes / 1024).toFixed(0)} KiB; files of each class`,
		);
		for (const [group, counts] of this.groups) {
			const shown = [...counts]
				.sort((a, b) => b[1] - a[1])
				.map(([name, documents]) => `${name} ${documents}`);
			console.log(`  ${group}: ${shown.join(", ")}`);
		}
	}
}
