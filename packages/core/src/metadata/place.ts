import { SopsError } from "../errors.ts";
import { type Branches, type EntryNode, entry, findEntry, type MapNode } from "../tree/tree.ts";
import { METADATA_KEY } from "./metadata.ts";

/** Whether a plain document already has the entry that the metadata needs. */
export function hasMetadata(branches: Branches): boolean {
	return branches.some((branch) => findEntry(branch, METADATA_KEY) !== undefined);
}

/**
 * Takes the metadata out of all branches; that of the first one counts (sops 3.13.3, stores/metadata.go).
 *
 * @throws SopsError `not-encrypted`, `metadata-invalid`
 */
export function detachMetadata(branches: Branches, format: string): MapNode {
	let found: MapNode | undefined;
	for (const [index, branch] of branches.entries()) {
		for (let i = branch.entries.length - 1; i >= 0; i--) {
			const item = branch.entries[i]!;
			if (item.kind !== "entry" || item.key !== METADATA_KEY) continue;
			branch.entries.splice(i, 1);
			if (index > 0) continue;
			if (found !== undefined) throw malformed("it stands twice in the document");
			if (item.value.kind !== "map") throw malformed("it is not a mapping");
			found = item.value;
		}
	}
	if (found === undefined) {
		throw new SopsError(
			"not-encrypted",
			`The ${format} has no "${METADATA_KEY}" part, so it was not encrypted by SOPS, or lost it. Encrypt it first, or check the path and the format.`,
			{ format },
		);
	}
	return found;
}

/** Puts the metadata at the end of every branch; they share the node. Gives the new entries. */
export function attachMetadata(branches: Branches, metadata: MapNode): EntryNode[] {
	return branches.map((branch) => {
		const item = entry(METADATA_KEY, metadata);
		branch.entries.push(item);
		return item;
	});
}

function malformed(reason: string): SopsError {
	return new SopsError(
		"metadata-invalid",
		`The metadata of the file cannot be used: the entry "${METADATA_KEY}" cannot be read, because ${reason}. Restore it from the last good version of the file.`,
		{ field: METADATA_KEY, reason },
	);
}
