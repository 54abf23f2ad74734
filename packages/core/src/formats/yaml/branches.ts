import { SopsError } from "../../errors.ts";
import type { Finding } from "../../finding.ts";
import type { Leaf } from "../../leaf/leaf.ts";
import { formatPath, type Path } from "../../path.ts";
import {
	type Branches,
	type CommentNode,
	comment,
	entry,
	type ListNode,
	list,
	type MapNode,
	map,
	type ScalarNode,
	scalar,
	type ValueNode,
} from "../../tree/tree.ts";
import type { YamlDocument, YamlNode } from "./node.ts";
import { resolvePlain, resolveTagged, type Unresolved } from "./resolve.ts";
import type { Scanner } from "./scanner.ts";
import type { Comments } from "./token.ts";

/** Text that aliases may add, beside what the source itself holds. The reference has no such bound. */
const MAX_ALIASED_LENGTH = 16 * 1024 * 1024;

/** One collection that is being filled. */
interface Frame {
	readonly node: YamlNode;
	readonly out: MapNode | ListNode;
	next: number;
	/** Comments that follow once the collection is complete: its own inside, its key's in the parent. */
	readonly footInside: Comments;
	readonly footOutside: Comments;
	readonly parent: Frame | undefined;
	/** Key in the parent mapping, for paths. */
	readonly key: string | undefined;
	/** Under an alias, spans mean nothing. */
	readonly aliased: boolean;
}

/**
 * Turns composed documents into branches as the reference does: comments become items beside what they
 * comment on, aliases are expanded, scalars get their types (sops 3.13.3, stores/yaml/store.go). Iterative.
 */
export function toBranches(
	documents: readonly YamlDocument[],
	scanner: Scanner,
): { branches: Branches; findings: Finding[] } {
	const builder = new Builder(scanner);
	const branches = documents.map((document, index) => builder.document(document, index === 0));
	return { branches, findings: builder.findings };
}

class Builder {
	readonly findings: Finding[] = [];
	private readonly scanner: Scanner;
	private first = true;
	private nodes = 0;
	private aliasedNodes = 0;
	private aliasedLength = 0;

	constructor(scanner: Scanner) {
		this.scanner = scanner;
	}

	document(document: YamlDocument, first: boolean): MapNode {
		this.first = first;
		const { root } = document;
		const target = root.kind === "alias" ? root.target! : root;
		const out = map([], target.start, target.kind === "map" ? document.end : target.end);
		append(out.entries, document.head, false);
		append(out.entries, document.line, false);
		if (root.kind === "alias") {
			append(out.entries, root.head, false);
			append(out.entries, root.line, false);
		}
		append(out.entries, target.head, false);
		append(out.entries, target.line, false);
		if (target.kind === "list") throw rootNotMapping("list");
		if (target.kind === "scalar") {
			if (this.leaf(target, undefined, undefined).type !== "null") throw rootNotMapping("value");
		} else {
			this.fill({
				node: target,
				out,
				next: 0,
				footInside: target.foot,
				footOutside: [],
				parent: undefined,
				key: undefined,
				aliased: root.kind === "alias",
			});
		}
		if (root.kind === "alias") append(out.entries, root.foot, false);
		append(out.entries, document.foot, false);
		return out;
	}

	private fill(root: Frame): void {
		let frame: Frame | undefined = root;
		while (frame !== undefined) {
			if (frame.next < frame.node.content.length) {
				frame = frame.node.kind === "map" ? this.pair(frame) : this.item(frame);
				continue;
			}
			const { out, parent }: Frame = frame;
			append(items(out), frame.footInside, false);
			if (parent !== undefined) append(items(parent.out), frame.footOutside, false);
			frame = parent;
		}
	}

