import type { Change } from "../../tree/change.ts";
import {
	type CommentNode,
	type EntryNode,
	type ListNode,
	list,
	type MapNode,
	map,
	type ScalarNode,
	type ValueNode,
} from "../../tree/tree.ts";
import type { EmitOptions, ParsedFile } from "../codec.ts";
import { emitYaml } from "./emit.ts";
import { flowEntry, flowText } from "./flow-text.ts";
import { Places } from "./places.ts";
import { rewriteBlock, rewriteScalar } from "./rewrite.ts";
import { readBlockScalar } from "./scalar.ts";

type Item = EntryNode | ValueNode | CommentNode;
type Collection = MapNode | ListNode;

/** A piece of source that gives way to another text. */
interface Edit {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/**
 * The source with changes applied at their spans. `undefined`: a change has no place in it, as a value that
 * came out of an alias, or a new entry in a flow collection that spans lines.
 */
export function patchYaml(
	file: ParsedFile,
	changes: readonly Change[],
	options: EmitOptions,
): string | undefined {
	const patcher = new Patcher(file, options);
	for (const change of changes) if (!patcher.apply(change)) return undefined;
	return patcher.result();
}

interface Insertion {
	readonly parent: Collection;
	readonly at: number;
	readonly column: number;
}

class Patcher {
	private readonly source: string;
	private readonly unit: number;
	private readonly metadataIndent: number | undefined;
	private readonly edits: Edit[] = [];
	private readonly places: Places;
	/** New items: where each was put, or `undefined` for what is written as part of another new item. */
	private readonly fresh = new Map<Item, Insertion | undefined>();
	private readonly replaced = new Set<Item>();

	constructor(file: ParsedFile, options: EmitOptions) {
		this.source = file.source;
		this.metadataIndent = options.indent;
		this.unit = indentUnit(file.source);
		this.places = new Places(file.source, file.branches);
	}

	apply(change: Change): boolean {
		switch (change.kind) {
			case "replace": {
				const { node } = change;
				// The tree holds the result: told twice, or within something new, a change is still one.
				if (this.replaced.has(node) || this.fresh.has(node)) return true;
				this.replaced.add(node);
				return node.kind === "comment" ? this.comment(node) : this.scalar(node);
			}
			case "exchange":
				return this.exchange(change.before, change.after, change.parent);
			case "insert":
				return this.insert(change.parent, change.item, change.after);
			case "remove":
				return this.remove(change.parent, change.item);
		}
	}

	/** `undefined` when two edits meet. */
	result(): string | undefined {
		const edits = this.edits
			.map((edit, order) => ({ ...edit, order }))
			.sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
		const breaks = this.source.includes("\r\n") ? "\r\n" : "\n";
		let out = "";
		let at = 0;
		for (const { start, end, text } of edits) {
			if (start < at) return undefined;
			out += this.source.slice(at, start) + (breaks === "\n" ? text : text.replaceAll("\n", breaks));
			at = end;
		}
		return out + this.source.slice(at);
	}

	private comment(node: CommentNode): boolean {
		if (node.start === -1 || /[\n\r]/.test(node.text)) return false;
		// An item of a list that turns out to be a comment gives up its dash.
		const start = node.asItem ? this.source.lastIndexOf("-", node.start) : node.start;
		this.edits.push({ start, end: node.end, text: `#${node.text}` });
		return true;
	}

	private scalar(node: ScalarNode): boolean {
		const { start, end } = node;
		if (start === -1) return false;
		const context = this.places.contextOf(node);
		if (context === undefined) return false;
		const { parent, inFlow } = context;
		const parentColumn = this.places.columnOf(parent.start);
		const first = this.source[start];
		if (end > start && !inFlow && (first === "|" || first === ">")) return this.block(node, parentColumn);
		const text = rewriteScalar(node.leaf, {
			source: this.source.slice(start, end),
			inFlow,
			parentColumn,
			parentIsList: parent.kind === "list",
			unit: this.unit,
		});
		if (text === undefined) return false;
		// A key without a value has nothing behind its colon.
		const gap = start === end && !/[\s]/.test(this.source[start - 1] ?? " ") ? " " : "";
		this.dropTag(start);
		this.edits.push({ start, end, text: gap + text });
		return true;
	}

