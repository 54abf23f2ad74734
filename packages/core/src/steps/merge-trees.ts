import { diff3Merge } from "node-diff3";
import type { Path } from "../path.ts";
import { Identities, valuesOf } from "../tree/identity.ts";
import { type EntryNode, type ListNode, list, type MapNode, map, type ValueNode } from "../tree/tree.ts";

/** A place where two sides changed the same thing to different ends. */
export interface MergeConflict {
	readonly path: Path;
	/** `changed`: both have another value. `deleted`: one side changed what the other took away. `keys`: who can decrypt, or what is encrypted. */
	readonly kind: "changed" | "deleted" | "keys";
}

/** Three versions of one mapping. */
interface Three {
	readonly base: MapNode;
	readonly ours: MapNode;
	readonly theirs: MapNode;
}

/**
 * What theirs changed since the base, done to ours. Keys are merged by name, lists as texts are, line by line. Where
 * both changed the same, ours stays, and a conflict tells the place. Comments are those of ours, and those that stand
 * right above what theirs added.
 *
 * @param conflicts - takes what cannot be merged
 */
export function mergeMaps(three: Three, conflicts: MergeConflict[]): MapNode {
	const merge = new Merge(conflicts);
	return merge.run(three);
}

class Merge {
	readonly #conflicts: MergeConflict[];
	readonly #identities = new Identities();
	/** Mappings that are still to be merged, into what. Depth is the author's choice. */
	readonly #pending: { readonly three: Three; readonly into: MapNode; readonly path: Path }[] = [];

	constructor(conflicts: MergeConflict[]) {
		this.#conflicts = conflicts;
	}

	run(three: Three): MapNode {
		const root = map();
		this.#pending.push({ three, into: root, path: [] });
		for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
			this.#merge(next.three, next.into, next.path);
		}
		return root;
	}

	#merge({ base, ours, theirs }: Three, into: MapNode, path: Path): void {
		const [inBase, inOurs, inTheirs] = [valuesByKey(base), valuesByKey(ours), valuesByKey(theirs)];
		for (const item of ours.entries) {
			if (item.kind === "comment") {
				into.entries.push(item);
				continue;
			}
			const at = [...path, item.key];
			const value = this.#value(inBase.get(item.key), item.value, inTheirs.get(item.key), at);
			if (value !== undefined) into.entries.push({ ...item, value });
		}
		for (const [index, item] of theirs.entries.entries()) {
			if (item.kind === "comment" || inOurs.has(item.key)) continue;
			const before = inBase.get(item.key);
			if (before !== undefined) {
				// Ours took it away.
				if (!this.#same(before, item.value))
					this.#conflicts.push({ path: [...path, item.key], kind: "deleted" });
				continue;
			}
			this.#insert(into, theirs, index);
		}
	}

	/** A new entry of theirs goes behind the one that it follows there, and brings the comments above it. */
	#insert(into: MapNode, theirs: MapNode, index: number): void {
		let first = index;
		while (theirs.entries[first - 1]?.kind === "comment") first--;
		const neighbour = theirs.entries[first - 1] as EntryNode | undefined;
		const after =
			neighbour && into.entries.findIndex((item) => item.kind === "entry" && item.key === neighbour.key);
		const at = after === undefined ? 0 : after === -1 ? into.entries.length : after + 1;
		into.entries.splice(at, 0, ...theirs.entries.slice(first, index + 1));
	}

	/** `undefined`: it goes. */
	#value(
		base: ValueNode | undefined,
		ours: ValueNode,
		theirs: ValueNode | undefined,
		path: Path,
	): ValueNode | undefined {
		if (theirs === undefined) {
			if (base === undefined) return ours;
			if (this.#same(base, ours)) return undefined;
			this.#conflicts.push({ path, kind: "deleted" });
			return ours;
		}
		if (this.#same(ours, theirs) || (base !== undefined && this.#same(base, theirs))) return ours;
		if (base !== undefined && this.#same(base, ours)) return theirs;
		if (ours.kind === "map" && theirs.kind === "map") {
			const into = map();
			const before = base?.kind === "map" ? base : map();
			this.#pending.push({ three: { base: before, ours, theirs }, into, path });
			return into;
		}
		if (ours.kind === "list" && theirs.kind === "list" && base?.kind === "list") {
			return this.#list(base, ours, theirs, path);
		}
		this.#conflicts.push({ path, kind: "changed" });
		return ours;
	}

	#list(base: ListNode, ours: ListNode, theirs: ListNode, path: Path): ListNode {
		const numbers = (node: ListNode) => valuesOf(node).map((value) => this.#identities.of(value));
		const byNumber = new Map<number, ValueNode[]>();
		for (const value of [...valuesOf(ours), ...valuesOf(theirs)]) {
			const number = this.#identities.of(value);
			const known = byNumber.get(number);
			if (known === undefined) byNumber.set(number, [value]);
			else known.push(value);
		}
		const regions = diff3Merge(numbers(ours), numbers(base), numbers(theirs), {
			excludeFalseConflicts: true,
		});
		const result = list();
		for (const region of regions) {
			if (region.conflict !== undefined) {
				this.#conflicts.push({ path, kind: "changed" });
				return ours;
			}
			for (const number of region.ok ?? []) {
				const values = byNumber.get(number)!;
				result.items.push((values.length > 1 ? values.shift() : values[0])!);
			}
		}
		return withComments(result, ours);
	}

	#same(a: ValueNode, b: ValueNode): boolean {
		return this.#identities.of(a) === this.#identities.of(b);
	}
}

/** The values of a mapping; of equal keys the first, as paths see it. */
function valuesByKey(node: MapNode): Map<string, ValueNode> {
	const values = new Map<string, ValueNode>();
	for (const item of node.entries) {
		if (item.kind === "entry" && !values.has(item.key)) values.set(item.key, item.value);
	}
	return values;
}

/** Comments stand above the item that they stood above, where it is still there. */
function withComments(result: ListNode, ours: ListNode): ListNode {
	const above = new Map<ValueNode, ListNode["items"]>();
	let comments: ListNode["items"] = [];
	for (const item of ours.items) {
		if (item.kind === "comment") comments.push(item);
		else {
			above.set(item, comments);
			comments = [];
		}
	}
	const items = result.items.flatMap((item) => [...(above.get(item as ValueNode) ?? []), item]);
	return list([...items, ...comments]);
}
