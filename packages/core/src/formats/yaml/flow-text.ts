import type { EntryNode, ValueNode } from "../../tree/tree.ts";
import { rewriteScalar } from "./rewrite.ts";

/** Flow text of a new value on one line; `undefined` where a comment or a key cannot be in it. */
export function flowText(value: ValueNode): string | undefined {
	if (value.kind === "scalar") {
		return rewriteScalar(value.leaf, {
			source: "",
			inFlow: true,
			parentColumn: 0,
			parentIsList: false,
			unit: 2,
		});
	}
	const parts: string[] = [];
	for (const item of value.kind === "map" ? value.entries : value.items) {
		if (item.kind === "comment") return undefined;
		const text = item.kind === "entry" ? flowEntry(item) : flowText(item);
		if (text === undefined) return undefined;
		parts.push(text);
	}
	return value.kind === "map" ? `{${parts.join(", ")}}` : `[${parts.join(", ")}]`;
}

/** An entry of a flow mapping on one line. */
export function flowEntry(item: EntryNode): string | undefined {
	const value = flowText(item.value);
	const key = rewriteScalar(
		{ type: "str", value: item.key },
		{ source: "", inFlow: true, parentColumn: 0, parentIsList: false, unit: 2 },
	);
	return value === undefined || key === undefined ? undefined : `${key}: ${value}`;
}
