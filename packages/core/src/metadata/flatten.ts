import { SopsError } from "../errors.ts";
import { flatText } from "../leaf/flat.ts";
import {
	type EntryNode,
	entry,
	type ListNode,
	list,
	type MapNode,
	map,
	scalar,
	type ValueNode,
} from "../tree/tree.ts";

const SEPARATOR = /__(map|list)_/g;

/**
 * A branch as flat names with texts: `__map_` and a key, `__list_` and a position stand for the way to a value
 * (sops 3.13.3, stores/flatten.go). Empty lists and mappings leave no trace.
 *
 * @param prefix - before every name
 * @throws SopsError `metadata-invalid` when two ways have one name
 */
export function flatten(branch: MapNode, prefix: string): EntryNode[] {
	const out: EntryNode[] = [];
	const names = new Set<string>();
	const pending: { readonly name: string; readonly value: ValueNode }[] = [];
	const open = (node: MapNode | ListNode, stem: string): void => {
		const inner: typeof pending = [];
		if (node.kind === "map") {
			for (const item of node.entries)
				if (item.kind === "entry") inner.push({ name: stem + item.key, value: item.value });
		} else {
			for (const item of node.items)
				if (item.kind !== "comment") inner.push({ name: `${stem}${inner.length}`, value: item });
		}
		for (const one of inner.reverse()) pending.push(one);
	};
	open(branch, prefix);
	for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
		const { name, value } = at;
		if (value.kind === "map") open(value, `${name}__map_`);
		else if (value.kind === "list") open(value, `${name}__list_`);
		else {
			if (names.has(name)) throw invalid(name, "two fields have this flat name");
			names.add(name);
			out.push(entry(name, scalar({ type: "str", value: flatText(value.leaf) })));
		}
	}
	return out;
}

/** One place of the branch that flat names describe. */
interface Slot {
	/** The flat name of the first field that led here. */
	readonly name: string;
	value?: ValueNode;
	keys?: Map<string, Slot>;
	positions?: Map<number, Slot>;
}

/**
 * The branch that flat names describe. Keys come out sorted, as in the reference.
 *
 * @throws SopsError `metadata-invalid` for a name that stands twice, one that is both a value and a container, and
 * lists with holes
 */
export function unflatten(fields: readonly EntryNode[]): MapNode {
	const root: Slot = { name: "" };
	for (const { key, value } of fields) {
		let slot = root;
		for (const step of stepsOf(key)) {
			slot = typeof step === "string" ? below(slot, "keys", step, key) : below(slot, "positions", step, key);
		}
		if (slot.value !== undefined) throw invalid(key, "it stands twice");
		slot.value = value;
	}
	const result = map();
	const pending: { readonly slot: Slot; readonly node: MapNode | ListNode }[] = [
		{ slot: root, node: result },
	];
	for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
		const { slot, node } = at;
		const take = (inner: Slot): ValueNode => {
			const kinds = [inner.value, inner.keys, inner.positions].filter((kind) => kind !== undefined);
			if (kinds.length > 1) throw invalid(inner.name, "it is a value and a container at once");
			if (inner.value !== undefined) return inner.value;
			const container = inner.keys !== undefined ? map() : list();
			pending.push({ slot: inner, node: container });
			return container;
		};
		if (node.kind === "map") {
			const keys = [...(slot.keys ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
			for (const [key, inner] of keys) node.entries.push(entry(key, take(inner)));
			continue;
		}
		const positions = slot.positions!;
		for (let position = 0; position < positions.size; position++) {
			const inner = positions.get(position);
			if (inner === undefined) throw invalid(slot.name, "the list it is in has holes");
			node.items.push(take(inner));
		}
	}
	return result;
}

function below<K extends string | number>(
	slot: Slot,
	kind: K extends string ? "keys" : "positions",
	step: K,
	name: string,
): Slot {
	const holder = slot as unknown as Record<string, Map<K, Slot> | undefined>;
	let inner = holder[kind];
	if (inner === undefined) {
		inner = new Map();
		holder[kind] = inner;
	}
	let next = inner.get(step);
	if (next === undefined) {
		next = { name };
		inner.set(step, next);
	}
	return next;
}

/** Keys as texts, positions as numbers. What should be a position and is none is the first, as in the reference. */
function stepsOf(name: string): (string | number)[] {
	const steps: (string | number)[] = [];
	let kind = "map";
	let start = 0;
	const end = (at: number): void => {
		const text = name.slice(start, at);
		if (kind === "map") steps.push(text);
		else steps.push(/^[-+]?\d+$/.test(text) ? Number(text) : 0);
	};
	for (const match of name.matchAll(SEPARATOR)) {
		end(match.index);
		kind = match[1]!;
		start = match.index + match[0].length;
	}
	end(name.length);
	return steps;
}

function invalid(field: string, reason: string): SopsError {
	return new SopsError(
		"metadata-invalid",
		`The metadata of the file cannot be used: of the field ${JSON.stringify(field)}, ${reason}. Restore the "sops" part from the last good version of the file.`,
		{ field, reason },
	);
}
