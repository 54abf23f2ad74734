import { ini } from "../src/formats/ini/ini.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import type { Change } from "../src/tree/change.ts";
import { sameBranches } from "../src/tree/same.ts";
import { type CommentNode, type EntryNode, entry, type MapNode, scalar } from "../src/tree/tree.ts";

type Item = EntryNode | CommentNode;

const OPTIONS = { wideIntegers: "refuse" } as const;

export const str = (value: string): Leaf => ({ type: "str", value });
export const key = (name: string, value: string): EntryNode => entry(name, scalar(str(value)));

/** A tree being changed, with the changes noted down as an operation would. */
export class Draft {
	readonly file;
	readonly changes: Change[] = [];

	constructor(source: string) {
		this.file = ini.parse(source, OPTIONS);
	}

	get root(): MapNode {
		return this.file.branches[0]!;
	}

	section(name: string): MapNode {
		const found = this.root.entries.findLast((item) => item.kind === "entry" && item.key === name);
		return (found as EntryNode).value as MapNode;
	}

	set(section: string, name: string, leaf: Leaf | string): this {
		const item = this.section(section).entries.find((one) => one.kind === "entry" && one.key === name);
		const node = (item as EntryNode).value;
		if (node.kind === "scalar") {
			node.leaf = typeof leaf === "string" ? str(leaf) : leaf;
			this.changes.push({ kind: "replace", node });
		}
		return this;
	}

	insert(parent: MapNode, index: number, item: Item): this {
		const after = parent.entries[index - 1];
		parent.entries.splice(index, 0, item);
		this.changes.push({ kind: "insert", parent, item, after });
		return this;
	}

	add(parent: MapNode, item: Item): this {
		return this.insert(parent, parent.entries.length, item);
	}

	remove(parent: MapNode, index: number, count = 1): this {
		for (const item of parent.entries.splice(index, count))
			this.changes.push({ kind: "remove", parent, item });
		return this;
	}

	comment(parent: MapNode, index: number, text: string): this {
		const node = { ...(parent.entries[index] as CommentNode), text };
		parent.entries[index] = node;
		this.changes.push({ kind: "replace", node });
		return this;
	}

	text(): string | undefined {
		return ini.patch(this.file, this.changes, {});
	}
}

/** Whether a text says what the changed tree says. */
export function isReadAs(text: string, draft: Draft): boolean {
	return sameBranches(ini.parse(text, OPTIONS).branches, draft.file.branches);
}
