import type { Leaf } from "../leaf/leaf.ts";

/**
 * Where a node stands in the source: UTF-16 offsets `[start, end)`. Nodes that were never in a source, or
 * come out of an alias, have `start === -1`.
 */
export interface Span {
	start: number;
	end: number;
}

/** One value. The leaf is replaced in place by the operation that owns the tree. */
export interface ScalarNode extends Span {
	readonly kind: "scalar";
	leaf: Leaf;
	/** The ciphertext that `leaf` came from; reused verbatim while the leaf and its path stay the same. */
	sealed: string | undefined;
}

/** A comment, without its `#`. In a mapping it stands among the entries, in a list among the items. */
export interface CommentNode extends Span {
	readonly kind: "comment";
	readonly text: string;
	/** Behind a value on the same line. The reference forgets that of a comment it decrypted (format section 8). */
	readonly inline: boolean;
	/** The ciphertext that `text` came from. */
	readonly sealed: string | undefined;
	/** In the file it is an item of its list: so the reference writes encrypted comments of lists. */
	readonly asItem: boolean;
}

/** One key and its value. The span covers the key. */
export interface EntryNode extends Span {
	readonly kind: "entry";
	readonly key: string;
	value: ValueNode;
}

export interface MapNode extends Span {
	readonly kind: "map";
	readonly entries: (EntryNode | CommentNode)[];
}

export interface ListNode extends Span {
	readonly kind: "list";
	readonly items: (ValueNode | CommentNode)[];
}

export type ValueNode = ScalarNode | MapNode | ListNode;

/** The documents of a file: one mapping each; every format but YAML has exactly one. */
export type Branches = MapNode[];

export function scalar(leaf: Leaf, start = -1, end = -1): ScalarNode {
	return { kind: "scalar", start, end, leaf, sealed: undefined };
}

export function comment(text: string, inline: boolean, start = -1, end = -1): CommentNode {
	return { kind: "comment", start, end, text, inline, sealed: undefined, asItem: false };
}

export function entry(key: string, value: ValueNode, start = -1, end = -1): EntryNode {
	return { kind: "entry", start, end, key, value };
}

export function map(entries: (EntryNode | CommentNode)[] = [], start = -1, end = -1): MapNode {
	return { kind: "map", start, end, entries };
}

export function list(items: (ValueNode | CommentNode)[] = [], start = -1, end = -1): ListNode {
	return { kind: "list", start, end, items };
}

/** The first entry of a mapping with a key; later ones of the same key are unreachable by path, as in the reference. */
export function findEntry(branch: MapNode, key: string): EntryNode | undefined {
	for (const item of branch.entries) {
		if (item.kind === "entry" && item.key === key) return item;
	}
	return undefined;
}
