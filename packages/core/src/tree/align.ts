import type { Identities } from "./identity.ts";
import type { EntryNode, MapNode, ValueNode } from "./tree.ts";

/**
 * Which items of a list were which before: equal ones in order first, then what stands between the same neighbours,
 * one after the other. Linear: an item is compared by its number.
 */
export function alignItems(
	before: readonly ValueNode[],
	after: readonly ValueNode[],
	identities: Identities,
): Map<ValueNode, ValueNode> {
	const pairs = new Map<ValueNode, ValueNode>();
	const a = before.map((item) => identities.of(item));
	const b = after.map((item) => identities.of(item));
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let [endA, endB] = [a.length, b.length];
	while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
		endA--;
		endB--;
	}
	for (let i = 0; i < start; i++) pairs.set(after[i]!, before[i]!);
	for (let i = 0; i < a.length - endA; i++) pairs.set(after[endB + i]!, before[endA + i]!);
	const places = new Map<number, number[]>();
	for (let i = endA - 1; i >= start; i--) {
		const known = places.get(a[i]!);
		if (known === undefined) places.set(a[i]!, [i]);
		else known.push(i);
	}
	let [gapA, gapB] = [start, start];
	const fillGap = (toA: number, toB: number): void => {
		while (gapA < toA && gapB < toB) {
			const [old, fresh] = [before[gapA++]!, after[gapB++]!];
			if (old.kind === fresh.kind) pairs.set(fresh, old);
		}
	};
	for (let i = start; i < endB; i++) {
		const known = places.get(b[i]!);
		let at = known?.pop();
		while (at !== undefined && at < gapA) at = known!.pop();
		if (at === undefined) continue;
		fillGap(at, i);
		pairs.set(after[i]!, before[at]!);
		[gapA, gapB] = [at + 1, i + 1];
	}
	fillGap(endA, endB);
	return pairs;
}

/** Which entries of a mapping were which before: by key, and of equal keys by order. */
export function alignEntries(before: MapNode, after: MapNode): Map<EntryNode, EntryNode> {
	const places = new Map<string, EntryNode[]>();
	for (const item of before.entries) {
		if (item.kind === "comment") continue;
		const known = places.get(item.key);
		if (known === undefined) places.set(item.key, [item]);
		else known.push(item);
	}
	for (const known of places.values()) known.reverse();
	const pairs = new Map<EntryNode, EntryNode>();
	for (const item of after.entries) {
		const old = item.kind === "entry" ? places.get(item.key)?.pop() : undefined;
		if (old !== undefined) pairs.set(item as EntryNode, old);
	}
	return pairs;
}
