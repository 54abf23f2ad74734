import { flatText } from "../leaf/flat.ts";
import { sameLeaf } from "../leaf/leaf.ts";
import { alignEntries, alignItems } from "../tree/align.ts";
import { Identities, valuesOf } from "../tree/identity.ts";
import type { Branches, CommentNode, ListNode, MapNode, ValueNode } from "../tree/tree.ts";

/**
 * Gives values and comments of new branches the ciphertext that they had in a file, where value, type and path are the
 * same. Of equal items of a list each keeps its own.
 *
 * @param flat - the format knows texts only: what was a number is one again while its text is the same
 */
export function carryOver(before: Branches, after: Branches, flat: boolean): void {
	const identities = new Identities();
	const pending: [ValueNode, ValueNode][] = [];
	for (const [index, branch] of after.entries()) {
		const old = before[index];
		if (old !== undefined) pending.push([old, branch]);
	}
	for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
		const [old, fresh] = pair;
		if (old.kind === "scalar") {
			if (fresh.kind !== "scalar") continue;
			if (flat && flatText(old.leaf) === flatText(fresh.leaf)) fresh.leaf = old.leaf;
			if (sameLeaf(old.leaf, fresh.leaf)) fresh.sealed = old.sealed;
		} else if (old.kind === "map" && fresh.kind === "map") {
			for (const [item, was] of alignEntries(old, fresh)) pending.push([was.value, item.value]);
			carryComments(old, fresh);
		} else if (old.kind === "list" && fresh.kind === "list") {
			for (const [item, was] of alignItems(valuesOf(old), valuesOf(fresh), identities))
				pending.push([was, item]);
			carryComments(old, fresh);
		}
	}
}

function carryComments(before: MapNode | ListNode, after: MapNode | ListNode): void {
	const sealed = new Map<string, CommentNode[]>();
	for (const item of childrenOf(before)) {
		if (item.kind !== "comment" || item.sealed === undefined) continue;
		const known = sealed.get(item.text);
		if (known === undefined) sealed.set(item.text, [item]);
		else known.push(item);
	}
	const children = childrenOf(after);
	for (const [index, item] of children.entries()) {
		const old = item.kind === "comment" ? sealed.get(item.text)?.shift() : undefined;
		if (old !== undefined) children[index] = { ...(item as CommentNode), sealed: old.sealed };
	}
}

function childrenOf(node: MapNode | ListNode): (MapNode["entries"][number] | ListNode["items"][number])[] {
	return node.kind === "map" ? node.entries : node.items;
}
