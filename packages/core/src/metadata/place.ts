import { SopsError } from "../errors.ts";
import type { Change } from "../tree/change.ts";
import { type Branches, type EntryNode, entry, findEntry, type MapNode } from "../tree/tree.ts";
import { METADATA_KEY } from "./metadata.ts";

/** Whether a plain document already has the entry that the metadata needs. */
export function hasMetadata(branches: Branches): boolean {
	return branches.some((branch) => findEntry(branch, METADATA_KEY) !== undefined);
}

/** Where the metadata stood in one branch. */
export interface MetadataPlace {
	readonly branch: MapNode;
	readonly entry: EntryNode;
	/** How many items followed it. */
	readonly followers: number;
}

export interface DetachedMetadata {
	/** That of the first branch, which counts. */
	readonly node: MapNode;
	/** Where it stood, for layouts that put it back. */
	readonly places: readonly MetadataPlace[];
}

/**
 * Takes the metadata out of all branches (sops 3.13.3, stores/metadata.go).
 *
 * @throws SopsError `not-encrypted`, `metadata-invalid`
 */
export function detachMetadata(branches: Branches, format: string): DetachedMetadata {
	let node: MapNode | undefined;
	const places: MetadataPlace[] = [];
	for (const [index, branch] of branches.entries()) {
		const { entries } = branch;
		for (let i = entries.length - 1; i >= 0; i--) {
			const item = entries[i]!;
			if (item.kind !== "entry" || item.key !== METADATA_KEY) continue;
			places.push({ branch, entry: item, followers: entries.length - 1 - i });
			entries.splice(i, 1);
			if (index > 0) continue;
			if (node !== undefined) throw malformed("it stands twice in the document");
			if (item.value.kind !== "map") throw malformed("it is not a mapping");
			node = item.value;
		}
	}
	if (node !== undefined) return { node, places };
	throw new SopsError(
		"not-encrypted",
		`The file has no "${METADATA_KEY}" part, so it was not encrypted by SOPS, or lost it. Encrypt it first, or check that it is the right file and really ${format}.`,
		{ format },
	);
}

/** Puts metadata back where it was taken from. */
export function restoreMetadata(places: readonly MetadataPlace[]): void {
	for (const { branch, entry, followers } of places) {
		branch.entries.splice(Math.max(0, branch.entries.length - followers), 0, entry);
	}
}

/** Puts new metadata at the end of every branch; they share the node. */
export function attachMetadata(branches: Branches, metadata: MapNode): Change[] {
	return branches.map((branch) => {
		const after = branch.entries[branch.entries.length - 1];
		const item = entry(METADATA_KEY, metadata);
		branch.entries.push(item);
		return { kind: "insert", parent: branch, item, after };
	});
}

function malformed(reason: string): SopsError {
	return new SopsError(
		"metadata-invalid",
		`The metadata of the file cannot be used: the entry "${METADATA_KEY}" cannot be read, because ${reason}. Restore it from the last good version of the file.`,
		{ field: METADATA_KEY, reason },
	);
}
