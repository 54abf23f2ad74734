import type { ListNode, MapNode, ValueNode } from "./tree.ts";

type Collection = MapNode | ListNode;

/**
 * A value as one that stands in no source.
 *
 * @param sealed - whether it keeps the ciphertext it came from
 */
export function copyOf<Node extends ValueNode>(node: Node, sealed: boolean): Node {
	const pending: [Collection, Collection][] = [];
	const shallow = (value: ValueNode): ValueNode => {
		if (value.kind === "scalar") return { ...value, ...NOWHERE, sealed: sealed ? value.sealed : undefined };
		const empty: Collection =
			value.kind === "map"
				? { kind: "map", ...NOWHERE, entries: [] }
				: { kind: "list", ...NOWHERE, items: [] };
		pending.push([value, empty]);
		return empty;
	};
	const root = shallow(node);
	for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
		const [from, to] = pair;
		for (const item of from.kind === "map" ? from.entries : from.items) {
			const children: unknown[] = to.kind === "map" ? to.entries : to.items;
			if (item.kind === "entry") children.push({ ...item, ...NOWHERE, value: shallow(item.value) });
			else if (item.kind !== "comment") children.push(shallow(item));
			else children.push({ ...item, ...NOWHERE, sealed: sealed ? item.sealed : undefined });
		}
	}
	return root as Node;
}

const NOWHERE = { start: -1, end: -1 };
