import type { SopsError } from "../../errors.ts";
import type { Event } from "./event.ts";
import { EventReader } from "./event-reader.ts";
import type { Scanner } from "./scanner.ts";
import type { Comments, ScalarStyle } from "./token.ts";

/** A node as go-yaml's `Node`: what a document says, before types and aliases are resolved. */
export interface YamlNode {
	readonly kind: "scalar" | "map" | "list" | "alias";
	head: Comments;
	line: Comments;
	foot: Comments;
	/** A scalar's content or an alias's name. */
	readonly value: string;
	/** Resolved tag, or empty. */
	readonly tag: string;
	readonly style: ScalarStyle;
	readonly flow: boolean;
	/** Keys and values in turn, or items. */
	readonly content: YamlNode[];
	/** What an alias stands for. */
	readonly target: YamlNode | undefined;
	readonly start: number;
	end: number;
}

export interface YamlDocument {
	readonly head: Comments;
	readonly line: Comments;
	foot: Comments;
	readonly root: YamlNode;
	/** Offset behind the last line that belongs to the document. */
	end: number;
}

/**
 * Composes the documents of a scanned file. Comments that go-yaml moves from a node to its neighbour are
 * moved (go.yaml.in/yaml/v3 3.0.4, decode.go, `mapping`). Iterative: depth is the author's choice.
 */
export function compose(scanner: Scanner): YamlDocument[] {
	const reader = new EventReader(scanner);
	const anchors = new Map<string, YamlNode>();
	const documents: YamlDocument[] = [];
	for (let start = reader.read(); start.type === "document-start"; start = reader.read()) {
		const root = composeNode(reader, anchors, scanner);
		const end = reader.read();
		documents.push({ head: start.head, line: start.line, foot: end.foot, root, end: end.start });
	}
	return documents;
}

function composeNode(reader: EventReader, anchors: Map<string, YamlNode>, scanner: Scanner): YamlNode {
	const open: YamlNode[] = [];
	for (;;) {
		const event = reader.read();
		let done: YamlNode;
		switch (event.type) {
			case "scalar":
				done = node("scalar", event);
				if (event.anchor !== "") anchors.set(event.anchor, done);
				break;
			case "alias": {
				const target = anchors.get(event.value);
				if (target === undefined) throw unknownAnchor(scanner, event);
				done = node("alias", event, target);
				break;
			}
			case "sequence-start":
			case "mapping-start": {
				const started = node(event.type === "mapping-start" ? "map" : "list", event);
				if (event.anchor !== "") anchors.set(event.anchor, started);
				open.push(started);
				continue;
			}
			case "sequence-end":
			case "mapping-end":
				done = open.pop()!;
				done.end = event.end;
				done.line = event.line;
				done.foot = event.foot;
				if (done.kind === "map" && !done.flow && done.foot.length > 0 && done.content.length > 1) {
					done.content[done.content.length - 2]!.foot = done.foot;
					done.foot = [];
				}
				break;
			default:
				throw scanner.fail("the document ends too early", event.start);
		}
		const parent = open[open.length - 1];
		if (parent === undefined) return done;
		addTo(parent, done);
	}
}

function addTo(parent: YamlNode, child: YamlNode): void {
	const { content } = parent;
	content.push(child);
	if (parent.kind === "list") return;
	if (content.length % 2 === 1) {
		// The foot of a key in block style was written under the value before it.
		if (!parent.flow && child.foot.length > 0 && content.length > 2) {
			content[content.length - 3]!.foot = child.foot;
			child.foot = [];
		}
		return;
	}
	const key = content[content.length - 2]!;
	if (key.foot.length === 0 && child.foot.length > 0) {
		key.foot = child.foot;
		child.foot = [];
	}
}

function node(kind: YamlNode["kind"], event: Event, target?: YamlNode): YamlNode {
	return {
		kind,
		head: event.head,
		line: event.line,
		foot: event.foot,
		value: event.value,
		tag: event.tag,
		style: event.style,
		flow: event.flow,
		content: [],
		target,
		start: event.start,
		end: event.end,
	};
}

function unknownAnchor(scanner: Scanner, event: Event): SopsError {
	return scanner.fail("an alias names an anchor that the file does not define before it", event.start);
}
