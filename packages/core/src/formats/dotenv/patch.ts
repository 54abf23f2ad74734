import { isSopsError } from "../../errors.ts";
import type { CommentNode, EntryNode } from "../../tree/tree.ts";
import type { ParsedFile } from "../codec.ts";
import { emitLine } from "./emit.ts";

/**
 * The tree in the lines of its source: blank lines stay where they are, and so does a missing newline at the end. An
 * item that is the same gives the same line, so what changed need not be known.
 *
 * @returns `undefined` if items of the source changed places, or dotenv cannot hold one
 */
export function patchDotenv(file: ParsedFile): string | undefined {
	const [branch] = file.branches;
	if (branch === undefined) return undefined;
	/** What is new, by the offset of the line that it follows; -1 is the start of the file. */
	const came = new Map<number, string[]>();
	const stayed = new Map<number, EntryNode | CommentNode>();
	let last = -1;
	try {
		for (const item of branch.entries) {
			if (item.start >= 0) {
				if (item.start <= last) return undefined;
				last = item.start;
				stayed.set(last, item);
			} else {
				const here = came.get(last);
				if (here === undefined) came.set(last, [emitLine(item)]);
				else here.push(emitLine(item));
			}
		}
		return rebuild(file.source, stayed, came);
	} catch (thrown) {
		// The reference's layout, which comes next, says which value it was.
		if (isSopsError(thrown, "value-unsupported")) return undefined;
		throw thrown;
	}
}

function rebuild(
	source: string,
	stayed: ReadonlyMap<number, EntryNode | CommentNode>,
	came: ReadonlyMap<number, readonly string[]>,
): string {
	const lines = source.split("\n");
	const ended = lines[lines.length - 1] === "";
	if (ended) lines.pop();
	const out: string[] = [...(came.get(-1) ?? [])];
	let start = 0;
	for (const line of lines) {
		const item = stayed.get(start);
		if (item !== undefined) out.push(emitLine(item));
		else if (line === "") out.push(line);
		for (const text of came.get(start) ?? []) out.push(text);
		start += line.length + 1;
	}
	return out.length > 0 && ended ? `${out.join("\n")}\n` : out.join("\n");
}
