import { dropBlanks } from "../../leaf/blank.ts";
import type { Span } from "../../tree/tree.ts";
import { commentText, type SourceComment } from "./comment.ts";
import type { Edit } from "./edit.ts";
import { fitInline, fitValue, isHeader } from "./fit.ts";
import { endOfLine } from "./line.ts";
import type { HeaderStatement, KeyStatement } from "./statement.ts";
import type { Style } from "./style.ts";

/** One way to set a statement with its comment. */
interface Setting {
	/** What stands behind the value or the bracket. */
	readonly tail: string;
	/** The comment lines above; `undefined`: as they are. */
	readonly above: string | undefined;
	/** One more of them. */
	readonly added?: string;
	accepts(comment: string | undefined): boolean;
}

/** A statement with the place behind it where a comment may be. */
interface Commented {
	readonly line: number;
	readonly start: number;
	readonly comment: SourceComment | undefined;
	readonly tail: Span;
}

/** Edits that give a key another value or comment; `undefined` if there is no way to write them. */
export function patchKey(
	source: string,
	key: KeyStatement,
	value: string,
	comment: string | undefined,
	style: Style,
): Edit[] | undefined {
	if (key.value.text === value && textOf(key.comment) === comment) return [];
	const { start, end } = key.value;
	const lineEnd = endOfLine(source, end);
	const tail = { start: end, end: lineEnd - /\r?\n?$/.exec(source.slice(end, lineEnd))![0].length };
	const statement = { line: key.line, start: key.start, comment: key.comment, tail };
	const pad = start === end ? blankFor(source, key) : "";
	for (const setting of settingsFor(source, statement, comment, style)) {
		const behind = start === end && /^[#;]/.test(setting.tail) ? " " : "";
		const raw = fitValue(value, source.slice(start, end), setting.tail, setting.accepts);
		if (raw === undefined) continue;
		const text = raw === "" ? setting.tail : pad + raw + behind + setting.tail;
		return [...aboveEdits(statement, setting), { start, end: tail.end, text }];
	}
	return undefined;
}

/** Edits that give a section another comment. */
export function patchHeader(
	source: string,
	header: HeaderStatement,
	comment: string | undefined,
	style: Style,
): Edit[] | undefined {
	if (textOf(header.comment) === comment) return [];
	const tail = { start: header.name.end + 1, end: header.end };
	const statement = { line: header.line, start: header.start, comment: header.comment, tail };
	const name = source.slice(header.name.start, header.name.end);
	for (const setting of settingsFor(source, statement, comment, style)) {
		if (!isHeader(`[${name}]${setting.tail}`, name, setting.accepts)) continue;
		return [...aboveEdits(statement, setting), { ...tail, text: setting.tail }];
	}
	return undefined;
}

/** Edits that take away the comment lines above a statement. */
export function removeAbove(comment: SourceComment | undefined): Edit[] {
	return (comment?.above ?? []).map((line) => ({ start: line.line, end: line.next, text: "" }));
}

function textOf(comment: SourceComment | undefined): string | undefined {
	return comment && commentText(comment.raw);
}

/** A blank in front of a value where there was none, if the author has one before the delimiter. */
function blankFor(source: string, { delimiter, value }: KeyStatement): string {
	const isSet = value.start > delimiter + 1 || !/[ \t]/.test(source.charAt(delimiter - 1));
	return isSet ? "" : " ";
}

/**
 * The ways to set a statement, the one that changes least first. A comment that stood behind goes on a line
 * above where it cannot stand behind any more: it is of several lines now, the value has got quotes that let
 * nothing behind them count, or it holds the bracket that would end the section's name.
 */
function* settingsFor(
	source: string,
	{ line, start, comment, tail }: Commented,
	wanted: string | undefined,
	style: Style,
): Generator<Setting> {
	const first = comment?.above[0];
	const indent = source.slice(first?.line ?? line, first?.start ?? start);
	const inline = comment?.inline;
	const isNone = (found: string | undefined): boolean => found === undefined;
	const rest = source.slice(tail.start, tail.end);
	const inlineText = inline && source.slice(inline.start, inline.end);
	const kept =
		inline === undefined ? rest : source.slice(tail.start, dropBlanks(source, tail.start, inline.start));
	if (textOf(comment) === wanted) {
		yield { tail: rest, above: undefined, accepts: (found) => found === inlineText };
		const added = inlineText === undefined ? "" : source.slice(line, start) + inlineText + style.lineBreak;
		yield { tail: kept, above: undefined, added, accepts: isNone };
		yield { tail: "", above: undefined, added, accepts: isNone };
		return;
	}
	if (wanted !== undefined && inline !== undefined && comment?.above.length === 0) {
		const fitted = fitInline(wanted, inlineText ?? "");
		if (fitted !== undefined) {
			yield {
				tail: source.slice(tail.start, inline.start) + fitted,
				above: undefined,
				accepts: (found) => found !== undefined && commentText(found) === wanted,
			};
		}
	}
	const above = style.comment(wanted, indent, comment?.raw);
	if (above === undefined) return;
	yield { tail: kept, above, accepts: isNone };
	yield { tail: "", above, accepts: isNone };
}

function aboveEdits({ line, comment }: Commented, { above, added = "" }: Setting): Edit[] {
	const [first, ...others] = above === undefined ? [] : removeAbove(comment);
	if (first !== undefined) return [{ ...first, text: above ?? "" }, ...others];
	const text = (above ?? "") + added;
	return text === "" ? [] : [{ start: line, end: line, text }];
}
