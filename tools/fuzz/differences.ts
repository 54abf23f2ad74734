import type { Side, Stage } from "./check.ts";
import type { FuzzDocument } from "./document.ts";

/** A way in which this library is meant to differ from the reference. */
export interface Row {
	readonly name: string;
	readonly reason: string;
	/** Path of the decision record. */
	readonly decision: string;
	readonly stages: readonly Stage[];
	predicate(document: FuzzDocument, ours: Side, theirs: Side): boolean;
	/** Largest share of the documents, in thousandths: a row that covers more hides something. */
	readonly atMost: number;
}

/** Every deliberate difference. What no row explains fails the run. */
export const DIFFERENCES: readonly Row[] = [
	{
		name: "JSON that is none is refused",
		reason: "The reference ignores what follows the root object, and drops the unfinished end of some files.",
		decision: "docs/decisions/0003-stricter-json.md",
		stages: ["load"],
		predicate: (document, ours) =>
			document.format === "json" && refused(ours, "syntax-invalid") && !isJson(document.text),
		atMost: 60,
	},
	{
		name: "a JSON integer beyond 64 bit is refused",
		reason: "The reference rounds it to a float in silence.",
		decision: "docs/decisions/0003-stricter-json.md",
		stages: ["load"],
		predicate: (document, ours) => document.format === "json" && refused(ours, "integer-out-of-range"),
		atMost: 60,
	},
];

function refused(side: Side, code: string): boolean {
	return "refused" in side && side.refused.startsWith(`${code}:`);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
