import { decodeAnyBytes } from "../../packages/core/src/leaf/any-bytes.ts";
import type { Difference } from "./check/difference.ts";
import { firstDifference } from "./check/typed.ts";
import type { FuzzDocument } from "./document.ts";

/** A difference, with what is needed to see it again. */
export function printDifference(document: FuzzDocument, { ours, theirs, encrypted }: Difference): void {
	const { format, indent, selector, macOnlyEncrypted } = document;
	const options = [
		...(indent === undefined ? [] : [`indent ${indent}`]),
		...(selector === undefined ? [] : [`${selector.name}=${selector.value}`]),
		...(macOnlyEncrypted ? ["mac_only_encrypted"] : []),
	];
	const shown = encrypted === undefined ? document.text : decodeAnyBytes(encrypted);
	console.log(`  ${format} ${options.join(", ")}: ${visible(shown)}`);
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
