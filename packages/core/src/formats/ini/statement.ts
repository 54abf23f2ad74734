import { SopsError } from "../../errors.ts";
import { dropBlanks, skipBlanks } from "../../leaf/blank.ts";
import type { Span } from "../../tree/tree.ts";
import { positionAt } from "../position.ts";
import { type CommentLine, type SourceComment, sourceComment } from "./comment.ts";
import { type KeyNameFault, readKeyName } from "./key-name.ts";
import { endOfLine } from "./line.ts";
import { readValue, type SourceValue } from "./value.ts";

/** The line of a section; its span begins at the bracket and ends behind the last character that is not blank. */
export interface HeaderStatement extends Span {
	readonly line: number;
	readonly next: number;
	readonly name: Span;
	readonly comment: SourceComment | undefined;
}

/** A key and its value; the span covers the key with its quotes. */
export interface KeyStatement extends Span {
	/** Where the line begins. */
	readonly line: number;
	/** Where the line behind the value begins. */
	readonly next: number;
	readonly name: string;
	/** The source says `-`, and the name was counted. */
	readonly isCounted: boolean;
	readonly delimiter: number;
	readonly value: SourceValue;
	readonly comment: SourceComment | undefined;
}

export interface SourceSection {
	readonly name: string;
	/** Absent for the section of keys that no header is above of. */
	readonly header: HeaderStatement | undefined;
	readonly keys: KeyStatement[];
}

export interface SourceFile {
	/** Behind the byte order mark. */
	readonly start: number;
	/** At least one: the section without a header is always there. */
	readonly sections: readonly SourceSection[];
}

/** Those of UTF-16 are skipped too, though the text behind is then read as bytes (ini.v1: parser.go, `BOM`). */
export const BYTE_ORDER_MARK: RegExp = /^(\uFEFF|\uDCFF\uDCFE|\uDCFE\uDCFF)/;

/** ini.v1: ini.go, `DefaultSection`. */
export const DEFAULT_SECTION = "DEFAULT";

const FAULTS: Readonly<Record<KeyNameFault, string>> = {
	quote: "the quote around a key is not closed",
	delimiter: "a line has neither = nor :",
	empty: "a key is empty",
};

/**
 * The statements of a text as ini.v1 1.67.3 finds them when only non-unique sections are allowed (parser.go,
 * `parse`), with their places. Comments behind the last statement belong to nothing.
 *
 * @throws SopsError `syntax-invalid`
 */
export function readStatements(source: string): SourceFile {
	const start = BYTE_ORDER_MARK.exec(source)?.[0].length ?? 0;
	let section: SourceSection = { name: DEFAULT_SECTION, header: undefined, keys: [] };
	const sections = [section];
	let above: CommentLine[] = [];
	let count = 1;
	for (let line = start; line < source.length; ) {
		const next = endOfLine(source, line);
		const at = skipBlanks(source, line, next);
		const first = at < next ? source.charAt(at) : "";
		if (first === "#" || first === ";") {
			above.push({ line, start: at, end: dropBlanks(source, at, next), next });
			line = next;
		} else if (first === "[") {
			section = readHeader(source, line, at, next, above);
			sections.push(section);
			above = [];
			count = 1;
			line = next;
		} else if (first === "") {
			line = next;
		} else {
			const statement = readKey(source, line, at, next, above, count);
			if (statement.isCounted) count++;
			section.keys.push(statement);
			above = [];
			line = statement.next;
		}
	}
	return { start, sections };
}

/** A section's name ends at the last bracket of the line, be it in a comment. */
function readHeader(
	source: string,
	line: number,
	start: number,
	next: number,
	above: readonly CommentLine[],
): SourceSection {
	const close = start + source.slice(start, next).lastIndexOf("]");
	if (close < start) fail(source, start, "the bracket of a section is not closed");
	if (close === start + 1) fail(source, start, "a section has no name");
	const end = dropBlanks(source, start, next);
	const mark = source.slice(close + 1, end).search(/[#;]/);
	const inline = mark < 0 ? undefined : { start: close + 1 + mark, end };
	const header: HeaderStatement = {
		line,
		start,
		end,
		next,
		name: { start: start + 1, end: close },
		comment: sourceComment(source, above, inline),
	};
	return { name: source.slice(start + 1, close), header, keys: [] };
}

function readKey(
	source: string,
	line: number,
	start: number,
	next: number,
	above: readonly CommentLine[],
	count: number,
): KeyStatement {
	const key = readKeyName(source.slice(start, next));
	if (typeof key === "string") fail(source, start, FAULTS[key]);
	const delimiter = start + key.delimiter;
	const value = readValue(source, delimiter + 1);
	if (value === undefined) fail(source, delimiter + 1, "the quote around a value is not closed");
	const isCounted = key.name === "-";
	return {
		line,
		start,
		end: start + key.end,
		next: value.next,
		name: isCounted ? `#${count}` : key.name,
		isCounted,
		delimiter,
		value,
		comment: sourceComment(source, above, value.comment),
	};
}

function fail(source: string, at: number, reason: string): never {
	const { line, column } = positionAt(source, at);
	throw new SopsError(
		"syntax-invalid",
		`The file is not well-formed INI: line ${line}, column ${column}: ${reason}.`,
		{ format: "ini", line, column, reason },
	);
}