	private block(node: ScalarNode, parentColumn: number): boolean {
		const { source } = this;
		const block = readBlockScalar(source, node.start, parentColumn);
		const lineEnd = endOfLine(source, node.start);
		if (lineEnd >= source.length) return false;
		const header = source.slice(node.start, block.headerEnd);
		const contentStart = lineEnd;
		const firstLine = /^[ ]*(?=[^\s])/m.exec(source.slice(contentStart, node.end));
		const indent = firstLine === null ? parentColumn + this.unit : firstLine[0].length;
		const parts = rewriteBlock(node.leaf, header, indent, parentColumn);
		if (parts === undefined) return false;
		// Blank lines behind clipped or stripped content are not content.
		let contentEnd = node.end;
		if (!header.includes("+")) {
			const content = source.slice(contentStart, contentEnd);
			contentEnd = contentStart + /(?:\r?\n[ \t]*)*$/.exec(content)!.index;
			contentEnd = endOfLine(source, contentEnd);
		}
		const endsFile = contentEnd >= source.length && !source.endsWith("\n");
		this.edits.push({ start: node.start, end: block.headerEnd, text: parts.header });
		this.edits.push({
			start: contentStart,
			end: contentEnd,
			text: endsFile ? parts.content.slice(0, -1) : parts.content,
		});
		return true;
	}

	/** A tag that wants another type would make ciphertext unreadable. */
	private dropTag(start: number): void {
		const lineStart = this.source.lastIndexOf("\n", start - 1) + 1;
		const before = this.source.slice(lineStart, start);
		const tag =
			/(?:!!(?:int|float|bool|null|timestamp|binary)|!<tag:yaml\.org,2002:(?:int|float|bool|null|timestamp|binary)>)[ \t]+$/.exec(
				before,
			);
		if (tag !== null) this.edits.push({ start: lineStart + tag.index, end: start, text: "" });
	}

	private exchange(before: ValueNode, after: ValueNode, parent: Collection): boolean {
		if (this.fresh.has(before) || this.fresh.has(parent)) {
			this.markFresh(after);
			return true;
		}
		if (before.start === -1) return false;
		this.markFresh(after);
		if (this.places.inFlow(parent)) {
			const text = flowText(after);
			if (text === undefined) return false;
			this.edits.push({ start: before.start, end: this.places.endOf(before), text });
			return true;
		}
		if (parent.kind === "list") {
			const column = this.places.columnOf(parent.start);
			const text = this.blockText(list([after]), column).slice(column + 2);
			this.edits.push({ start: before.start, end: this.places.endOf(before), text: text.trimEnd() });
			return true;
		}
		const item = parent.entries.find((candidate) => candidate.kind === "entry" && candidate.value === after);
		if (item?.kind !== "entry" || item.start === -1) return false;
		const column = this.places.columnOf(item.start);
		const text = this.blockText(map([item]), column)
			.slice(column)
			.trimEnd();
		this.edits.push({ start: item.start, end: this.places.trimmedEnd(before), text });
		return true;
	}

	private insert(parent: Collection, item: Item, after: Item | undefined): boolean {
		const placed = this.fresh.has(item);
		this.markFresh(item);
		if (placed || this.fresh.has(parent)) return true;
		if (parent.start === -1) return false;
		if (this.places.inFlow(parent)) return this.insertFlow(parent, item, after);
		if (after === undefined) return false;
		// Behind an item that is new as well, at the same place: edits there keep their order.
		const place = this.fresh.get(after) ?? this.placeBehind(parent, after);
		if (place === undefined) return false;
		this.fresh.set(item, place);
		const { at, column } = place;
		const text = this.blockText(wrapped(parent, item), column);
		const { source } = this;
		const endsOpen =
			at === source.length && source !== "" && !source.endsWith("\n") && place !== this.fresh.get(after);
		this.edits.push({ start: at, end: at, text: endsOpen ? `\n${text}` : text });
		return true;
	}

	/** An item with all that it holds. */
	private markFresh(item: Item): void {
		const pending: Item[] = [item];
		for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
			if (!this.fresh.has(next)) this.fresh.set(next, undefined);
			if (next.kind === "entry") pending.push(next.value);
			else if (next.kind === "map") pending.push(...next.entries);
			else if (next.kind === "list") pending.push(...next.items);
		}
	}

