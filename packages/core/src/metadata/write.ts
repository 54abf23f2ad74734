import { KEY_TYPES, keyType, type StoredKeyType } from "../keys/key-types.ts";
import type { StoredEntry, StoredGroup } from "../keys/stored.ts";
import type { Leaf } from "../leaf/leaf.ts";
import { type EntryNode, entry, list, type MapNode, map, scalar, type ValueNode } from "../tree/tree.ts";
import type { Metadata } from "./metadata.ts";

/**
 * The metadata as a branch, as the reference writes it: keys sorted at every level, what is empty left out
 * (format section 7). Fields that this library does not know are sorted in among the others.
 */
export function writeMetadata(metadata: Metadata): MapNode {
	const fields: EntryNode[] = [...metadata.unknown];
	if (metadata.groups.length === 1) {
		for (const type of KEY_TYPES) {
			const entries = entriesOf(metadata.groups[0]!, type);
			if (entries.length > 0) fields.push(entry(type.type, list(entries)));
		}
	} else fields.push(entry("key_groups", list(metadata.groups.map(writeGroup))));
	fields.push(entry("lastmodified", text(metadata.lastModified)));
	fields.push(entry("mac", text(metadata.mac)));
	if (metadata.macOnlyEncrypted)
		fields.push(entry("mac_only_encrypted", scalar({ type: "bool", value: true })));
	if (metadata.selector) fields.push(entry(metadata.selector.name, text(metadata.selector.value)));
	if (metadata.shamirThreshold !== 0) {
		fields.push(entry("shamir_threshold", scalar({ type: "int", value: String(metadata.shamirThreshold) })));
	}
	fields.push(entry("version", text(metadata.version)));
	return map(sorted(fields));
}

function writeGroup(group: StoredGroup): MapNode {
	const fields: EntryNode[] = [];
	for (const type of KEY_TYPES) {
		const entries = entriesOf(group, type);
		if (entries.length > 0 || type.alwaysInGroups) fields.push(entry(type.type, list(entries)));
	}
	return map(sorted(fields));
}

function entriesOf(group: StoredGroup, type: StoredKeyType): MapNode[] {
	return group.filter((stored) => stored.ref.type === type.type).map(writeEntry);
}

function writeEntry(stored: StoredEntry): MapNode {
	const type = keyType(stored.ref.type)!;
	const fields: EntryNode[] = [...stored.unknown, entry("enc", text(stored.enc))];
	if (stored.createdAt !== undefined) fields.push(entry("created_at", text(stored.createdAt)));
	for (const { name, optional } of type.fields) {
		const value = stored.ref.fields[name] ?? "";
		if (typeof value !== "string") {
			const inner = Object.entries(value).map(([key, content]) => entry(key, text(content)));
			if (inner.length > 0) fields.push(entry(name, map(sorted(inner))));
		} else if (value !== "" || !optional) fields.push(entry(name, text(value)));
	}
	return map(sorted(fields));
}

function text(value: string): ValueNode {
	return scalar({ type: "str", value } satisfies Leaf);
}

/** By bytes of UTF-8, which for these names is by code point. */
function sorted(fields: EntryNode[]): EntryNode[] {
	return fields.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
