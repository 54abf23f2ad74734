import { type Leaf, sameLeaf } from "../leaf/leaf.ts";
import type { Branches, CommentNode, EntryNode, ValueNode } from "./tree.ts";

type Node = ValueNode | CommentNode | EntryNode;

/** Whether two files say the same: structure, keys, leaves and comments, in order. Spans and layout do not count. @param same - how leaves compare */
export function sameBranches(
	a: Branches,
	b: Branches,
	same: (a: Leaf, b: Leaf) => boolean = sameLeaf,
): boolean {
	if (a.length !== b.length) return false;
	const pending: [Node, Node][] = a.map((branch, i) => [branch, b[i]!]);
	for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
		const [x, y] = pair;
		if (x.kind === "scalar") {
			if (y.kind !== "scalar" || !same(x.leaf, y.leaf)) return false;
		} else if (x.kind === "comment") {
			if (y.kind !== "comment" || x.text !== y.text) return false;
		} else if (x.kind === "entry") {
			if (y.kind !== "entry" || x.key !== y.key) return false;
			pending.push([x.value, y.value]);
		} else {
			const left: readonly Node[] = x.kind === "map" ? x.entries : x.items;
			if (y.kind !== x.kind) return false;
			const right: readonly Node[] = y.kind === "map" ? y.entries : y.items;
			if (left.length !== right.length) return false;
			for (let i = 0; i < left.length; i++) pending.push([left[i]!, right[i]!]);
		}
	}
	return true;
}