	private placeBehind(parent: Collection, after: Item): Insertion | undefined {
		if (after.start === -1) return undefined;
		return {
			parent,
			at: lineAfter(this.source, this.places.endOf(after)),
			column: this.places.columnOf(parent.start),
		};
	}

	private insertFlow(parent: Collection, item: Item, after: Item | undefined): boolean {
		if (item.kind === "comment") return false;
		const text = item.kind === "entry" ? flowEntry(item) : flowText(item);
		if (text === undefined) return false;
		if (after === undefined) {
			const empty = /^[{[]\s*[\]}]/.test(this.source.slice(parent.start));
			this.edits.push({ start: parent.start + 1, end: parent.start + 1, text: empty ? text : `${text}, ` });
			return true;
		}
		if (after.start === -1 || after.kind === "comment") return false;
		const at = this.places.endOf(after);
		this.edits.push({ start: at, end: at, text: `, ${text}` });
		return true;
	}

	private remove(parent: Collection, item: Item): boolean {
		if (this.fresh.has(item)) return true;
		if (item.start === -1) return false;
		if (this.places.inFlow(parent)) return this.removeFlow(item);
		const { source } = this;
		const start =
			parent.kind === "list" && item.kind !== "comment" ? source.lastIndexOf("-", item.start) : item.start;
		const lineStart = source.lastIndexOf("\n", start - 1) + 1;
		const end = lineAfter(source, this.places.endOf(item));
		if (source.slice(lineStart, start).trim() !== "") {
			// A comment behind a value goes alone; anything else shares its line with what must stay.
			if (item.kind !== "comment") return false;
			this.edits.push({ start: source.slice(0, start).trimEnd().length, end: item.end, text: "" });
			return true;
		}
		this.edits.push({ start: lineStart, end, text: "" });
		return true;
	}

	private removeFlow(item: Item): boolean {
		if (item.kind === "comment") return false;
		let start = item.start;
		let end = this.places.endOf(item);
		const behind = /^\s*,[ \t]*(?<closed>\s*[\]}])?/.exec(this.source.slice(end));
		const ahead = /,\s*$/.exec(this.source.slice(0, start));
		// The comma behind a last item stays: it stood behind the item before, if that was the last then.
		if (ahead !== null && (behind === null || behind.groups!.closed !== undefined)) start = ahead.index;
		else if (behind !== null) end += behind[0].length - (behind.groups!.closed?.length ?? 0);
		this.edits.push({ start, end, text: "" });
		return true;
	}

	/** New items as the reference writes them, moved to a column. */
	private blockText(holder: Collection, column: number): string {
		const isMetadata =
			column === 0 &&
			holder.kind === "map" &&
			holder.entries.some((item) => item.kind === "entry" && item.key === "sops");
		const unit = isMetadata ? this.metadataIndent : (this.metadataIndent ?? this.unit);
		let text: string;
		if (holder.kind === "map") text = emitYaml([holder], unit);
		else {
			// A list has to hang on a key; with an indentation of two its dashes stand at column two.
			text = emitYaml([map([{ kind: "entry", key: "x", value: holder, start: -1, end: -1 }])], 2)
				.split("\n")
				.slice(1)
				.map((line) => line.slice(2))
				.join("\n");
		}
		const pad = " ".repeat(column);
		return text.replace(/^(?=[^\n])/gm, pad);
	}
}

function wrapped(parent: Collection, item: Item): Collection {
	if (parent.kind === "map") return map([item as EntryNode | CommentNode]);
	return list([item as ValueNode | CommentNode]);
}

/** Spaces per level: the indentation of the first indented line, which in most files is one level. */
function indentUnit(source: string): number {
	const found = /^( +)[^\s#-]/m.exec(source);
	const width = found?.[1]?.length ?? 4;
	return width >= 2 && width <= 9 ? width : 2;
}

/** Offset behind the break of the line. */
function endOfLine(text: string, from: number): number {
	const at = text.indexOf("\n", from);
	return at === -1 ? text.length : at + 1;
}

/** Start of the line behind what ends at an offset; a block scalar ends behind its break. */
function lineAfter(text: string, end: number): number {
	return end > 0 && text[end - 1] === "\n" ? end : endOfLine(text, end);
}
