import type { EntryNode } from "../tree/tree.ts";
import type { KeyEntry } from "./contract.ts";

/** A key entry as a file stores it, with the fields of it that this library does not know. */
export interface StoredEntry extends KeyEntry {
	readonly unknown: readonly EntryNode[];
}

/** The entries of one key group. */
export type StoredGroup = readonly StoredEntry[];
