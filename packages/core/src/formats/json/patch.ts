import { isSopsError } from "../../errors.ts";
import type { Change } from "../../tree/change.ts";
import type { CommentNode, EntryNode, ListNode, MapNode, ScalarNode, ValueNode } from "../../tree/tree.ts";
import type { EmitOptions, ParsedFile } from "../codec.ts";
import { emitEntry, emitValue, formatScalar, type Layout } from "./emit.ts";
import { Exchanges } from "./exchanges.ts";
import { lineIndent, type Placed, Style } from "./style.ts";

type Container = MapNode | ListNode;
type Item = EntryNode | ValueNode;

/** How often an item came to a container and left it. */
interface Tally {
	came: number;
	went: number;
}

/** Source text to be replaced. */
interface Edit {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/**
 * The source with the changes at their spans and every other byte as it was. New values are set as their
 * neighbours are: on lines of their own with the author's indentation, or all on one line.
 *
 * The changes say which items and values are of the source no more and which are new; what they look like
 * now is in the tree, so a change to something new, or to something gone, is done already.
 *
 * @returns `undefined` if a changed place is not in the source, or a value is none of JSON
 */
export function patchJson(
	file: ParsedFile,
	changes: readonly Change[],
	options: EmitOptions,
): string | undefined {
	const patch = new Patch(file, changes, options);
	try {
		return patch.apply();
	} catch (thrown) {
		// The reference renderer, which comes next, says which value it was.
		if (isSopsError(thrown, "value-unsupported")) return undefined;
		throw thrown;
	}
}

class Patch {
	readonly #source: string;
	readonly #style: Style;
	readonly #changes: readonly Change[];
	readonly #edits: Edit[] = [];
	readonly #exchanges = new Exchanges();
	readonly #tallies = new Map<Container, Map<Item, Tally>>();
	/** Everything below something new, once somebody asks. */
	#fresh: Set<Item> | undefined;

	constructor(file: ParsedFile, changes: readonly Change[], options: EmitOptions) {
		this.#source = file.source;
		this.#style = new Style(file, options);
		this.#changes = changes;
	}

