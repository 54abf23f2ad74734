import type { Finding } from "../../finding.ts";
import { encodeAnyBytes } from "../../leaf/any-bytes.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import { formatPath, type Path } from "../../path.ts";
import {
	type CommentNode,
	comment,
	type EntryNode,
	entry,
	type MapNode,
	map,
	scalar,
} from "../../tree/tree.ts";
import type { ParsedFile } from "../codec.ts";
import { commentText, type SourceComment } from "./comment.ts";
import { readStatements, type SourceSection } from "./statement.ts";

/** Findings are for people, and each of them names a path, whose length is the author's choice. */
const MAX_FINDINGS = 100;

/**
 * INI to a tree of sections, as the store of sops 3.13.3 makes it of what ini.v1 1.67.3 reads
 * (stores/ini/store.go, `treeBranchesFromIni`). Every value is a text. The first section is `DEFAULT`, with
 * the keys that no header is above of, also when there are none; a header `[DEFAULT]` is a section of its
 * own. A section's comment stands first in it, a key's comment behind the key. Of equal keys in one section
 * the first has the place, the last one the value and the comment; equal sections stay apart.
 *
 * The entry of the first section has an empty span at the beginning of the file. A comment of several parts
 * has the span of those above the statement, or else of the one behind it.
 *
 * @throws SopsError `syntax-invalid`
 */
export function parseIni(source: string): ParsedFile {
	const { start, sections } = readStatements(source);
	const findings = new Findings();
	const names = new Set<string>();
	const root = map([], 0, source.length);
	for (const section of sections) {
		const { name, header } = section;
		if (names.has(name)) findings.addDuplicate([name]);
		// A section that nobody wrote is no duplicate of one that somebody did.
		if (header !== undefined || section.keys.length > 0) names.add(name);
		const value = readSection(section, start, findings);
		root.entries.push(entry(name, value, header?.name.start ?? start, header?.name.end ?? start));
	}
	return { source, branches: [root], findings: findings.all };
}

function readSection({ name, header, keys }: SourceSection, fileStart: number, findings: Findings): MapNode {
	const found = new Map<string, [EntryNode, CommentNode | undefined]>();
	for (const key of keys) {
		const { text } = key.value;
		const leaf: Leaf = { type: "str", value: text.isWellFormed() ? text : encodeAnyBytes(text) };
		const value = scalar(leaf, key.value.start, key.value.end);
		if (found.has(key.name)) findings.addDuplicate([name, key.name]);
		// A map keeps the place of a key that is set again, as ini.v1 does.
		found.set(key.name, [entry(key.name, value, key.start, key.end), commentNode(key.comment)]);
	}
	const last = keys.at(-1);
	const node = map([], header?.start ?? fileStart, last?.value.end ?? header?.end ?? fileStart);
	if (last?.value.comment !== undefined) node.end = last.value.comment.end;
	const own = commentNode(header?.comment);
	if (own !== undefined) node.entries.push(own);
	for (const [item, behind] of found.values()) {
		node.entries.push(item);
		if (behind !== undefined) node.entries.push(behind);
	}
	return node;
}

function commentNode(of: SourceComment | undefined): CommentNode | undefined {
	if (of === undefined) return undefined;
	const first = of.above[0] ?? of.inline;
	const last = of.above.at(-1) ?? of.inline;
	return comment(commentText(of.raw), false, first?.start, last?.end);
}

class Findings {
	readonly all: Finding[] = [];

	addDuplicate(path: Path): void {
		if (this.all.length >= MAX_FINDINGS) return;
		this.all.push({
			code: "key-duplicate",
			message: `${formatPath(path)} appears twice; readers of data see the last one.`,
			path,
		});
	}
}
