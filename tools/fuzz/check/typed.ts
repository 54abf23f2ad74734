/// <reference lib="es2024.string" />
import type { Tree } from "@sopskit/reference";
import { encodeAnyBytes } from "../../../packages/core/src/leaf/any-bytes.ts";
import { formatFloatPlain, formatFloatShortest } from "../../../packages/core/src/leaf/float.ts";
import type { Leaf } from "../../../packages/core/src/leaf/leaf.ts";
import type { Branches, CommentNode, MapNode, ValueNode } from "../../../packages/core/src/tree/tree.ts";

/** Our branches in the notation of the oracle. */
export function typed(branches: Branches): Tree {
	return branches.map(value) as Tree;
}

function value(node: ValueNode | CommentNode): object {
	switch (node.kind) {
		case "comment":
			return comment(node);
		case "scalar":
			return leaf(node.leaf);
		case "list":
			return { list: node.items.map(value) };
		case "map":
			return map(node);
	}
}

function map(node: MapNode): object {
	return {
		map: node.entries.map((item) =>
			item.kind === "comment"
				? comment(item)
				: { ...anyText("key", "keyBytes", item.key), value: value(item.value) },
		),
	};
}

function comment({ text, inline: behindValue, sealed }: CommentNode): object {
	// The reference forgets that a comment it decrypted stood behind a value.
	const inline = behindValue && sealed === undefined;
	return { ...anyText("comment", "commentBytes", text), inline };
}

/** A text of any bytes, as `decodeAnyBytes` gives it. */
function anyText(name: string, bytesName: string, text: string): object {
	return text.isWellFormed()
		? { [name]: text }
		: { [bytesName]: Buffer.from(encodeAnyBytes(text)).toString("base64") };
}

function leaf({ type, value }: Leaf): object {
	switch (type) {
		case "str":
			return typeof value === "string" ? { str: value } : { bytes: Buffer.from(value).toString("base64") };
		case "float":
			return { float: formatFloatShortest(value) };
		case "null":
			return { null: true };
		default:
			return { [type]: value };
	}
}

/** A tree without its comments: the data. */
export function withoutComments(tree: unknown): unknown {
	if (Array.isArray(tree)) return tree.filter((item) => !isComment(item)).map(withoutComments);
	if (typeof tree !== "object" || tree === null) return tree;
	return Object.fromEntries(Object.entries(tree).map(([key, inner]) => [key, withoutComments(inner)]));
}

/** A tree whose numbers are their MAC text: a float without fraction is written like an int, and read as one. */
export function looseNumbers(tree: unknown): unknown {
	if (Array.isArray(tree)) return tree.map(looseNumbers);
	if (typeof tree !== "object" || tree === null) return tree;
	if ("float" in tree) {
		const { float } = tree as { float: string };
		const number = float.endsWith("Inf") ? Number(`${float.slice(0, -3)}Infinity`) : Number(float);
		return { number: formatFloatPlain(number).replace(/^-0$/, "0") };
	}
	if ("int" in tree) return { number: tree.int };
	return Object.fromEntries(Object.entries(tree).map(([key, inner]) => [key, looseNumbers(inner)]));
}

function isComment(item: unknown): boolean {
	return typeof item === "object" && item !== null && ("comment" in item || "commentBytes" in item);
}

/** The first place where two JSON values differ, for people. */
export function firstDifference(ours: unknown, theirs: unknown, path = "$"): string | undefined {
	if (Object.is(ours, theirs)) return undefined;
	if (typeof ours === "object" && typeof theirs === "object" && ours !== null && theirs !== null) {
		const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
		for (const name of names) {
			const found = firstDifference(
				(ours as Record<string, unknown>)[name],
				(theirs as Record<string, unknown>)[name],
				`${path}.${name}`,
			);
			if (found !== undefined) return found;
		}
		return undefined;
	}
	return `${path}: ours ${show(ours)}, theirs ${show(theirs)}`;
}

function show(value: unknown): string {
	const text = JSON.stringify(value) ?? "nothing";
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
