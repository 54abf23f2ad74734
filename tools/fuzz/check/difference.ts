import type { Side } from "./side.ts";
import { firstDifference } from "./typed.ts";

export type Stage = "load" | "emit" | "encrypt" | "keep" | "decrypt";
export const STAGES: readonly Stage[] = ["load", "emit", "encrypt", "keep", "decrypt"];

/** Two implementations that do not agree. */
export interface Difference {
	readonly stage: Stage;
	/** Which comparison; the same mistake gives the same name. */
	readonly what: string;
	readonly ours: Side;
	readonly theirs: Side;
	/** The encrypted file that both were given, at the stage `decrypt`; elsewhere it is the document. */
	readonly encrypted?: Uint8Array;
}

/**
 * Compares what both made. Two refusals are the same, whatever they say.
 *
 * @returns `undefined` when there is no difference
 */
export function compareSides(stage: Stage, what: string, ours: Side, theirs: Side): Difference | undefined {
	if ("refused" in ours && "refused" in theirs) return isCrash(ours) ? difference("we crash") : undefined;
	if ("value" in ours && "value" in theirs && JSON.stringify(ours.value) === JSON.stringify(theirs.value))
		return undefined;
	if ("refused" in ours) return difference(`we refuse (${kindOfRefusal(ours.refused)})`);
	if ("refused" in theirs) return difference(`the reference refuses (${kindOfRefusal(theirs.refused)})`);
	return difference(kindOfDifference(ours.value, theirs.value));

	function difference(how: string): Difference {
		return { stage, what: `${what}: ${how}`, ours, theirs };
	}
}

/** An error that is none of ours says nothing useful to anybody. */
function isCrash(side: Side): boolean {
	return "refused" in side && side.refused.startsWith("crash:");
}

/** A refusal without what is particular to one document. */
function kindOfRefusal(text: string): string {
	return text
		.split("\n")[0]!
		.replace(/"[^"]*"|`[^`]*`/g, "…")
		.replace(/\b(line|column) \d+(, )?/g, "")
		.replace(/ at \S+ /g, " at … ")
		.replace(/\d+/g, "0")
		.slice(0, 160);
}

function kindOfDifference(ours: unknown, theirs: unknown): string {
	if (typeof ours === "string" && typeof theirs === "string") {
		const lines = theirs.split("\n");
		const found = ours.split("\n");
		const at = found.findIndex((line, i) => line !== lines[i]);
		return `differs: ${shape(found[at])} for ${shape(lines[at === -1 ? found.length : at])}`;
	}
	const path = firstDifference(ours, theirs)?.split(":")[0] ?? "in order";
	return `differs in ${path
		.split(".")
		.filter((name) => !/^\d+$/.test(name))
		.slice(-2)
		.join(".")}`;
}

/** A line without its words. */
function shape(line: string | undefined): string {
	return line === undefined
		? "nothing"
		: line
				.trim()
				.replace(/[\p{L}\p{N}_]+/gu, "a")
				.replace(/ +/g, " ")
				.slice(0, 12);
}
