import type { Path } from "../path.ts";
import { findEntry, type ValueNode } from "./tree.ts";

/** The value at a path; indices count data, not comments. `undefined` when there is none. */
export function findValue(root: ValueNode, path: Path): ValueNode | undefined {
	let at: ValueNode = root;
	for (const step of path) {
		let next: ValueNode | undefined;
		if (at.kind === "map" && typeof step === "string") next = findEntry(at, step)?.value;
		else if (at.kind === "list" && typeof step === "number") {
			next = at.items.filter((item) => item.kind !== "comment")[step];
		}
		if (next === undefined) return undefined;
		at = next;
	}
	return at;
}
