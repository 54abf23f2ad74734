import { envelopeOf } from "../formats/formats.ts";
import { sameKey } from "../keys/rekey.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { checkOptions } from "../options.ts";
import { DEFAULT_SELECTOR } from "../selectors.ts";
import { EncryptedFile } from "../steps/encrypted-file.ts";
import { inputText, requireFormat, requireOption } from "../steps/input.ts";
import { type MergeConflict, mergeMaps } from "../steps/merge-trees.ts";
import { type OpenedFile, openRequest, openText } from "../steps/open.ts";
import { resealAs } from "../steps/reseal-as.ts";
import { copyOf } from "../tree/copy.ts";
import type { Branches } from "../tree/tree.ts";
import { UPDATE_CHECKS, type UpdateOptions } from "./update.ts";

/** Three versions of an encrypted file. */
export interface MergeInput {
	/** The common ancestor. */
	readonly base: string | Uint8Array;
	/** The version that the changes of the other are brought into. */
	readonly ours: string | Uint8Array;
	readonly theirs: string | Uint8Array;
}

/** What {@link mergeDocuments} gives. */
export interface Merged {
	/** Ours with what theirs changed. Where both changed the same, ours. */
	readonly file: EncryptedFile;
	/** Places that a person must look at; without any, the merge is complete. */
	readonly conflicts: readonly MergeConflict[];
}

/**
 * Merges two versions of an encrypted file, value by value, in clear, and encrypts the result: what neither side
 * changed keeps its ciphertext, and so does what one of them changed. There is one new MAC. All three must open with
 * the providers.
 *
 * If only theirs changed who can decrypt, or what is encrypted, the result is like theirs in that; if both did, that is
 * a conflict at the empty path.
 *
 * @throws SopsError as `decryptDocument` and `encryptDocument`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function mergeDocuments(input: MergeInput, options: UpdateOptions): Promise<Merged> {
	const of = "mergeDocuments()";
	checkOptions(of, options, UPDATE_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	const open = async (one: keyof MergeInput) => {
		const text = inputText(`${of}, ${one}`, input?.[one], envelopeOf(codec), options.maxBytes);
		return { text, opened: await openText(text, openRequest(codec, options)) };
	};
	const [base, ours, theirs] = [await open("base"), await open("ours"), await open("theirs")];
	const conflicts: MergeConflict[] = [];
	const carrier = carrierOf(base.opened, ours.opened, theirs.opened, conflicts) === "ours" ? ours : theirs;
	const [mine, others] = [ours, theirs].map((side) => usableIn(carrier.opened, side.opened)) as [
		OpenedFile,
		OpenedFile,
	];
	const branches = mergeBranches(base.opened, mine, others, conflicts);
	const file = resealAs(carrier.opened, branches, undefined, {
		layout: options.layout ?? "keep",
		indent: options.indent,
		now: new Date(),
	});
	const { opened, text } = carrier;
	return {
		file: file ?? new EncryptedFile(text, text !== ours.text, opened.findings, codec.name),
		conflicts,
	};
}

function mergeBranches(
	base: OpenedFile,
	ours: OpenedFile,
	theirs: OpenedFile,
	conflicts: MergeConflict[],
): Branches {
	const counts = new Set([base, ours, theirs].map(({ branches }) => branches.length));
	if (counts.size > 1) {
		conflicts.push({ path: [], kind: "changed" });
		return ours.branches;
	}
	return ours.branches.map((branch, i) =>
		mergeMaps({ base: base.branches[i]!, ours: branch, theirs: theirs.branches[i]! }, conflicts),
	);
}

/** Whose metadata the result has. */
function carrierOf(
	base: OpenedFile,
	ours: OpenedFile,
	theirs: OpenedFile,
	conflicts: MergeConflict[],
): "ours" | "theirs" {
	if (sameRules(ours.metadata, theirs.metadata) || sameRules(base.metadata, theirs.metadata)) return "ours";
	if (sameRules(base.metadata, ours.metadata)) return "theirs";
	conflicts.push({ path: [], kind: "keys" });
	return "ours";
}

function sameRules(a: Metadata, b: Metadata): boolean {
	const selector = (of: Metadata): string => JSON.stringify(of.selector ?? DEFAULT_SELECTOR);
	return (
		selector(a) === selector(b) &&
		a.macOnlyEncrypted === b.macOnlyEncrypted &&
		a.shamirThreshold === b.shamirThreshold &&
		a.groups.length === b.groups.length &&
		a.groups.every((group, i) => {
			const other = b.groups[i]!;
			const isIn = (ref: (typeof group)[number]["ref"]) => other.some((entry) => sameKey(entry.ref, ref));
			return group.length === other.length && group.every(({ ref }) => isIn(ref));
		})
	);
}

/** Ciphertext of another data key is of no use in a file. */
function usableIn(carrier: OpenedFile, other: OpenedFile): OpenedFile {
	if (carrier === other) return other;
	const isSameKey = typeof carrier.cipher.open(other.metadata.mac, other.metadata.lastModified) !== "string";
	return isSameKey ? other : { ...other, branches: other.branches.map((branch) => copyOf(branch, false)) };
}
