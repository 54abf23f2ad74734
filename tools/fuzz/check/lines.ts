import { Cipher } from "../../../packages/core/src/cipher.ts";
import type { ParsedFile } from "../../../packages/core/src/formats/codec.ts";
import type { Format } from "../../../packages/core/src/formats/formats.ts";
import { codecOf } from "../../../packages/core/src/formats/formats.ts";
import { readStatements } from "../../../packages/core/src/formats/ini/statement.ts";
import { DEFAULT_SELECTOR, Judge } from "../../../packages/core/src/selectors.ts";
import { encryptTree } from "../../../packages/core/src/steps/encrypt-tree.ts";
import type { FuzzDocument } from "../document.ts";
import type { Side } from "./side.ts";

/**
 * Whether every line of the source that holds nothing encrypted is in the result, byte for byte and in order.
 *
 * @returns the result itself, or what is missing
 */
export function keptLines(document: FuzzDocument, { source }: ParsedFile, result: string): Side {
	const { format, selector } = document;
	const missing = missingLine(source, touchedOffsets({ format, selector, text: source }), result, format);
	return missing === undefined ? { value: result } : { value: `missing: ${JSON.stringify(missing)}` };
}

/** Where the source holds what is encrypted: offsets of starts and ends. */
export function touchedOffsets(
	document: Pick<FuzzDocument, "format" | "selector"> & { readonly text: string },
): readonly (readonly [number, number])[] {
	const { branches } = codecOf(document.format).parse(document.text, { wideIntegers: "refuse" });
	const judge = new Judge(document.selector ?? DEFAULT_SELECTOR);
	const spans: [number, number][] = [];
	for (const { start, end } of branches) {
		// The metadata goes behind the last entry in the braces of a root in flow style, which may be followed by a comma.
		if (document.format !== "yaml" || document.text[start] !== "{") continue;
		const brace = document.text.lastIndexOf("}", end);
		const entry = document.text.slice(0, brace).replace(/[\s,]+$/, "").length - 1;
		spans.push([entry, brace + 1]);
	}
	for (const change of encryptTree(branches, judge, false, new Cipher(new Uint8Array(32))).changes) {
		if (change.kind === "replace" && change.node.start >= 0) spans.push([change.node.start, change.node.end]);
	}
	return document.format === "ini" ? iniSpans(document.text, spans) : spans;
}

/**
 * INI changes statements as a whole, with the comments above and the lines that a value goes on in. What it has beside
 * its tree need not stay either: comments at the end, and values of equal keys.
 */
function iniSpans(
	text: string,
	spans: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
	const touched: [number, number][] = [];
	const { sections } = readStatements(text);
	for (const { header, keys } of sections) {
		for (const statement of header === undefined ? keys : [header, ...keys]) {
			const start = statement.comment?.above[0]?.line ?? statement.line;
			const twin =
				"name" in statement && keys.some((key) => key !== statement && key.name === statement.name);
			if (twin || spans.some(([at]) => at >= start && at < Math.max(statement.next, start + 1)))
				touched.push([start, statement.next]);
		}
	}
	const last = sections.at(-1)!;
	touched.push([last.keys.at(-1)?.next ?? last.header?.next ?? 0, text.length]);
	return touched;
}

/** The first line of `source` outside of `spans` that `result` does not have behind those before it. */
export function missingLine(
	source: string,
	spans: readonly (readonly [number, number])[],
	result: string,
	format: Format,
): string | undefined {
	const touched = new Set<number>();
	const starts = [0];
	for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
	const lineOf = (offset: number): number => {
		let low = 0;
		let high = starts.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (starts[middle]! <= offset) low = middle;
			else high = middle - 1;
		}
		return low;
	};
	for (const [start, end] of spans) {
		for (let line = lineOf(start); line <= lineOf(Math.max(start, end - 1)); line++) touched.add(line);
	}
	// The end of the last line of an INI file goes with what is behind it.
	const lineBreak = format === "ini" ? /\r?\n/ : "\n";
	const lines = source.split(lineBreak);
	const found = result.split(lineBreak);
	// JSON needs a comma between the last entry and the metadata, and may need lines of its own for the braces.
	const last = format === "json" ? lastEntryLine(lines) : lines.length - 1;
	let at = 0;
	for (const [index, line] of lines.entries()) {
		if (touched.has(index) || index >= last || line === "") continue;
		while (at < found.length && found[at] !== line) at++;
		if (at === found.length) return line;
		at++;
	}
	return undefined;
}

function lastEntryLine(lines: readonly string[]): number {
	let at = lines.length - 1;
	while (at >= 0 && !/[^\s}]/.test(lines[at]!)) at--;
	return at;
}