	private pair(frame: Frame): Frame {
		const key = frame.node.content[frame.next]!;
		this.count(key, frame.aliased);
		const value = frame.node.content[frame.next + 1]!;
		const { entries } = frame.out as MapNode;
		if (frame.next === 0) this.checkDuplicates(frame);
		if (this.first && isMergeKey(key) && !canMerge(value)) {
			throw this.scanner.fail("a merge key needs a mapping or a list of mappings", value.start);
		}
		frame.next += 2;
		append(entries, key.head, false);
		append(entries, key.line, false);
		const handled = value.kind === "scalar" || value.kind === "alias";
		if (handled) {
			append(entries, value.head, false);
			append(entries, value.line, true);
		}
		const name = this.keyName(key, frame);
		const start = frame.aliased ? -1 : key.start;
		const end = frame.aliased ? -1 : key.end;
		if (value.kind === "scalar") {
			entries.push(entry(name, this.scalarNode(value, frame, name), start, end));
			append(entries, value.foot, false);
			append(entries, key.foot, false);
			return frame;
		}
		const target = value.kind === "alias" ? value.target! : value;
		if (target.kind === "scalar") {
			this.countTarget(target, frame);
			entries.push(entry(name, scalar(this.leaf(target, frame, name)), start, end));
			append(entries, value.foot, false);
			append(entries, key.foot, false);
			return frame;
		}
		const out = this.collection(target, frame.aliased || value.kind === "alias");
		entries.push(entry(name, out, start, end));
		const footOutside = value.kind === "alias" ? [...value.foot, ...key.foot] : key.foot;
		return this.open(frame, value, target, out, name, footOutside, true);
	}

	private item(frame: Frame): Frame {
		const item = frame.node.content[frame.next++]!;
		const { items } = frame.out as ListNode;
		append(items, item.head, false);
		append(items, item.line, true);
		if (item.kind === "scalar") {
			items.push(this.scalarNode(item, frame, undefined));
			append(items, item.foot, false);
			return frame;
		}
		const target = item.kind === "alias" ? item.target! : item;
		if (target.kind === "scalar") {
			this.countTarget(target, frame);
			items.push(scalar(this.leaf(target, frame, undefined)));
			append(items, item.foot, false);
			return frame;
		}
		const out = this.collection(target, frame.aliased || item.kind === "alias");
		items.push(out);
		return this.open(frame, item, target, out, undefined, item.foot, item.kind === "alias");
	}

	/** @param own - whether the collection's own comments go inside it, or were placed around it already */
	private open(
		parent: Frame,
		node: YamlNode,
		target: YamlNode,
		out: MapNode | ListNode,
		key: string | undefined,
		footOutside: Comments,
		own: boolean,
	): Frame {
		const aliased = parent.aliased || node.kind === "alias";
		if (node !== target) this.count(node, parent.aliased);
		this.count(target, aliased);
		if (aliased) {
			for (let up: Frame | undefined = parent; up !== undefined && node.kind === "alias"; up = up.parent) {
				if (up.node === target) throw this.scanner.fail("an anchor contains an alias of itself", node.start);
			}
		}
		if (own) {
			append(items(out), target.head, false);
			append(items(out), target.line, false);
		}
		return {
			node: target,
			out,
			next: 0,
			footInside: own ? target.foot : [],
			footOutside,
			parent,
			key,
			aliased,
		};
	}

	private collection(node: YamlNode, aliased: boolean): MapNode | ListNode {
		const start = aliased ? -1 : node.start;
		const end = aliased ? -1 : node.end;
		return node.kind === "map" ? map([], start, end) : list([], start, end);
	}

	private scalarNode(node: YamlNode, frame: Frame, key: string | undefined): ScalarNode {
		this.count(node, frame.aliased);
		const leaf = this.leaf(node, frame, key);
		return frame.aliased ? scalar(leaf) : scalar(leaf, node.start, node.end);
	}

	private leaf(node: YamlNode, frame: Frame | undefined, key: string | undefined): Leaf {
		const plain = node.style === "plain";
		const leaf =
			plain && node.tag === "" ? resolvePlain(node.value) : resolveTagged(node.tag, node.value, !plain);
		if (typeof leaf !== "string") return leaf;
		throw this.unresolved(leaf, node, frame === undefined ? [] : pathOf(frame, key));
	}

	private unresolved(reason: Unresolved, node: YamlNode, path: Path): SopsError {
		switch (reason) {
			case "integer-out-of-range":
				return new SopsError(
					"integer-out-of-range",
					`The integer${at(path)} does not fit 64 bits. Put it in quotes to keep it as text.`,
					{ path },
				);
			case "binary-malformed":
				return this.scanner.fail("a !!binary value is not base64", node.start);
			case "tag-mismatch":
				return this.scanner.fail("a value is not of the type that its tag names", node.start);
		}
	}

	private keyName(key: YamlNode, frame: Frame): string {
		const target = key.kind === "alias" ? key.target! : key;
		if (target.kind === "scalar") {
			// A merge key stays a key like any other.
			const leaf = this.leaf(target, frame, undefined);
			if (leaf.type === "str" && typeof leaf.value === "string") return leaf.value;
		}
		const path = pathOf(frame, undefined);
		throw new SopsError(
			"key-not-string",
			`A key of the mapping${at(path)} is not text, which SOPS files cannot hold. Put the key in quotes.`,
			{ path },
		);
	}

