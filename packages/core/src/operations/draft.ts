/// <reference lib="es2024.string" />
import { SopsError } from "../errors.ts";
import { type Leaf, sameLeaf } from "../leaf/leaf.ts";
import { parseRfc3339 } from "../leaf/time.ts";
import { checkPath, formatPath, type Path } from "../path.ts";
import type { Change } from "../tree/change.ts";
import { type Data, type DataOptions, toData } from "../tree/data.ts";
import { findValue } from "../tree/find.ts";
import { fromData, leafFromData, TypedValue } from "../tree/from-data.ts";
import {
	type Branches,
	type CommentNode,
	entry,
	type ListNode,
	list,
	type MapNode,
	map,
	type ValueNode,
} from "../tree/tree.ts";
import { UsageError } from "../usage-error.ts";

/** A plain value, or one of `int()`, `float()`, `timestamp()` where its type matters. */
export type NewValue =
	| string
	| number
	| bigint
	| boolean
	| null
	| Date
	| Uint8Array
	| TypedValue
	| readonly NewValue[]
	| { readonly [key: string]: NewValue };

/**
 * The content of a file while it is edited. Paths are keys and positions; positions count data, not comments.
 * Nothing is written before the edit is over, and nothing at all when it throws.
 */
export class Draft {
	readonly #branches: Branches;
	readonly #commentsFollow: boolean;
	readonly #index: number;
	readonly #changes: Change[];
	readonly #dataOptions: DataOptions;

	/** @internal */
	constructor(
		branches: Branches,
		changes: Change[],
		dataOptions: DataOptions,
		commentsFollow: boolean,
		index = 0,
	) {
		this.#branches = branches;
		this.#commentsFollow = commentsFollow;
		this.#index = index;
		this.#changes = changes;
		this.#dataOptions = dataOptions;
	}

