import type { CommentNode, EntryNode, ListNode, MapNode, ValueNode } from "../../tree/tree.ts";

type Item = EntryNode | ValueNode | CommentNode;
type Collection = MapNode | ListNode;

/** Where a value hangs. */
export interface Context {
	readonly parent: Collection;
	readonly inFlow: boolean;
}

/** Where the nodes of a file stand in its source. */
export class Places {
	readonly #source: string;
	readonly #contexts = new Map<Item, Context>();

	constructor(source: string, branches: readonly MapNode[]) {
		this.#source = source;
		for (const branch of branches) this.#index(branch);
	}

	/** The collection that holds an item of the source. */
	contextOf(item: Item): Context | undefined {
		return this.#contexts.get(item);
	}

	/** Notes for every node which collection holds it and whether that is in flow style. */
	#index(root: MapNode): void {
		const pending: { readonly node: Collection; readonly inFlow: boolean }[] = [
			{ node: root, inFlow: false },
		];
		for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
			const { node } = next;
			const inFlow = next.inFlow || this.isFlow(node);
			for (const item of node.kind === "map" ? node.entries : node.items) {
				this.#contexts.set(item, { parent: node, inFlow });
				const value = item.kind === "entry" ? item.value : item;
				if (value !== item) this.#contexts.set(value, { parent: node, inFlow });
				if (value.kind === "map" || value.kind === "list") pending.push({ node: value, inFlow });
			}
		}
	}

	/** Whether what a collection holds is in flow style. */
	inFlow(node: Collection): boolean {
		return this.isFlow(node) || (this.#contexts.get(node)?.inFlow ?? false);
	}

	isFlow(node: Collection): boolean {
		const c = this.#source[node.start];
		return node.start !== -1 && (c === "{" || c === "[");
	}

	/** Offset behind an item with all that belongs to it. */
	endOf(item: Item): number {
		if (item.kind === "entry") return Math.max(item.end, this.endOf(item.value));
		if (item.kind === "scalar" || item.kind === "comment" || this.isFlow(item)) return item.end;
		let end = item.start;
		let last: Item = item;
		while (last.kind === "map" || last.kind === "list") {
			const children: readonly Item[] = last.kind === "map" ? last.entries : last.items;
			const child: Item | undefined = children.findLast((one) => one.start !== -1);
			if (child === undefined) break;
			end = Math.max(end, child.end);
			last = child.kind === "entry" ? child.value : child;
			if (last.start !== -1 && (last.kind === "scalar" || last.kind === "comment" || this.isFlow(last))) {
				end = Math.max(end, last.end);
				break;
			}
		}
		return end;
	}

	/** The end of a value without the breaks behind a block scalar. */
	trimmedEnd(value: ValueNode): number {
		const end = this.endOf(value);
		return this.#source.slice(0, end).trimEnd().length;
	}

	columnOf(offset: number): number {
		return offset - (this.#source.lastIndexOf("\n", offset - 1) + 1);
	}
}