	/**
	 * The reference refuses duplicates in the first document only, by source text and kind of the key; in
	 * later ones it keeps both.
	 */
	private checkDuplicates(frame: Frame): void {
		const { content } = frame.node;
		if (content.length < 4) return;
		const seen = new Set<string>();
		for (let i = 0; i < content.length; i += 2) {
			const key = content[i]!;
			if (key.kind !== "scalar" && key.kind !== "alias") continue;
			const name = `${key.kind} ${key.value}`;
			if (!seen.has(name)) {
				seen.add(name);
				continue;
			}
			const path = [...pathOf(frame, undefined), key.value];
			if (this.first) {
				throw new SopsError(
					"key-duplicate",
					`The key${at(path)} stands twice in its mapping. Keep one of them.`,
					{ path },
				);
			}
			this.findings.push({
				code: "key-duplicate",
				message: "A mapping has the same key twice; both are kept, and data holds the last.",
				path,
			});
		}
	}

	/** A scalar by way of an alias: the alias is a node, and what it stands for is another. */
	private countTarget(target: YamlNode, frame: Frame): void {
		this.count(target, frame.aliased);
		this.count(target, true);
	}

	/** go-yaml's guard against documents that grow by aliases of aliases (decode.go, `allowedAliasRatio`). */
	private count(node: YamlNode, aliased: boolean): void {
		this.nodes++;
		if (!aliased) return;
		this.aliasedNodes++;
		this.aliasedLength += node.value.length;
		if (this.aliasedLength > MAX_ALIASED_LENGTH) throw tooManyAliases(MAX_ALIASED_LENGTH);
		const { nodes, aliasedNodes } = this;
		if (nodes <= 100 || aliasedNodes <= 1000) return;
		const allowed = allowedAliasRatio(nodes);
		if (aliasedNodes / nodes > allowed) throw tooManyAliases(Math.round(allowed * 100));
	}
}

function tooManyAliases(limit: number): SopsError {
	return new SopsError(
		"alias-limit-exceeded",
		"Aliases make up nearly all of the document once expanded. Write the values out.",
		{ limit },
	);
}

/**
 * go-yaml resolves merge keys when it checks the first document, and refuses what cannot be merged (decode.go).
 * One with the tag is let through: so the reference writes a quoted `"<<"`, and could not read it again.
 */
function isMergeKey({ kind, value, tag, style }: YamlNode): boolean {
	return kind === "scalar" && value === "<<" && style === "plain" && (tag === "" || tag === "!");
}

function canMerge(value: YamlNode): boolean {
	const isMap = (node: YamlNode): boolean => (node.kind === "alias" ? node.target! : node).kind === "map";
	return isMap(value) || (value.kind === "list" && value.content.every(isMap));
}

/** From 99 % for small documents down to 10 % for large ones. */
function allowedAliasRatio(nodes: number): number {
	if (nodes <= 400_000) return 0.99;
	if (nodes >= 4_000_000) return 0.1;
	return 0.99 - (0.89 * (nodes - 400_000)) / 3_600_000;
}

function items(out: MapNode | ListNode): (CommentNode | ValueNode | MapNode["entries"][number])[] {
	return out.kind === "map" ? out.entries : out.items;
}

function append(target: unknown[], lines: Comments, inline: boolean): void {
	for (const line of lines) {
		if (line.text === "") continue;
		const start = line.start;
		target.push(comment(line.text.slice(1), inline, start, start === -1 ? -1 : start + line.text.length));
	}
}

function pathOf(frame: Frame, key: string | undefined): Path {
	const path: (string | number)[] = [];
	if (frame.node.kind === "list") path.unshift(frame.next - 1);
	else if (key !== undefined) path.unshift(key);
	for (let child = frame; child.parent !== undefined; child = child.parent) {
		path.unshift(child.key ?? child.parent.next - 1);
	}
	return path;
}

/** ` at ["a"]["b"]`, or nothing for the root. */
function at(path: Path): string {
	return path.length === 0 ? "" : ` at ${formatPath(path)}`;
}

function rootNotMapping(found: "list" | "value"): SopsError {
	return new SopsError(
		"root-not-mapping",
		`The document is a ${found}, and SOPS files hold mappings only. Put it under a key, for example "data".`,
		{ found },
	);
}