	/** A draft of another document of the file, from 0. @throws UsageError when there is none */
	document(index: number): Draft {
		if (this.#branches[index] === undefined) {
			throw new UsageError(
				"argument-invalid",
				`The file has ${this.#branches.length} documents; there is none at ${index}.`,
			);
		}
		return new Draft(this.#branches, this.#changes, this.#dataOptions, this.#commentsFollow, index);
	}

	/** A value as plain data, or `undefined`. @throws SopsError `integer-unsafe` */
	get(path: Path): Data | undefined {
		const value = findValue(this.#root, checkPath(path));
		return value === undefined ? undefined : toData(value, this.#dataOptions, path);
	}

	/** Whether something, null included, is at a path. */
	has(path: Path): boolean {
		return findValue(this.#root, checkPath(path)) !== undefined;
	}

	/**
	 * Puts a value at a path. Mappings on the way are made as needed; a position may be one behind the end of
	 * its list. A number keeps the type of the number it replaces, a text that of a timestamp.
	 *
	 * @throws SopsError `path-not-found` when the way goes through a value that holds no others
	 * @throws UsageError for an empty path, and for what a file cannot hold
	 */
	set(path: Path, value: NewValue): void {
		checkPath(path);
		if (path.length === 0)
			throw new UsageError("argument-invalid", "set() needs a path of at least one key.");
		let at: ValueNode = this.#root;
		for (let depth = 0; depth < path.length; depth++) {
			const step = path[depth]!;
			const last = depth === path.length - 1;
			const child: ValueNode | undefined = childAt(at, step);
			if (child === undefined) {
				this.#add(
					at,
					step,
					last ? fromData(value) : nest(path.slice(depth + 1), value),
					path.slice(0, depth + 1),
				);
				return;
			}
			if (last) this.#replace(at as MapNode | ListNode, child, value);
			else at = child;
		}
	}

	/**
	 * Takes away what is at a path, with the comment behind it on its line.
	 *
	 * @returns whether there was something
	 */
	delete(path: Path): boolean {
		checkPath(path);
		const step = path[path.length - 1];
		if (step === undefined)
			throw new UsageError("argument-invalid", "delete() needs a path of at least one key.");
		const parent = findValue(this.#root, path.slice(0, -1));
		const value = parent === undefined ? undefined : childAt(parent, step);
		if (parent === undefined || parent.kind === "scalar" || value === undefined) return false;
		const items: unknown[] = parent.kind === "map" ? parent.entries : parent.items;
		const item =
			parent.kind === "map"
				? parent.entries.find((one) => one.kind === "entry" && one.value === value)!
				: value;
		const position = items.indexOf(item);
		items.splice(position, 1);
		this.#changes.push({ kind: "remove", parent, item });
		this.#dropComments(parent, items, position);
		return true;
	}

	/** The comments of an item go with it: inline ones before it, or where comments follow, all behind it. */
	#dropComments(parent: MapNode | ListNode, items: unknown[], position: number): void {
		const isComment = (item: unknown): item is CommentNode =>
			(item as CommentNode | undefined)?.kind === "comment";
		let at = position - 1;
		for (let before = items[at]; isComment(before) && before.inline; before = items[--at])
			items.splice(at, 1);
		if (!this.#commentsFollow) return;
		for (let behind = items[at + 1]; isComment(behind); behind = items[at + 1]) {
			items.splice(at + 1, 1);
			this.#changes.push({ kind: "remove", parent, item: behind });
		}
	}

	get #root(): MapNode {
		return this.#branches[this.#index]!;
	}

	#replace(parent: MapNode | ListNode, before: ValueNode, value: NewValue): void {
		const leaf = leafFromData(value);
		if (leaf !== undefined && before.kind === "scalar") {
			const typed = value instanceof TypedValue ? leaf : asBefore(leaf, before.leaf);
			if (sameLeaf(typed, before.leaf)) return;
			before.leaf = typed;
			before.sealed = undefined;
			this.#changes.push({ kind: "replace", node: before });
			return;
		}
		const after = fromData(value);
		if (parent.kind === "map") {
			for (const item of parent.entries)
				if (item.kind === "entry" && item.value === before) item.value = after;
		} else parent.items[parent.items.indexOf(before)] = after;
		this.#changes.push({ kind: "exchange", before, after, parent });
	}

	#add(parent: ValueNode, step: string | number, value: ValueNode, path: Path): void {
		if (parent.kind === "map" && typeof step === "string") {
			const item = entry(step.toWellFormed(), value);
			const after = parent.entries[parent.entries.length - 1];
			parent.entries.push(item);
			this.#changes.push({ kind: "insert", parent, item, after });
		} else if (
			parent.kind === "list" &&
			step === parent.items.filter((one) => one.kind !== "comment").length
		) {
			const after = parent.items[parent.items.length - 1];
			parent.items.push(value);
			this.#changes.push({ kind: "insert", parent, item: value, after });
		} else {
			throw new SopsError(
				"path-not-found",
				`Nothing can be put at ${formatPath(path)}: what holds it is ${describe(parent)}. Set the holder to a new value first.`,
				{ path },
			);
		}
	}
}

function describe(parent: ValueNode): string {
	if (parent.kind === "scalar") return "a single value";
	return parent.kind === "list"
		? "a list, and the step is not a position in it or just behind it"
		: "a mapping, and the step is not a key";
}

function childAt(parent: ValueNode, step: string | number): ValueNode | undefined {
	return parent.kind === "scalar" ? undefined : findValue(parent, [step]);
}

/** New holders around a value. */
function nest(path: Path, value: NewValue): ValueNode {
	let node = fromData(value);
	for (const step of path.toReversed()) {
		if (typeof step === "number" && step !== 0) {
			throw new UsageError("argument-invalid", "A new list starts at position 0.");
		}
		node = typeof step === "string" ? map([entry(step.toWellFormed(), node)]) : list([node]);
	}
	return node;
}

/** A plain value takes the type of what it replaces where it can. */
function asBefore(leaf: Leaf, before: Leaf): Leaf {
	if (leaf.type === "int" && before.type === "float") return { type: "float", value: Number(leaf.value) };
	if (leaf.type === "str" && before.type === "time" && typeof leaf.value === "string") {
		const time = parseRfc3339(leaf.value);
		if (time !== undefined) return { type: "time", value: time };
	}
	return leaf;
}
