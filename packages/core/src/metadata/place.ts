import { SopsError } from "../errors.ts";
import type { MetadataPlacement } from "../formats/codec.ts";
import type { Change } from "../tree/change.ts";
import {
	type Branches,
	type EntryNode,
	entry,
	findEntry,
	type MapNode,
	map,
	type ScalarNode,
} from "../tree/tree.ts";
import { flatten, unflatten } from "./flatten.ts";
import { METADATA_KEY, METADATA_PREFIX } from "./metadata.ts";

/** Whether a plain document already has an entry that the metadata needs. */
export function hasMetadata(branches: Branches, placement: MetadataPlacement): boolean {
	if (placement !== "prefix") return branches.some((branch) => findEntry(branch, METADATA_KEY) !== undefined);
	return branches.some((branch) => branch.entries.some(isPrefixed));
}

/** Where the metadata, or one field of it, stood in a branch. */
export interface MetadataPlace {
	readonly branch: MapNode;
	readonly entry: EntryNode;
	/** How many items followed it, metadata not counted. */
	readonly followers: number;
}

export interface DetachedMetadata {
	/** That of the first branch, which counts; unflattened. */
	readonly node: MapNode;
	readonly placement: MetadataPlacement;
	/** Where it stood, last first, for layouts that put it back. */
	readonly places: readonly MetadataPlace[];
}

/**
 * Takes the metadata out of all branches (sops 3.13.3, stores/metadata.go).
 *
 * @param format - a name for errors
 * @throws SopsError `not-encrypted`, `metadata-invalid`
 */
export function detachMetadata(
	branches: Branches,
	placement: MetadataPlacement,
	format: string,
): DetachedMetadata {
	const isMetadata = placement === "prefix" ? isPrefixed : isNamed;
	const places: MetadataPlace[] = [];
	for (const branch of branches) {
		const { entries } = branch;
		const stays: typeof entries = [];
		const gone: MetadataPlace[] = [];
		for (let i = entries.length - 1; i >= 0; i--) {
			const item = entries[i]!;
			if (isMetadata(item)) gone.push({ branch, entry: item, followers: stays.length });
			else stays.push(item);
		}
		if (gone.length > 0) {
			stays.reverse();
			for (const [i, item] of stays.entries()) entries[i] = item;
			entries.length = stays.length;
		}
		places.push(...gone);
	}
	const first = places.filter((place) => place.branch === branches[0]).reverse();
	if (first.length === 0) throw notEncrypted(placement, format);
	return { node: nodeOf(first, placement), placement, places };
}

function nodeOf(places: readonly MetadataPlace[], placement: MetadataPlacement): MapNode {
	if (placement === "prefix") {
		return unflatten(
			places.map(({ entry: { key, value } }) => entry(key.slice(METADATA_PREFIX.length), value)),
		);
	}
	if (places.length > 1) throw malformed("it stands twice in the document");
	const { value } = places[0]!.entry;
	if (value.kind !== "map") throw malformed("it is not a mapping");
	if (placement === "nested") return value;
	const fields = value.entries.filter((item) => item.kind === "entry");
	return unflatten(fields.map((field) => entry(field.key, withNewlines(field.value))));
}

function withNewlines(value: EntryNode["value"]): EntryNode["value"] {
	if (value.kind !== "scalar" || typeof value.leaf.value !== "string" || value.leaf.type !== "str")
		return value;
	return { ...value, leaf: { type: "str", value: value.leaf.value.replaceAll("\\n", "\n") } };
}

/** What is different in a file that has no metadata any more. */
export function removedMetadata({ places }: DetachedMetadata): Change[] {
	return places.map(({ branch, entry: item }) => ({ kind: "remove", parent: branch, item }));
}

/** Puts metadata back where it was taken from. */
export function restoreMetadata(places: readonly MetadataPlace[]): void {
	// The last place stands first.
	for (const { branch, entry, followers } of [...places].reverse()) {
		branch.entries.splice(Math.max(0, branch.entries.length - followers), 0, entry);
	}
}

