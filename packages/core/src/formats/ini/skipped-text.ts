import { skipBlanks } from "../../leaf/blank.ts";
import type { ParsedFile } from "../codec.ts";
import { readStatements } from "./statement.ts";

/**
 * Whether something stands behind a bracket or a closing quote that is neither a delimiter nor a comment: ini.v1 skips
 * it (parser.go, `readKeyName`, `readValue`), so no tree has it.
 */
export function hasSkippedText({ source }: Pick<ParsedFile, "source">): boolean {
	const isSkipped = (start: number, end: number): boolean => skipBlanks(source, start, end) < end;
	return readStatements(source).sections.some(
		({ header, keys }) =>
			(header !== undefined && isSkipped(header.name.end + 1, header.comment?.inline?.start ?? header.end)) ||
			keys.some(
				({ end, delimiter, value }) =>
					isSkipped(end, delimiter) || isSkipped(value.end, value.comment?.start ?? value.next),
			),
	);
}
