import type { Change } from "./change.ts";
import type { Branches, CommentNode, EntryNode, ListNode, MapNode, ValueNode } from "./tree.ts";

type Node = EntryNode | ValueNode | CommentNode;

/**
 * What a row of changes comes to: of a value that was set twice the last one counts, and of an item that came and went
 * again nothing. The result has one change for each place, and fits in any order.
 *
 * @param branches - after all of the changes
 */
export function settle(branches: Branches, changes: readonly Change[]): Change[] {
	const present = nodesOf(branches);
	const origins = new Map<ValueNode, ValueNode>();
	const settled: Change[] = [];
	for (const change of changes) {
		switch (change.kind) {
			case "replace":
				if (present.has(change.node)) settled.push(change);
				break;
			case "exchange": {
				const before = origins.get(change.before) ?? change.before;
				origins.set(change.after, before);
				if (present.has(change.after)) settled.push({ ...change, before });
				break;
			}
			case "insert":
				if (present.has(change.item))
					settled.push({ ...change, after: neighbourOf(change.parent, change.item) });
				break;
			case "remove":
				// What was never in the source is not missed there.
				if (change.item.start >= 0 && present.has(change.parent))
					settled.push({ ...change, item: original(change.item, origins) });
				break;
		}
	}
	return settled;
}

/** An item as the source has it: an entry may have lost its value before it went. */
function original(item: Node, origins: ReadonlyMap<ValueNode, ValueNode>): Node {
	if (item.kind === "entry") {
		const value = origins.get(item.value);
		return value === undefined ? item : { ...item, value };
	}
	return item.kind === "comment" ? item : (origins.get(item) ?? item);
}

function nodesOf(branches: Branches): Set<Node> {
	const nodes = new Set<Node>();
	const pending: Node[] = [...branches];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		nodes.add(node);
		if (node.kind === "entry") pending.push(node.value);
		else if (node.kind === "map") for (const item of node.entries) pending.push(item);
		else if (node.kind === "list") for (const item of node.items) pending.push(item);
	}
	return nodes;
}

function neighbourOf(parent: MapNode | ListNode, item: Node): Node | undefined {
	const items: readonly Node[] = parent.kind === "map" ? parent.entries : parent.items;
	return items[items.indexOf(item) - 1];
}
