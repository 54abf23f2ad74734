/// <reference lib="es2024.string" />
import { parseGoInt } from "../leaf/integer.ts";
import { type Leaf, NULL } from "../leaf/leaf.ts";
import { parseRfc3339 } from "../leaf/time.ts";
import { UsageError } from "../usage-error.ts";
import { entry, type ListNode, list, type MapNode, map, scalar, type ValueNode } from "./tree.ts";

/** A value whose type is stated, where a plain one would leave it open. */
export class TypedValue {
	readonly leaf: Leaf;

	/** @internal Made by {@link int}, {@link float} and {@link timestamp}. */
	constructor(leaf: Leaf) {
		this.leaf = leaf;
	}
}

/** A 64-bit integer. @throws UsageError when it is not one */
export function int(value: number | bigint | string): TypedValue {
	const digits =
		typeof value === "number" && !Number.isSafeInteger(value) ? undefined : parseGoInt(String(value));
	if (digits === undefined)
		throw new UsageError("argument-invalid", "int() takes a whole number within 64 bit.");
	return new TypedValue({ type: "int", value: digits });
}

/** A 64-bit float, also for a whole number. @throws UsageError when it is not a number */
export function float(value: number): TypedValue {
	if (typeof value !== "number") throw new UsageError("argument-invalid", "float() takes a number.");
	return new TypedValue({ type: "float", value });
}

/** A time. @param value - RFC 3339, or a Date @throws UsageError when it is neither */
export function timestamp(value: string | Date): TypedValue {
	const text = value instanceof Date ? dateText(value) : parseRfc3339(String(value));
	if (text === undefined)
		throw new UsageError("argument-invalid", "timestamp() takes RFC 3339 text or a valid Date.");
	return new TypedValue({ type: "time", value: text });
}

/**
 * The leaf of a plain value; `undefined` for objects and arrays.
 *
 * @throws UsageError for what no file can hold: undefined, functions, symbols, integers beyond 64 bit
 */
export function leafFromData(value: unknown): Leaf | undefined {
	switch (typeof value) {
		case "string":
			return { type: "str", value };
		case "boolean":
			return { type: "bool", value };
		case "bigint":
			return int(value).leaf;
		case "number":
			return Number.isSafeInteger(value) && !Object.is(value, -0)
				? { type: "int", value: String(value) }
				: { type: "float", value };
		case "object":
			if (value === null) return NULL;
			if (value instanceof TypedValue) return value.leaf;
			if (value instanceof Uint8Array) return { type: "str", value };
			if (value instanceof Date) return timestamp(value).leaf;
			if (isPlain(value)) return undefined;
			throw new UsageError(
				"argument-invalid",
				"A file holds plain objects and arrays, not maps, sets or instances of classes.",
			);
		default:
			throw new UsageError("argument-invalid", `A file cannot hold a value of type ${typeof value}.`);
	}
}

interface Frame {
	readonly from: object;
	readonly to: MapNode | ListNode;
	readonly members: Iterator<[string, unknown]>;
}

/** A tree of plain data. Iterative. @throws UsageError for what no file can hold, and for cycles */
export function fromData(value: unknown): ValueNode {
	const leaf = leafFromData(value);
	if (leaf !== undefined) return scalar(leaf);
	const root = open(value as object);
	const stack: Frame[] = [root];
	/** The objects on the way to where the stack stands. */
	const above = new Set<object>([root.from]);
	for (let frame = stack[stack.length - 1]; frame !== undefined; frame = stack[stack.length - 1]) {
		const next = frame.members.next();
		if (next.done) {
			above.delete(frame.from);
			stack.pop();
			continue;
		}
		const [key, member] = next.value;
		const memberLeaf = leafFromData(member);
		let node: ValueNode;
		if (memberLeaf !== undefined) node = scalar(memberLeaf);
		else {
			const opened = open(member as object);
			if (above.has(opened.from)) throw new UsageError("argument-invalid", "A value contains itself.");
			above.add(opened.from);
			stack.push(opened);
			node = opened.to;
		}
		if (frame.to.kind === "list") frame.to.items.push(node);
		else frame.to.entries.push(entry(key.toWellFormed(), node));
	}
	return root.to;
}

function isPlain(value: object): boolean {
	if (Array.isArray(value)) return true;
	const prototype: unknown = Object.getPrototypeOf(value);
	// Objects of another realm have another Object.prototype, which again has none.
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function open(from: object): Frame {
	const members = Object.entries(from)[Symbol.iterator]();
	return { from, to: Array.isArray(from) ? list() : map(), members };
}

function dateText(date: Date): string | undefined {
	return Number.isNaN(date.getTime()) ? undefined : parseRfc3339(date.toISOString());
}
