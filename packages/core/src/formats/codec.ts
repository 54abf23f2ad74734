import type { Finding } from "../finding.ts";
import type { Change } from "../tree/change.ts";
import type { Branches, ListNode, ScalarNode } from "../tree/tree.ts";

/** A parsed file: its tree with spans into `source`. */
export interface ParsedFile {
	readonly source: string;
	readonly branches: Branches;
	readonly findings: readonly Finding[];
}

export interface ParseOptions {
	/** JSON integers beyond 64 bit: refuse them, or round them to floats as the reference does in silence. */
	readonly wideIntegers: "refuse" | "round";
}

export interface EmitOptions {
	/** Spaces per level; for JSON, -1 is a tab. Undefined: what the reference does without configuration. */
	readonly indent?: number;
}

/**
 * Where a format has its metadata (format section 7). `nested`: a branch under the key `sops`. `section`: flat
 * names under `sops`, with newlines as the two characters `\n`. `prefix`: flat names that begin with `sops_`, among
 * the others.
 */
export type MetadataPlacement = "nested" | "section" | "prefix";

/**
 * One file format. It knows text and trees, and nothing of keys or ciphers: encrypted values are strings to
 * it, and the metadata is a branch like any other.
 */
export interface FormatCodec {
	readonly name: string;

	/** Where the metadata of an encrypted file is. */
	readonly metadata: MetadataPlacement;

	/** Whether a file can hold several documents. */
	readonly documents: "one" | "several";

	/**
	 * What files are made of. `utf8`: text. `any`: any bytes; those that are not UTF-8 come to {@link parse}, and
	 * leave {@link emit} and {@link patch}, as `decodeAnyBytes` maps them to text.
	 */
	readonly content: "utf8" | "any";

	/** Whether selectors say what is encrypted; if not, everything is, and none is written. */
	readonly selectable: boolean;

	/** Whether the comments of a key stand behind it in the tree, and not before it. */
	readonly commentsFollow?: true;

	/** The format of encrypted files, where it is another one than that of plain files. */
	readonly envelope?: FormatCodec;

	/** Text to tree. @throws `syntax-invalid`, `document-empty`, `root-not-mapping`, `key-not-string`, `key-duplicate`, `depth-exceeded`, `alias-limit-exceeded`, `integer-out-of-range` */
	parse(source: string, options: ParseOptions): ParsedFile;

	/**
	 * The tree as the reference would write it, byte for byte. Comments that the format cannot hold are dropped, as
	 * there; so is every document but the first where it holds one, which callers refuse before.
	 *
	 * @throws `value-unsupported`, `path-not-found`, `depth-exceeded`, `size-exceeded`, `document-empty`
	 */
	emit(branches: Branches, options: EmitOptions): string;

	/**
	 * One value that is no mapping, by itself, as the reference extracts it. Absent: the format knows texts only.
	 *
	 * @throws as {@link emit}
	 */
	emitValue?(value: ScalarNode | ListNode, options: EmitOptions): string;

	/**
	 * The source with the changes applied at their spans and every other byte as it was. `undefined`: a change
	 * has no place in this source. The caller parses the result again and compares before giving it out.
	 */
	patch(file: ParsedFile, changes: readonly Change[], options: EmitOptions): string | undefined;

	/**
	 * Whether a file that was just parsed holds text that its tree does not, such as a comment that nothing reads, and
	 * that {@link patch} would leave in place. Where values are encrypted it may not stay
	 * (docs/decisions/0011-nothing-unread-stays-in-clear.md). Absent: such text does not exist.
	 */
	holdsUnread?(file: ParsedFile): boolean;
}
