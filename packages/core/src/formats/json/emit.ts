import { SopsError } from "../../errors.ts";
import { formatFloatJson } from "../../leaf/float.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import { isMarshalableTime } from "../../leaf/time.ts";
import type { Path } from "../../path.ts";
import type { Branches, EntryNode, ListNode, MapNode, ValueNode } from "../../tree/tree.ts";
import { UsageError } from "../../usage-error.ts";
import type { EmitOptions } from "../codec.ts";
import { MAX_DEPTH } from "./depth.ts";
import { quote, quoteBytes } from "./string.ts";

/** How values are set: the reference has one layout, an author any. */
export interface Layout {
	/** Begins a line; empty when everything stands on one line. */
	readonly lineBreak: string;
	/** One level of indentation. */
	readonly unit: string;
	/** What stands between items on one line. */
	readonly comma: string;
	/** What stands between key and value. */
	readonly colon: string;
}

/** Nearly the longest string of V8. The indentation of deep trees grows with the square of their depth. */
const MAX_LENGTH = 0x1fff0000;

/**
 * The tree as sops 3.13.3 writes JSON: Go's `json.Marshal` per value, `json.Indent` over all. Only the first
 * branch is written and comments are dropped, as there.
 *
 * @throws `value-unsupported` for NaN, infinities and times with an offset of a day; `depth-exceeded`;
 * `size-exceeded`; `document-empty` without a branch
 */
export function emitJson(branches: Branches, options: EmitOptions): string {
	const [root] = branches;
	if (root === undefined) {
		throw new SopsError("document-empty", "There is no document to write as JSON.", { format: "json" });
	}
	return `${emitJsonValue(root, options)}\n`;
}

/** One value in the layout of the reference. */
export function emitJsonValue(value: ValueNode, options: EmitOptions): string {
	const layout: Layout = { lineBreak: "\n", unit: indentUnit(options.indent), comma: ", ", colon: ": " };
	return emitValue(value, layout, "");
}

/** @param indent - spaces, or -1 for a tab, as `stores.json.indent` of the configuration */
export function indentUnit(indent: number | undefined): string {
	if (indent === undefined || indent === -1) return "\t";
	if (!Number.isInteger(indent) || indent < 0) {
		throw new UsageError("argument-invalid", "indent of JSON is a number of spaces, or -1 for a tab");
	}
	return " ".repeat(indent);
}

interface Frame {
	readonly node: MapNode | ListNode;
	/** The item to come. */
	next: number;
	/** Whether an item has been written: comments are none. */
	begun: boolean;
}

/**
 * One value in a layout. The stack is ours, since its depth is the author's choice.
 *
 * @param base - the indentation of the line that the value begins on
 */
export function emitValue(value: ValueNode, layout: Layout, base: string): string {
	const { lineBreak, unit, comma, colon } = layout;
	let out = "";
	const breaks: string[] = [];
	const breakAt = (depth: number): string => {
		let text = breaks[depth];
		if (text === undefined) {
			text = lineBreak === "" ? "" : lineBreak + base + unit.repeat(depth);
			breaks[depth] = text;
		}
		if (out.length + text.length > MAX_LENGTH) tooLong();
		return text;
	};
	const between = lineBreak === "" ? comma : ",";
	const stack: Frame[] = [];
	let current: ValueNode | undefined = value;
	for (;;) {
		if (current !== undefined) {
			if (current.kind === "scalar") {
				out += formatScalar(current.leaf) ?? unsupported(current.leaf, stack);
			} else {
				out += current.kind === "map" ? "{" : "[";
				stack.push({ node: current, next: 0, begun: false });
				if (stack.length > MAX_DEPTH) {
					throw new SopsError("depth-exceeded", `JSON holds no more than ${MAX_DEPTH} levels for sops.`, {
						limit: MAX_DEPTH,
					});
				}
			}
		}
		const frame = stack.at(-1);
		if (frame === undefined) return out;
		const item = nextItem(frame);
		if (item === undefined) {
			stack.pop();
			if (frame.begun) out += breakAt(stack.length);
			out += frame.node.kind === "map" ? "}" : "]";
			current = undefined;
			continue;
		}
		if (frame.begun) out += between;
		frame.begun = true;
		out += breakAt(stack.length);
		if (item.kind === "entry") {
			out += quote(item.key) + colon;
			current = item.value;
		} else {
			current = item;
		}
	}
}

/** One entry of a mapping in a layout, without what separates it from others. */
export function emitEntry(item: EntryNode, layout: Layout, base: string): string {
	return quote(item.key) + layout.colon + emitValue(item.value, layout, base);
}

/** A leaf as Go's `json.Marshal` writes it; `undefined` if JSON cannot hold it. */
export function formatScalar(leaf: Leaf): string | undefined {
	switch (leaf.type) {
		case "str":
			return typeof leaf.value === "string" ? quote(leaf.value) : quoteBytes(leaf.value);
		case "int":
			return leaf.value;
		case "float":
			return formatFloatJson(leaf.value);
		case "bool":
			return leaf.value ? "true" : "false";
		case "time":
			return isMarshalableTime(leaf.value) ? `"${leaf.value}"` : undefined;
		case "null":
			return "null";
	}
}

function nextItem(frame: Frame): EntryNode | ValueNode | undefined {
	const items = frame.node.kind === "map" ? frame.node.entries : frame.node.items;
	while (frame.next < items.length) {
		const item = items[frame.next++];
		if (item !== undefined && item.kind !== "comment") return item;
	}
	return undefined;
}

function tooLong(): never {
	throw new SopsError("size-exceeded", "The JSON text is longer than a string can be.", {
		limit: MAX_LENGTH,
	});
}

function unsupported(leaf: Leaf, stack: readonly Frame[]): never {
	const found =
		leaf.type === "float" ? "a float that is not finite" : "a time with an offset of a day or more";
	throw new SopsError("value-unsupported", `JSON cannot hold ${found}.`, { path: pathOf(stack), found });
}

function pathOf(stack: readonly Frame[]): Path {
	return stack.map(({ node, next }) => {
		if (node.kind === "list")
			return node.items.slice(0, next - 1).filter((item) => item.kind !== "comment").length;
		const item = node.entries[next - 1];
		return item?.kind === "entry" ? item.key : "";
	});
}
