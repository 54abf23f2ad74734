/// <reference lib="es2024.string" />
import { SopsError } from "../../errors.ts";
import type { Finding } from "../../finding.ts";
import { encodeAnyBytes } from "../../leaf/any-bytes.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import { formatPath } from "../../path.ts";
import { comment, entry, type MapNode, map, scalar } from "../../tree/tree.ts";
import type { ParsedFile } from "../codec.ts";

/** Findings are for people, and each of them names a path, whose length is the author's choice. */
const MAX_FINDINGS = 100;

/**
 * dotenv to a tree (sops 3.13.3, stores/dotenv/store.go; format section 10): a line is nothing, a comment after
 * `#`, or a name, the first `=` and a value, in which the two characters `\n` are a newline. Nothing is trimmed,
 * quotes and `export` mean nothing, a carriage return belongs to its line.
 *
 * @throws `syntax-invalid`, which names the line and nothing of it
 */
export function parseDotenv(source: string): ParsedFile {
	const branch = map([], 0, source.length);
	const findings: Finding[] = [];
	const seen = new Set<string>();
	let line = 0;
	for (let start = 0; start < source.length; ) {
		line++;
		const newline = source.indexOf("\n", start);
		const end = newline === -1 ? source.length : newline;
		if (end > start) readLine(source, start, end, line, branch, seen, findings);
		start = end + 1;
	}
	return { source, branches: [branch], findings };
}

function readLine(
	source: string,
	start: number,
	end: number,
	line: number,
	branch: MapNode,
	seen: Set<string>,
	findings: Finding[],
): void {
	if (source[start] === "#") {
		branch.entries.push(comment(source.slice(start + 1, end), false, start, end));
		return;
	}
	const text = source.slice(start, end);
	const separator = text.indexOf("=");
	if (separator === -1) throw invalid(line, 'the line is neither a comment nor has a "="');
	const key = text.slice(0, separator);
	if (seen.has(key) && findings.length < MAX_FINDINGS) {
		findings.push({
			code: "key-duplicate",
			message: `The key ${formatPath([key])} stands more than once; readers of data see the last one.`,
			path: [key],
		});
	}
	seen.add(key);
	const value = scalar(leafOf(text.slice(separator + 1)), start + separator + 1, end);
	branch.entries.push(entry(key, value, start, start + separator));
}

function leafOf(text: string): Leaf {
	const value = text.replaceAll("\\n", "\n");
	return { type: "str", value: value.isWellFormed() ? value : encodeAnyBytes(value) };
}

function invalid(line: number, reason: string): SopsError {
	return new SopsError(
		"syntax-invalid",
		`The dotenv text cannot be read at line ${line}: ${reason}. Correct the line, or name the right format.`,
		{ format: "dotenv", line, column: 1, reason },
	);
}
