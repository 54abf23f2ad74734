import type { CommentNode, EntryNode, ValueNode } from "../../tree/tree.ts";
import type { ParsedFile } from "../codec.ts";

/**
 * Whether a `#` stands outside of everything that the tree has a place for: go-yaml drops comments behind directives,
 * behind `...`, and at some places of flow collections.
 */
export function hasUnreadComment({ source, branches }: ParsedFile): boolean {
	if (!source.includes("#")) return false;
	const spans: { readonly start: number; readonly end: number }[] = [];
	const pending: (EntryNode | CommentNode | ValueNode)[] = [...branches];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		if (node.kind === "map") for (const item of node.entries) pending.push(item);
		else if (node.kind === "list") for (const item of node.items) pending.push(item);
		else spans.push(node);
		if (node.kind === "entry") pending.push(node.value);
	}
	spans.sort((a, b) => a.start - b.start);
	let read = 0;
	for (const { start, end } of spans) {
		if (start > read && source.slice(read, start).includes("#")) return true;
		read = Math.max(read, end);
	}
	return source.includes("#", read);
}