/** Puts new metadata where the old one stood, for layouts that keep the rest of the file. */
export function exchangeMetadata(detached: DetachedMetadata, metadata: MapNode): Change[] {
	const { places, placement } = detached;
	restoreMetadata(places);
	if (placement === "prefix") return exchangeFlat(places, itemsOf(metadata, placement));
	const changes: Change[] = [];
	for (const { branch, entry: item } of places) {
		if (placement === "section") {
			// A section of its own, and not lines of the old one: its alignment depends on its longest name.
			const after = itemsOf(metadata, placement)[0]!;
			const at = branch.entries.indexOf(item);
			branch.entries[at] = after;
			changes.push({ kind: "remove", parent: branch, item });
			changes.push({ kind: "insert", parent: branch, item: after, after: branch.entries[at - 1] });
			continue;
		}
		const before = item.value;
		item.value = itemsOf(metadata, placement)[0]!.value;
		changes.push({ kind: "exchange", before, after: item.value, parent: branch });
	}
	return changes;
}

/** The new fields stand together where the first of the old ones stood. */
function exchangeFlat(places: readonly MetadataPlace[], fields: readonly EntryNode[]): Change[] {
	const changes: Change[] = [];
	const { branch } = places[0]!;
	const { entries } = branch;
	let at = entries.length;
	for (const { entry: item } of places) {
		at = entries.indexOf(item);
		entries.splice(at, 1);
		changes.push({ kind: "remove", parent: branch, item });
	}
	for (const item of fields) {
		changes.push({ kind: "insert", parent: branch, item, after: entries[at - 1] });
		entries.splice(at++, 0, item);
	}
	return changes;
}

/** Puts new metadata at the end of every branch; they share the node. */
export function attachMetadata(
	branches: Branches,
	metadata: MapNode,
	placement: MetadataPlacement,
): Change[] {
	const changes: Change[] = [];
	for (const branch of branches) {
		for (const item of itemsOf(metadata, placement)) {
			const after = branch.entries[branch.entries.length - 1];
			branch.entries.push(item);
			changes.push({ kind: "insert", parent: branch, item, after });
		}
	}
	return changes;
}

function itemsOf(metadata: MapNode, placement: MetadataPlacement): EntryNode[] {
	if (placement === "prefix") return flatten(metadata, METADATA_PREFIX);
	if (placement === "nested") return [entry(METADATA_KEY, metadata)];
	const fields = flatten(metadata, "");
	for (const { value } of fields) {
		if (value.kind === "scalar" && typeof value.leaf.value === "string") {
			value.leaf = { type: "str", value: value.leaf.value.replaceAll("\n", "\\n") };
		}
	}
	return [entry(METADATA_KEY, map(fields))];
}

/**
 * The fields that every change of a file renews, where they stand in its text.
 *
 * @returns `undefined` when a branch lacks one
 */
export function stampsOf(detached: DetachedMetadata, name: "mac" | "lastmodified"): ScalarNode[] | undefined {
	const { placement, places } = detached;
	const found =
		placement === "prefix"
			? places.map(({ entry }) => entry).filter(({ key }) => key === METADATA_PREFIX + name)
			: places.map(({ entry: { value } }) => (value.kind === "map" ? findEntry(value, name) : undefined));
	const nodes = found.map((field) => field?.value).filter((value) => value?.kind === "scalar");
	return nodes.length === found.length && nodes.length > 0 ? nodes : undefined;
}

function isNamed(item: MapNode["entries"][number]): item is EntryNode {
	return item.kind === "entry" && item.key === METADATA_KEY;
}

function isPrefixed(item: MapNode["entries"][number]): item is EntryNode {
	return item.kind === "entry" && item.key.startsWith(METADATA_PREFIX);
}

function notEncrypted(placement: MetadataPlacement, format: string): SopsError {
	const lacks =
		placement === "prefix" ? `names that start with "${METADATA_PREFIX}"` : `"${METADATA_KEY}" part`;
	return new SopsError(
		"not-encrypted",
		`The file has no ${lacks}, so it was not encrypted by SOPS, or lost it. Encrypt it first, or check that it is the right file and really ${format}.`,
		{ format },
	);
}

function malformed(reason: string): SopsError {
	return new SopsError(
		"metadata-invalid",
		`The metadata of the file cannot be used: the entry "${METADATA_KEY}" cannot be read, because ${reason}. Restore it from the last good version of the file.`,
		{ field: METADATA_KEY, reason },
	);
}
