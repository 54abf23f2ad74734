import type { ListNode, MapNode, ValueNode } from "./tree.ts";

/**
 * Numbers for values: equal for equal values, types included; comments do not count. Linear in the size of what is
 * asked, since every distinct structure is kept once. Iterative: depth is the author's choice.
 */
export class Identities {
	readonly #numbers = new Map<string, number>();
	readonly #known = new Map<ValueNode, number>();

	of(root: ValueNode): number {
		const found = this.#known.get(root);
		if (found !== undefined) return found;
		// Every node before what it holds, so that the reverse has all parts before the whole.
		const order: ValueNode[] = [];
		const pending: ValueNode[] = [root];
		for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
			if (this.#known.has(node)) continue;
			order.push(node);
			for (const value of valuesOf(node)) pending.push(value);
		}
		for (const node of order.reverse()) this.#known.set(node, this.#number(this.#spell(node)));
		return this.#known.get(root)!;
	}

	#spell(node: ValueNode): string {
		if (node.kind === "scalar") {
			const { type, value } = node.leaf;
			if (value instanceof Uint8Array) return `bytes ${Array.from(value).join(" ")}`;
			return `${type} ${Object.is(value, -0) ? "-0" : String(value)}`;
		}
		if (node.kind === "list")
			return `list ${valuesOf(node)
				.map((item) => this.#known.get(item))
				.join(" ")}`;
		const entries = node.entries.flatMap((item) =>
			item.kind === "entry" ? [`${JSON.stringify(item.key)} ${this.#known.get(item.value)}`] : [],
		);
		return `map ${entries.join(" ")}`;
	}

	#number(spelling: string): number {
		let number = this.#numbers.get(spelling);
		if (number === undefined) {
			number = this.#numbers.size;
			this.#numbers.set(spelling, number);
		}
		return number;
	}
}

/** The values that a collection holds. */
export function valuesOf(node: ValueNode | MapNode | ListNode): ValueNode[] {
	if (node.kind === "scalar") return [];
	if (node.kind === "list") return node.items.filter((item) => item.kind !== "comment");
	return node.entries.flatMap((item) => (item.kind === "entry" ? [item.value] : []));
}
