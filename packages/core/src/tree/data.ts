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
	next: number;
	readonly path: Path;
}

/**
 * A value as plain data. Comments are left out; of equal keys the last one counts. Iterative.
 *
 * @throws SopsError `integer-unsafe`
 */
export function toData(value: ValueNode, options: DataOptions, path: Path = []): Data {
	if (value.kind === "scalar") return leafData(value.leaf, options, path);
	const root = open(value, path);
	const stack: Frame[] = [root];
	for (let frame = stack[stack.length - 1]; frame !== undefined; frame = stack[stack.length - 1]) {
		const { node, out } = frame;
		const children = node.kind === "map" ? node.entries : node.items;
		const child = children[frame.next++];
		if (child === undefined) {
			stack.pop();
			continue;
		}
		if (child.kind === "comment") continue;
		const key = child.kind === "entry" ? child.key : (out as Data[]).length;
		const inner = child.kind === "entry" ? child.value : child;
		if (inner.kind === "scalar") {
			put(out, key, leafData(inner.leaf, options, [...frame.path, key]));
			continue;
		}
		const opened = open(inner, [...frame.path, key]);
		put(out, key, opened.out);
		stack.push(opened);
	}
	return root.out;
}

function open(node: MapNode | ListNode, path: Path): Frame {
	return { node, out: node.kind === "map" ? {} : [], next: 0, path };
}

function put(out: Data[] | Record<string, Data>, key: string | number, value: Data): void {
	if (Array.isArray(out)) out.push(value);
	else if (key === "__proto__") {
		// Assignment would set the prototype; a key of a file is data like any other.
		Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
	} else out[key] = value;
}

function leafData(leaf: Leaf, options: DataOptions, path: Path): Data {
	switch (leaf.type) {
		case "int":
			return integer(leaf.value, options, path);
		case "time":
			return options.timestamps === "date" ? new Date(leaf.value) : leaf.value;
		default:
			return leaf.value;
	}
}

function integer(digits: string, options: DataOptions, path: Path): number | bigint {
	if (options.integers === "bigint") return BigInt(digits);
	const number = Number(digits);
	if (Number.isSafeInteger(number)) return number;
	if (options.integers === "mixed") return BigInt(digits);
	throw new SopsError(
		"integer-unsafe",
		`The integer at ${formatPath(path)} is larger than a JavaScript number can hold exactly. Pass integers: "bigint" or "mixed".`,
		{ path },
	);
}
