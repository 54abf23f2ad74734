import { SopsError } from "../errors.ts";
import type { Leaf } from "../leaf/leaf.ts";
import { formatPath, type Path } from "../path.ts";
import type { ListNode, MapNode, ValueNode } from "./tree.ts";

/** How leaves become JavaScript values. */
export interface DataOptions {
	/**
	 * `number` (default): integers as numbers, and a coded error for one that a number cannot hold exactly.
	 * `bigint`: all as bigint. `mixed`: numbers where exact, bigint beyond.
	 */
	readonly integers: "number" | "bigint" | "mixed";
	/** `text` (default): RFC 3339. `date`: `Date`, which holds milliseconds only. */
	readonly timestamps: "text" | "date";
}

/** Plain JavaScript data. Texts that are not UTF-8 are bytes. */
export type Data =
	| string
	| number
	| bigint
	| boolean
	| null
	| Date
	| Uint8Array
	| readonly Data[]
	| { readonly [key: string]: Data };

interface Frame {
	readonly node: MapNode | ListNode;
	readonly out: Data[] | Record<string, Data>;
	readonly parent: Frame | undefined;
	/** Where the node stands in its parent. */
	readonly step: string | number | undefined;
	next: number;
}

/**
 * A value as plain data. Comments are left out; of equal keys the last one counts. Iterative.
 *
 * @param path - where the value stands, for errors
 * @throws SopsError `integer-unsafe`
 */
export function toData(value: ValueNode, options: DataOptions, path: Path = []): Data {
	if (value.kind === "scalar") return leafData(value.leaf, options, () => path);
	const root = open(value, undefined, undefined);
	let frame: Frame | undefined = root;
	while (frame !== undefined) {
		const at: Frame = frame;
		const children = at.node.kind === "map" ? at.node.entries : at.node.items;
		const child = children[at.next++];
		if (child === undefined) {
			frame = at.parent;
			continue;
		}
		if (child.kind === "comment") continue;
		const step = child.kind === "entry" ? child.key : (at.out as Data[]).length;
		const inner = child.kind === "entry" ? child.value : child;
		if (inner.kind === "scalar") {
			put(
				at.out,
				step,
				leafData(inner.leaf, options, () => [...path, ...stepsTo(at), step]),
			);
			continue;
		}
		frame = open(inner, at, step);
		put(at.out, step, frame.out);
	}
	return root.out;
}

function open(node: MapNode | ListNode, parent: Frame | undefined, step: string | number | undefined): Frame {
	return { node, out: node.kind === "map" ? {} : [], parent, step, next: 0 };
}

function stepsTo(frame: Frame): Path {
	const steps: (string | number)[] = [];
	for (let at: Frame | undefined = frame; at?.step !== undefined; at = at.parent) steps.unshift(at.step);
	return steps;
}

function put(out: Data[] | Record<string, Data>, key: string | number, value: Data): void {
	if (Array.isArray(out)) out.push(value);
	else if (key === "__proto__") {
		// Assignment would set the prototype; a key of a file is data like any other.
		Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
	} else out[key] = value;
}

function leafData(leaf: Leaf, options: DataOptions, path: () => Path): Data {
	switch (leaf.type) {
		case "int":
			return integer(leaf.value, options, path);
		case "time":
			return options.timestamps === "date" ? new Date(leaf.value) : leaf.value;
		default:
			return leaf.value;
	}
}

function integer(digits: string, options: DataOptions, pathTo: () => Path): number | bigint {
	if (options.integers === "bigint") return BigInt(digits);
	const number = Number(digits);
	if (Number.isSafeInteger(number)) return number;
	if (options.integers === "mixed") return BigInt(digits);
	const path = pathTo();
	throw new SopsError(
		"integer-unsafe",
		`The integer at ${formatPath(path)} is larger than a JavaScript number can hold exactly. Pass integers: "bigint" or "mixed".`,
		{ path },
	);
}
