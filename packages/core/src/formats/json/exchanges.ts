import type { Change } from "../../tree/change.ts";
import type { EntryNode, ValueNode } from "../../tree/tree.ts";

/** Which value stands for which, over any number of exchanges in a row. */
export class Exchanges {
	/** By the value that came: what it stands for. */
	readonly #predecessors = new Map<ValueNode, ValueNode>();
	readonly #successors = new Map<ValueNode, ValueNode>();

	/** False where one value came several times, or has a place of its own: that is more than a chain can tell. */
	note(changes: readonly Change[]): boolean {
		for (const change of changes) {
			if (change.kind !== "exchange") continue;
			const { before, after } = change;
			if (after.start >= 0 || this.came(after) || this.#successors.has(before)) return false;
			this.#predecessors.set(after, before);
			this.#successors.set(before, after);
		}
		return true;
	}

	/** Whether a value took the place of another. */
	came(value: ValueNode): boolean {
		return this.#predecessors.has(value);
	}

	/** Whether another took the place of a value. */
	went(value: ValueNode): boolean {
		return this.#successors.has(value);
	}

	/** The value that a chain began with: it has the place. `undefined` if the chain bites its tail. */
	beginOf(value: ValueNode): ValueNode | undefined {
		return follow(value, this.#predecessors);
	}

	/** The value that a chain ends with: it has the text. `undefined` if the chain bites its tail. */
	endOf(value: ValueNode): ValueNode | undefined {
		return follow(value, this.#successors);
	}

	/** What an item was before its exchanges; an entry stays itself. */
	originOf(item: EntryNode | ValueNode): EntryNode | ValueNode | undefined {
		return item.kind === "entry" ? item : this.beginOf(item);
	}

	/** All that came or went. */
	values(): readonly ValueNode[] {
		return [...this.#predecessors.keys(), ...this.#successors.keys()];
	}
}

function follow(value: ValueNode, links: ReadonlyMap<ValueNode, ValueNode>): ValueNode | undefined {
	let end = value;
	for (let next = links.get(end); next !== undefined; next = links.get(end)) {
		if (next === value) return undefined;
		end = next;
	}
	return end;
}
