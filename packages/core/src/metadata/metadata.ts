import type { StoredGroup } from "../keys/stored.ts";
import { SELECTOR_NAMES, type Selector } from "../selectors.ts";
import type { EntryNode } from "../tree/tree.ts";

/** The version of `sops` that files written here are compatible with, and the reference of this library. */
export const COMPATIBLE_VERSION = "3.13.3";
/** Name of the entry or section that holds the metadata. */
export const METADATA_KEY = "sops";
/** What its flat names begin with where it stands among the other entries. */
export const METADATA_PREFIX = "sops_";

/** What a file says about its encryption (format section 7). */
export interface Metadata {
	readonly groups: readonly StoredGroup[];
	/** How many groups are needed; 0 when the file does not say. */
	readonly shamirThreshold: number;
	/** RFC 3339 with seconds, as the reference formats it again after reading. */
	readonly lastModified: string;
	/** The encrypted MAC, or empty. */
	readonly mac: string;
	readonly version: string;
	/** Absent: the file names none, and the default applies. */
	readonly selector: Selector | undefined;
	readonly macOnlyEncrypted: boolean;
	/** Fields this library does not know; they survive every rewrite. */
	readonly unknown: readonly EntryNode[];
}

/** Names of the metadata fields that are not lists of keys. */
export const SETTING_FIELDS: readonly string[] = [
	...SELECTOR_NAMES,
	"key_groups",
	"lastmodified",
	"mac",
	"mac_only_encrypted",
	"shamir_threshold",
	"version",
];
