import { sameLeaf } from "../leaf/leaf.ts";
import { alignEntries, alignItems } from "../tree/align.ts";
import type { Change } from "../tree/change.ts";
import { copyOf } from "../tree/copy.ts";
import { Identities, valuesOf } from "../tree/identity.ts";
import {
	type Branches,
	type CommentNode,
	type EntryNode,
	entry,
	type ListNode,
	type MapNode,
	type ValueNode,
} from "../tree/tree.ts";

type Child = EntryNode | ValueNode | CommentNode;

/**
 * Turns the branches of a file into others that say what `after` says, keeping the nodes of everything that is the
 * same, and lists what was done.
 *
 * @returns `undefined`, with the branches untouched, where changes of the file cannot tell it: other comments, another
 * order, another number of documents
 */
export function changesTo(branches: Branches, after: Branches): Change[] | undefined {
	if (branches.length !== after.length) return undefined;
	const plan = new Plan();
	for (const [index, branch] of branches.entries()) plan.pending.push([branch, after[index]!]);
	for (let pair = plan.pending.pop(); pair !== undefined; pair = plan.pending.pop()) {
		if (!plan.compare(...pair)) return undefined;
	}
	return plan.carryOut();
}

/** What is to be done: nothing is, before all of it is known to be possible. */
class Plan {
	readonly pending: [MapNode | ListNode, MapNode | ListNode][] = [];
	readonly #identities = new Identities();
	readonly #steps: (() => Change[])[] = [];

	/** Two collections of one kind. */
	compare(old: MapNode | ListNode, fresh: MapNode | ListNode): boolean {
		const pairs: Map<Child, Child> =
			old.kind === "map" && fresh.kind === "map"
				? alignEntries(old, fresh)
				: alignItems(valuesOf(old), valuesOf(fresh), this.#identities);
		const was = new Set(pairs.values());
		const left: readonly Child[] = old.kind === "map" ? old.entries : old.items;
		const right: readonly Child[] = fresh.kind === "map" ? fresh.entries : fresh.items;
		const result: Child[] = [];
		let i = 0;
		const gone = (): void => {
			for (
				let item = left[i];
				item !== undefined && item.kind !== "comment" && !was.has(item);
				item = left[++i]
			) {
				const removed = item;
				this.#steps.push(() => [{ kind: "remove", parent: old, item: removed }]);
			}
		};
		for (const item of right) {
			const before = item.kind === "comment" ? undefined : pairs.get(item);
			if (item.kind !== "comment" && before === undefined) {
				const after = result[result.length - 1];
				const added: Child =
					item.kind === "entry" ? entry(item.key, copyOf(item.value, true)) : copyOf(item, true);
				result.push(added);
				this.#steps.push(() => [{ kind: "insert", parent: old, item: added, after }]);
				continue;
			}
			gone();
			const here = left[i++];
			if (here === undefined) return false;
			if (item.kind === "comment") {
				if (here.kind !== "comment" || here.text !== item.text || here.inline !== item.inline) return false;
			} else if (here.kind === "comment" || here !== before) return false;
			else this.#pair(old, here, item);
			result.push(here);
		}
		gone();
		if (i < left.length) return false;
		this.#steps.push(() => {
			const children = left as Child[];
			children.length = 0;
			for (const child of result) children.push(child);
			return [];
		});
		return true;
	}

	carryOut(): Change[] {
		return this.#steps.flatMap((step) => step());
	}

	#pair(
		parent: MapNode | ListNode,
		here: Exclude<Child, CommentNode>,
		item: Exclude<Child, CommentNode>,
	): void {
		const [old, fresh] = [
			here.kind === "entry" ? here.value : here,
			item.kind === "entry" ? item.value : item,
		];
		if (old.kind === "scalar" && fresh.kind === "scalar") {
			if (sameLeaf(old.leaf, fresh.leaf)) return;
			this.#steps.push(() => {
				old.leaf = fresh.leaf;
				old.sealed = fresh.sealed;
				return [{ kind: "replace", node: old }];
			});
		} else if (old.kind !== "scalar" && old.kind === fresh.kind) this.pending.push([old, fresh]);
		else if (here.kind === "entry") {
			const added = copyOf(fresh, true);
			this.#steps.push(() => {
				here.value = added;
				return [{ kind: "exchange", before: old, after: added, parent }];
			});
		}
	}
}