	apply(): string | undefined {
		if (!this.#exchanges.note(this.#changes) || !this.#tally()) return undefined;
		// Of edits to the same place the first one counts: what is written anew holds what changed in it.
		for (const [container, tallies] of this.#tallies) {
			if (container.start < 0 ? !this.#isFresh(container) : !this.#rearrange(container, tallies)) {
				return undefined;
			}
		}
		for (const change of this.#changes) {
			if (change.kind === "exchange" && !this.#exchange(change.before, change.parent)) return undefined;
		}
		for (const change of this.#changes) {
			if (change.kind === "replace" && !this.#replace(change.node)) return undefined;
		}
		return splice(this.#source, this.#edits);
	}

	/** Counts what came and went, under the value that an item began as. */
	#tally(): boolean {
		for (const change of this.#changes) {
			if (change.kind !== "insert" && change.kind !== "remove") continue;
			const { parent, item } = change;
			if (item.kind === "comment") continue;
			const origin = this.#exchanges.originOf(item);
			if (origin === undefined) return false;
			let tallies = this.#tallies.get(parent);
			if (tallies === undefined) {
				tallies = new Map();
				this.#tallies.set(parent, tallies);
			}
			let tally = tallies.get(origin);
			if (tally === undefined) {
				tally = { came: 0, went: 0 };
				tallies.set(origin, tally);
			}
			if (change.kind === "insert") tally.came++;
			else tally.went++;
		}
		return true;
	}

	#replace(node: ScalarNode | CommentNode): boolean {
		if (node.kind === "comment") return true;
		if (node.start < 0) return this.#isFresh(node);
		let text = formatScalar(node.leaf);
		if (text === undefined) return false;
		// The reference writes a whole float as an integer; here it must stay what it is.
		if (node.leaf.type === "float" && /^-?\d+$/.test(text)) text += ".0";
		this.#edits.push({ start: node.start, end: node.end, text });
		return true;
	}

	#exchange(before: ValueNode, parent: Container): boolean {
		// In a chain, the first value has the place and the last one the text.
		if (this.#exchanges.came(before)) return true;
		const after = this.#exchanges.endOf(before);
		if (after === undefined) return false;
		// A new value in something new.
		if (before.start < 0) return true;
		if (parent.start < 0) return this.#isFresh(parent);
		const layout = this.#style.layoutIn(parent);
		const base = after.kind === "scalar" || layout.lineBreak === "" ? "" : this.#style.indentAt(before.start);
		this.#edits.push({ start: before.start, end: before.end, text: emitValue(after, layout, base) });
		return true;
	}

	/** Sets the gaps between the items that stayed anew wherever something came or went. */
	#rearrange(container: Container, tallies: ReadonlyMap<Item, Tally>): boolean {
		const stayed: Placed[] = [];
		/** What came, by how many items that stayed are before it. */
		const came = new Map<number, Item[]>();
		const now = new Set<Item>();
		for (const item of itemsOf(container)) {
			const origin = this.#exchanges.originOf(item);
			// A value that gave way and came back elsewhere cannot be told from the one that took its place.
			if (origin === undefined || (item.kind !== "entry" && this.#exchanges.went(item))) return false;
			if ((tallies.get(origin)?.came ?? 0) > 0) {
				now.add(origin);
				const here = came.get(stayed.length);
				if (here === undefined) came.set(stayed.length, [item]);
				else here.push(item);
				continue;
			}
			const placed = this.#place(item);
			const last = stayed.at(-1);
			if (placed === undefined || (last !== undefined && placed.start < last.end)) return false;
			stayed.push(placed);
		}
		const gone: Placed[] = [];
		for (const [origin, tally] of tallies) {
			// What came first and went then was never in the source, or elsewhere in it.
			if ((now.has(origin) ? 1 : 0) + tally.went - tally.came <= 0) continue;
			const placed = this.#place(origin);
			if (placed === undefined) return false;
			gone.push(placed);
		}
		gone.sort((a, b) => a.start - b.start);

		const before = [...stayed, ...gone].sort((a, b) => a.start - b.start);
		let nextGone = 0;
		let seen = 0;
		for (let gap = 0; gap <= stayed.length; gap++) {
			const left = stayed[gap - 1];
			const right = stayed[gap];
			const end = right?.start ?? container.end - 1;
			const firstGone = nextGone;
			while (nextGone < gone.length && gone[nextGone]!.start < end) nextGone++;
			const lost = gone.slice(firstGone, nextGone);
			const items = came.get(gap) ?? [];
			if (lost.length > 0 || items.length > 0) {
				this.#setGap(container, before, seen, left, right, lost, items);
			}
			seen += lost.length + 1;
		}
		return true;
	}

	/**
	 * @param before - all items of the source
	 * @param index - of the first of them that is behind `left`
	 */
	#setGap(
		container: Container,
		before: readonly Placed[],
		index: number,
		left: Placed | undefined,
		right: Placed | undefined,
		lost: readonly Placed[],
		came: readonly Item[],
	): void {
		const start = left?.end ?? container.start + 1;
		const end = right?.start ?? container.end - 1;
		const firstLost = lost[0];
		const lastLost = lost.at(-1);
		if (came.length === 0) {
			if (firstLost === undefined || lastLost === undefined) return;
			// The line of what went goes with it, up to what follows; at the end, the comma before it.
			if (right !== undefined) this.#edits.push({ start: firstLost.start, end: right.start, text: "" });
			else if (left !== undefined) this.#edits.push({ start: left.end, end: lastLost.end, text: "" });
			else this.#edits.push({ start, end, text: "" });
			return;
		}
		if (before.length === 0) {
			this.#edits.push({ start, end, text: this.#fill(container, came) });
			return;
		}
		const separator = this.#style.separatorAt(container, before, index);
		const base = lineIndent(separator);
		const layout = this.#style.layout(separator);
		const texts = came.map((item) => emitItem(item, layout, base));
		if (firstLost !== undefined && lastLost !== undefined) {
			this.#edits.push({ start: firstLost.start, end: lastLost.end, text: texts.join(separator) });
		} else if (left !== undefined) {
			this.#edits.push({ start: left.end, end: left.end, text: separator + texts.join(separator) });
		} else {
			this.#edits.push({ start: end, end, text: texts.join(separator) + separator });
		}
	}

	/** The inside of a container that has been empty. */
	#fill(container: Container, items: readonly Item[]): string {
		const style = this.#style;
		const { lineBreak, unit } = style;
		const layout = style.layout(lineBreak);
		if (lineBreak === "") return items.map((item) => emitItem(item, layout, "")).join(layout.comma);
		const outer = style.indentAt(container.start);
		const base = outer + unit;
		const lines = items.map((item) => lineBreak + base + emitItem(item, layout, base));
		return lines.join(",") + lineBreak + outer;
	}

	/** Where an item stands in the source, with its value's end; `undefined` if it does not. */
	#place(item: Item): Placed | undefined {
		const value = this.#exchanges.beginOf(item.kind === "entry" ? item.value : item);
		if (value === undefined || value.start < 0 || (item.kind === "entry" && item.start < 0)) return undefined;
		return { start: item.kind === "entry" ? item.start : value.start, end: value.end };
	}

	/** Whether a node without a place is written, or was lost, as a part of something new. */
	#isFresh(node: Item): boolean {
		this.#fresh ??= descendants([
			...this.#exchanges.values(),
			...[...this.#tallies.values()].flatMap((tallies) => [...tallies.keys()]),
		]);
		return this.#fresh.has(node);
	}
}

function emitItem(item: Item, layout: Layout, base: string): string {
	return item.kind === "entry" ? emitEntry(item, layout, base) : emitValue(item, layout, base);
}

function* itemsOf(container: Container): Generator<Item> {
	for (const item of container.kind === "map" ? container.entries : container.items) {
		if (item.kind !== "comment") yield item;
	}
}

function descendants(roots: readonly Item[]): Set<Item> {
	const found = new Set<Item>();
	const waiting = [...roots];
	for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
		if (found.has(item)) continue;
		found.add(item);
		if (item.kind === "entry") waiting.push(item.value);
		else if (item.kind !== "scalar") {
			for (const child of itemsOf(item)) waiting.push(child);
		}
	}
	return found;
}

/** Applies edits; one within a longer one is part of what that replaces. */
function splice(source: string, edits: readonly Edit[]): string {
	const ordered = [...edits].sort(
		(a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start) || b.end - a.end,
	);
	const parts: string[] = [];
	let at = 0;
	for (const edit of ordered) {
		if (edit.start < at) continue;
		parts.push(source.slice(at, edit.start), edit.text);
		at = edit.end;
	}
	parts.push(source.slice(at));
	return parts.join("");
}
