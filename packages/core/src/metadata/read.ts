import { SopsError } from "../errors.ts";
import type { KeyFields } from "../keys/key-fields.ts";
import { KEY_TYPES, type StoredKeyType } from "../keys/key-types.ts";
import type { StoredEntry, StoredGroup } from "../keys/stored.ts";
import { parseGoBool } from "../leaf/bool.ts";
import { formatFloatPlain } from "../leaf/float.ts";
import { parseGoIntBase0 } from "../leaf/integer.ts";
import { parseMetadataTime } from "../leaf/time.ts";
import { SELECTOR_NAMES, type Selector } from "../selectors.ts";
import { type EntryNode, type MapNode, map, type ValueNode } from "../tree/tree.ts";
import { type Metadata, SETTING_FIELDS } from "./metadata.ts";

const NUMBER = "(?:0|[1-9]\\d{0,18})";
const PRERELEASE = `(?:${NUMBER}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const BUILD = "[0-9A-Za-z-]+";
/**
 * What the reference takes for a version before it decrypts: a semantic one, also behind a `v`, and all that begins
 * with `1.` (sops 3.13.3, version/version.go, `AIsNewerThanB`).
 */
const VERSION = new RegExp(
	`^1\\.|^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+${BUILD}(?:\\.${BUILD})*)?$`,
);

/**
 * Reads the metadata branch, as leniently as the reference: fields match without regard to case, scalars
 * convert to each other, null and an absent list are the same, one mapping is a list of one (sops 3.13.3,
 * stores/metadata.go).
 *
 * @throws SopsError `metadata-invalid`, `selector-conflict`
 */
export function readMetadata(branch: MapNode): Metadata {
	const fields = new Fields(branch, "");
	const lists = KEY_TYPES.map((type) => readEntries(fields, type, true));
	const topLevel = lists.flat();
	// What does not count must be well-formed all the same.
	const stored = readGroups(fields, topLevel.length === 0);
	const groups = topLevel.length > 0 ? [topLevel] : stored;
	if (groups.every((group) => group.length === 0)) {
		throw invalid("key_groups", "it names no master key, so nothing can decrypt the file");
	}
	const lastModified = parseMetadataTime(fields.text("lastmodified"));
	if (lastModified === undefined) throw invalid("lastmodified", "it is not a time in RFC 3339, in quotes");
	const version = fields.text("version");
	if (!VERSION.test(version)) throw invalid("version", "it is not a version of sops, such as 3.13.3");
	return {
		groups,
		shamirThreshold: fields.integer("shamir_threshold"),
		lastModified,
		mac: fields.text("mac"),
		version,
		selector: readSelector(fields),
		macOnlyEncrypted: fields.boolean("mac_only_encrypted"),
		unknown: fields.unknown([...SETTING_FIELDS, ...KEY_TYPES.map((type) => type.type)]),
	};
}

function readSelector(fields: Fields): Selector | undefined {
	const found: Selector[] = [];
	for (const name of SELECTOR_NAMES) {
		const value = fields.text(name);
		if (value !== "") found.push({ name, value });
	}
	if (found.length > 1) {
		const selectors = found.map((selector) => selector.name);
		throw new SopsError(
			"selector-conflict",
			`The file names ${found.length} selectors (${selectors.join(", ")}), and only one can apply. Remove the others.`,
			{ selectors },
		);
	}
	return found[0];
}

/** @param counts - the reference looks at times only of keys that count */
function readGroups(fields: Fields, counts: boolean): StoredGroup[] {
	return fields.list("key_groups").map((group, index) => {
		const inner = fieldsOf(group, `key_groups[${index}]`);
		return KEY_TYPES.flatMap((type) => readEntries(inner, type, counts));
	});
}

function readEntries(fields: Fields, type: StoredKeyType, counts: boolean): StoredEntry[] {
	return fields.list(type.type).map((item, index) => {
		return readEntry(fieldsOf(item, `${fields.prefix}${type.type}[${index}]`), type, counts);
	});
}

/** An item of a list; null is an empty one. */
function fieldsOf(item: ValueNode, name: string): Fields {
	if (item.kind !== "map" && !isNull(item)) throw invalid(name, "it is not a mapping");
	return new Fields(item.kind === "map" ? item : map([]), `${name}.`);
}

function readEntry(fields: Fields, type: StoredKeyType, counts: boolean): StoredEntry {
	const given: Record<string, KeyFields[string]> = {};
	for (const field of type.fields)
		given[field.name] = field.map ? fields.textMap(field.name) : fields.text(field.name);
	const unknown = fields.unknown([...type.fields.map((field) => field.name), "enc", "created_at"]);
	const entry = { ref: type.fromFields(given), enc: fields.text("enc"), unknown };
	if (!type.timestamped) return entry;
	const createdAt = parseMetadataTime(fields.text("created_at"));
	if (createdAt === undefined && !counts) return entry;
	if (createdAt === undefined)
		throw invalid(`${fields.prefix}created_at`, "it is not a time in RFC 3339, in quotes");
	if (counts && !type.readsId(entry.ref.id))
		throw invalid(fields.prefix.slice(0, -1), "its id is not of the form that its type has");
	return { ...entry, createdAt };
}

/** The fields of one mapping of the metadata. */
class Fields {
	readonly prefix: string;
	private readonly entries: readonly EntryNode[];
	private readonly byName = new Map<string, ValueNode>();
	private readonly byLowerName = new Map<string, ValueNode>();

	constructor(branch: MapNode, prefix: string) {
		this.prefix = prefix;
		this.entries = branch.entries.filter((item) => item.kind === "entry");
		for (const { key, value } of this.entries) {
			this.byName.set(key, value);
			this.byLowerName.set(key.toLowerCase(), value);
		}
	}

	unknown(known: readonly string[]): EntryNode[] {
		return this.entries.filter((entry) => !known.includes(entry.key.toLowerCase()));
	}

	text(name: string): string {
		const value = this.get(name);
		if (value === undefined) return "";
		if (value.kind !== "scalar") throw this.wrong(name, "a text");
		const { leaf } = value;
		switch (leaf.type) {
			case "str":
				if (typeof leaf.value === "string") return leaf.value;
				throw this.wrong(name, "a text");
			case "int":
				return leaf.value;
			case "float":
				return formatFloatPlain(leaf.value);
			case "bool":
				return leaf.value ? "1" : "0";
			case "null":
				return "";
			case "time":
				throw this.wrong(name, "a text; put it in quotes");
		}
	}

	integer(name: string): number {
		const value = this.get(name);
		if (value === undefined) return 0;
		if (value.kind === "scalar") {
			const { leaf } = value;
			if (leaf.type === "int") return Number(leaf.value);
			if (leaf.type === "float") return Math.trunc(leaf.value);
			if (leaf.type === "bool") return leaf.value ? 1 : 0;
			if (leaf.type === "null" || leaf.value === "") return 0;
			const parsed = typeof leaf.value === "string" ? parseGoIntBase0(leaf.value) : undefined;
			if (typeof parsed === "string") return Number(parsed);
		}
		throw this.wrong(name, "a whole number");
	}

	boolean(name: string): boolean {
		const value = this.get(name);
		if (value === undefined) return false;
		if (value.kind === "scalar") {
			const { leaf } = value;
			if (leaf.type === "bool") return leaf.value;
			if (leaf.type === "int") return leaf.value !== "0";
			if (leaf.type === "float") return leaf.value !== 0;
			if (leaf.type === "null" || leaf.value === "") return false;
			const parsed = typeof leaf.value === "string" ? parseGoBool(leaf.value) : undefined;
			if (parsed !== undefined) return parsed;
		}
		throw this.wrong(name, "true or false");
	}

	/** A list; null and nothing are an empty one, a mapping is a list of itself. */
	list(name: string): ValueNode[] {
		const value = this.get(name);
		if (value === undefined || isNull(value)) return [];
		if (value.kind === "list") return value.items.filter((item) => item.kind !== "comment");
		if (value.kind === "map") return value.entries.length === 0 ? [] : [value];
		throw this.wrong(name, "a list");
	}

	/** A mapping of texts; those in a list are one. */
	textMap(name: string): Record<string, string> {
		const result: Record<string, string> = Object.create(null);
		const value = this.get(name);
		const pending: ValueNode[] = value === undefined ? [] : [value];
		for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
			if (isNull(next)) continue;
			if (next.kind === "list") pending.unshift(...next.items.filter((item) => item.kind !== "comment"));
			else if (next.kind === "map") this.addTexts(name, next, result);
			else throw this.wrong(name, "a mapping");
		}
		return result;
	}

	private addTexts(name: string, node: MapNode, result: Record<string, string>): void {
		const inner = new Fields(node, `${this.prefix}${name}.`);
		for (const entry of inner.entries) {
			if (isNull(entry.value)) throw this.wrong(name, "a mapping of texts; a value of it is null");
			result[entry.key] = inner.text(entry.key);
		}
	}

	private get(name: string): ValueNode | undefined {
		return this.byName.get(name) ?? this.byLowerName.get(name);
	}

	private wrong(name: string, expected: string): SopsError {
		return invalid(`${this.prefix}${name}`, `it must be ${expected}`);
	}
}

function isNull(value: ValueNode): boolean {
	return value.kind === "scalar" && value.leaf.type === "null";
}

function invalid(field: string, reason: string): SopsError {
	return new SopsError(
		"metadata-invalid",
		`The metadata of the file cannot be used: in ${field}, ${reason}. Restore the "sops" part from the last good version of the file.`,
		{ field, reason },
	);
}
