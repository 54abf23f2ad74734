/// <reference lib="es2024.string" />
import type { Comment, Item, Leaf as OracleLeaf, Tree, Value } from "@sopskit/reference";
import { encodeAnyBytes } from "../src/leaf/any-bytes.ts";
import { formatFloatShortest } from "../src/leaf/float.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import type { Branches, CommentNode, ValueNode } from "../src/tree/tree.ts";

/** Branches in the notation of the oracle and of `tree.json`. Recursive: for files of the tests only. */
export function oracleTree(branches: Branches): Tree {
	return branches.map((branch) => asValue(branch)) as unknown as Tree;
}

function asValue(node: ValueNode): Value {
	switch (node.kind) {
		case "scalar":
			return leafOf(node.leaf);
		case "list":
			return { list: node.items.map((item) => (item.kind === "comment" ? commentOf(item) : asValue(item))) };
		case "map":
			return {
				map: node.entries.map(
					(item): Item =>
						item.kind === "comment" ? commentOf(item) : { ...keyOf(item.key), value: asValue(item.value) },
				),
			};
	}
}

function keyOf(key: string): { readonly key: string } | { readonly keyBytes: string } {
	return key.isWellFormed() ? { key } : { keyBytes: Buffer.from(encodeAnyBytes(key)).toString("base64") };
}

function commentOf(node: CommentNode): Comment {
	// The reference forgets that a comment it decrypted stood behind a value.
	const inline = node.inline && node.sealed === undefined;
	if (node.text.isWellFormed()) return { comment: node.text, inline };
	return { commentBytes: Buffer.from(encodeAnyBytes(node.text)).toString("base64"), inline };
}

function leafOf(leaf: Leaf): OracleLeaf {
	switch (leaf.type) {
		case "str":
			return typeof leaf.value === "string"
				? { str: leaf.value }
				: { bytes: Buffer.from(leaf.value).toString("base64") };
		case "int":
			return { int: leaf.value };
		case "float":
			return { float: formatFloatShortest(leaf.value) };
		case "bool":
			return { bool: leaf.value };
		case "time":
			return { time: leaf.value };
		case "null":
			return { null: true };
	}
}
