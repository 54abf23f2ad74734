import type { MapNode } from "../../tree/tree.ts";
import { leafText } from "./leaf-text.ts";

export interface WantedKey {
	readonly name: string;
	readonly value: string;
	readonly comment: string | undefined;
}

/** What a section is to say. */
export interface WantedSection {
	readonly comment: string | undefined;
	readonly keys: readonly WantedKey[];
}

/** The content of a section; `undefined` for what no INI text is read as. */
export function wantedSection(node: MapNode): WantedSection | undefined {
	let comment: string | undefined;
	const keys: WantedKey[] = [];
	const names = new Set<string>();
	let isKeyBefore = false;
	for (const [index, item] of node.entries.entries()) {
		if (item.kind === "comment") {
			const last = keys.at(-1);
			if (index === 0) comment = item.text;
			else if (isKeyBefore && last !== undefined) keys[keys.length - 1] = { ...last, comment: item.text };
			else return undefined;
			isKeyBefore = false;
			continue;
		}
		const value = item.value.kind === "scalar" ? leafText(item.value.leaf) : undefined;
		if (value === undefined || names.has(item.key)) return undefined;
		names.add(item.key);
		keys.push({ name: item.key, value, comment: undefined });
		isKeyBefore = true;
	}
	return { comment, keys };
}
