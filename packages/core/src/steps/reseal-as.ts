import type { ParsedFile } from "../formats/codec.ts";
import { envelopeOf } from "../formats/formats.ts";
import { sameBranches } from "../tree/same.ts";
import type { Branches } from "../tree/tree.ts";
import { carryOver } from "./carry-over.ts";
import { changesTo } from "./changes-to.ts";
import type { EncryptedFile } from "./encrypted-file.ts";
import type { OpenedFile } from "./open.ts";
import { requireDocuments } from "./output.ts";
import { type Reseal, reseal } from "./reseal.ts";
import { unreadText } from "./unread-text.ts";

/**
 * Writes an opened file with other branches.
 *
 * @param source - the text that the branches were read from, if there is one
 * @returns `undefined` when they say what the file says
 */
export function resealAs(
	opened: OpenedFile,
	target: Branches,
	source: ParsedFile | undefined,
	how: Reseal,
): EncryptedFile | undefined {
	const { codec } = opened;
	const envelope = envelopeOf(codec);
	carryOver(opened.branches, target, envelope.metadata !== "nested");
	if (sameBranches(opened.branches, target)) return undefined;
	requireDocuments(envelope, target);
	const edits = how.layout === "keep" ? changesTo(opened.branches, target) : undefined;
	if (edits !== undefined) return reseal(opened, edits, how);
	const { placement } = opened.detached;
	const renewed: OpenedFile = {
		...opened,
		branches: target,
		file: source ?? opened.file,
		detached: { ...opened.detached, places: [], placement },
	};
	let layout = source !== undefined && codec === envelope ? how.layout : "reference";
	if (layout === "keep" && source !== undefined && codec.holdsUnread?.(source)) {
		layout = "reference";
		opened.findings.push(unreadText());
	}
	return reseal(renewed, [], { ...how, layout, inClear: true });
}
