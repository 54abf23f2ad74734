import { looksSealedComment } from "../cipher.ts";
import { type Branches, type ListNode, type MapNode, scalar } from "../tree/tree.ts";

/**
 * Turns encrypted comments of lists into items, as the reference writes them: it forgets that they were
 * comments once they are encrypted (sops 3.13.3, sops.go, `walkSlice`), and learns it again from their type.
 */
export function encryptedCommentsToItems(branches: Branches): void {
	const pending: (MapNode | ListNode)[] = [...branches];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		if (node.kind === "map") {
			for (const item of node.entries) {
				if (item.kind === "entry" && item.value.kind !== "scalar") pending.push(item.value);
			}
			continue;
		}
		const { items } = node;
		for (let i = 0; i < items.length; i++) {
			const item = items[i]!;
			if (item.kind === "comment") {
				if (looksSealedComment(item.text))
					items[i] = scalar({ type: "str", value: item.text }, item.start, item.end);
			} else if (item.kind !== "scalar") pending.push(item);
		}
	}
}
