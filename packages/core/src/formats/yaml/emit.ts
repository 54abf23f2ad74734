import { formatFloatShortest } from "../../leaf/float.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import type { Branches, CommentNode, ListNode, MapNode, ScalarNode, ValueNode } from "../../tree/tree.ts";
import { Emitter, type EventComments, type ScalarEvent } from "./emitter.ts";
import { styleOf, type WrittenAs } from "./style.ts";

/** What the reference indents by without configuration. */
const DEFAULT_INDENT = 4;
const PLAIN: WrittenAs = { style: "plain", multiline: false };

/** A collection that is being written. */
interface Frame {
	readonly node: MapNode | ListNode;
	next: number;
	/** Comments seen since the last entry or item. */
	head: string;
	inline: string;
	/** Comments of the collection itself that come at its end. */
	readonly end: EventComments;
}

/**
 * Branches as the reference writes them: comments turn back into heads, lines and feet of nodes (sops 3.13.3,
 * stores/yaml/store.go), and those are written as go-yaml writes them.
 */
export function emitYaml(branches: Branches, indent: number = DEFAULT_INDENT): string {
	const emitter = new Emitter(indent);
	for (const branch of branches) {
		emitter.documentStart();
		emitTree(emitter, branch);
		emitter.documentEnd();
	}
	return emitter.toString();
}

/** A document that is one value. */
export function emitYamlValue(value: ValueNode, indent: number = DEFAULT_INDENT): string {
	const emitter = new Emitter(indent);
	emitter.documentStart();
	emitTree(emitter, value);
	emitter.documentEnd();
	return emitter.toString();
}

function emitTree(emitter: Emitter, root: ValueNode): void {
	const stack: Frame[] = [];
	emitValue(emitter, stack, root, "", "", "");
	for (let frame = stack[stack.length - 1]; frame !== undefined; frame = stack[stack.length - 1]) {
		if (frame.node.kind === "map") emitEntry(emitter, stack, frame, frame.node);
		else emitItem(emitter, stack, frame, frame.node);
	}
}

/** Opens a collection. Comments before its first item are its own head. */
function open(
	emitter: Emitter,
	stack: Frame[],
	node: MapNode | ListNode,
	head: string,
	line: string,
	foot = "",
): void {
	const children: readonly { readonly kind: string }[] = node.kind === "map" ? node.entries : node.items;
	const first = children.findIndex((child) => child.kind !== "comment");
	const frame: Frame = { node, next: 0, head: "", inline: "", end: { line, foot } };
	let own = head;
	if (first !== 0) {
		collect(frame, children, first === -1 ? children.length : first);
		// A collection with nothing but comments has them all, inline ones last.
		const comments = first === -1 ? joined(frame.head, frame.inline) : frame.head;
		own = joined(head, comments);
		frame.head = "";
		if (first === -1) frame.inline = "";
	}
	if (node.kind === "map") emitter.mappingStart(first === -1, { head: own });
	else emitter.sequenceStart(first === -1, { head: own });
	stack.push(frame);
}

/** Gathers comments up to the next entry or item; false when there is none. */
function collect(
	frame: Frame,
	children: readonly { readonly kind: string }[],
	end: number = children.length,
): boolean {
	while (frame.next < end) {
		const child = children[frame.next]!;
		if (!isComment(child)) return true;
		// The reference makes a head comment of an inline one that was encrypted.
		if (child.inline && child.sealed === undefined) frame.inline = joined(frame.inline, `#${child.text}`);
		else frame.head = joined(frame.head, `#${child.text}`);
		frame.next++;
	}
	return false;
}

function isComment(child: { readonly kind: string }): child is CommentNode {
	return child.kind === "comment";
}

function emitEntry(emitter: Emitter, stack: Frame[], frame: Frame, node: MapNode): void {
	if (!collect(frame, node.entries)) {
		// What follows the last entry is the foot of its key, which go-yaml writes when the mapping ends.
		emitter.mappingEnd({ ...frame.end, tail: joined(frame.head, frame.inline) });
		stack.pop();
		return;
	}
	const item = node.entries[frame.next++]!;
	if (item.kind === "comment") return;
	emitter.scalar(textEvent(item.key), { head: frame.head });
	frame.head = "";
	const { inline } = frame;
	frame.inline = "";
	emitValue(emitter, stack, item.value, "", inline, "");
}

function emitItem(emitter: Emitter, stack: Frame[], frame: Frame, node: ListNode): void {
	if (!collect(frame, node.items)) {
		emitter.sequenceEnd(frame.end);
		stack.pop();
		return;
	}
	const item = node.items[frame.next++]!;
	if (item.kind === "comment") return;
	const { head, inline } = frame;
	frame.head = "";
	frame.inline = "";
	// What follows the last item is its foot; before another item it is that one's head.
	let foot = "";
	if (!collect(frame, node.items)) {
		foot = joined(frame.head, frame.inline);
		frame.head = "";
		frame.inline = "";
	}
	emitValue(emitter, stack, item, head, inline, foot);
}

function emitValue(
	emitter: Emitter,
	stack: Frame[],
	value: ValueNode,
	head: string,
	line: string,
	foot: string,
): void {
	if (value.kind === "scalar") emitter.scalar(leafEvent(value), { head, line, foot });
	else open(emitter, stack, value, head, line, foot);
}

function leafEvent({ leaf }: ScalarNode): ScalarEvent {
	if (leaf.type === "str")
		return leaf.value instanceof Uint8Array ? binaryEvent(leaf.value) : textEvent(leaf.value);
	return { text: plainText(leaf), tag: "", as: PLAIN };
}

function textEvent(text: string): ScalarEvent {
	// Written plain, a merge key would be taken for one; go-yaml tags it as one instead.
	if (text === "<<") return { text, tag: "!!merge", as: PLAIN };
	return { text, tag: "", as: styleOf(text) };
}

/** Bytes that are not UTF-8: base64 in lines of 70 characters. */
function binaryEvent(bytes: Uint8Array): ScalarEvent {
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	const base64 = btoa(binary);
	if (base64.length < 70) return { text: base64, tag: "!!binary", as: PLAIN };
	const lines = base64.replace(/.{1,70}/g, "$&\n");
	return { text: lines, tag: "!!binary", as: { style: "literal", multiline: true } };
}

function plainText(leaf: Exclude<Leaf, { readonly type: "str" }>): string {
	switch (leaf.type) {
		case "int":
		case "time":
			return leaf.value;
		case "bool":
			return leaf.value ? "true" : "false";
		case "null":
			return "null";
		case "float":
			if (Number.isNaN(leaf.value)) return ".nan";
			if (leaf.value === Infinity) return ".inf";
			if (leaf.value === -Infinity) return "-.inf";
			return formatFloatShortest(leaf.value);
	}
}

function joined(before: string, more: string): string {
	if (more === "") return before;
	return before === "" ? more : `${before}\n${more}`;
}
