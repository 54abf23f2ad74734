import type { Cipher } from "../cipher.ts";
import { envelopeOf } from "../formats/formats.ts";
import { formatRfc3339Seconds } from "../leaf/time.ts";
import type { Metadata } from "../metadata/metadata.ts";
import {
	attachMetadata,
	exchangeMetadata,
	hasMetadata,
	restoreMetadata,
	stampsOf,
} from "../metadata/place.ts";
import { writeMetadata } from "../metadata/write.ts";
import { DEFAULT_SELECTOR, Judge } from "../selectors.ts";
import type { Change } from "../tree/change.ts";
import { alreadyEncrypted } from "./already-encrypted.ts";
import { encryptTree } from "./encrypt-tree.ts";
import { EncryptedFile } from "./encrypted-file.ts";
import type { OpenedFile } from "./open.ts";
import { requireReadable } from "./readable.ts";
import { type Layout, render } from "./render.ts";

export interface Reseal {
	readonly layout: Layout;
	readonly indent: number | undefined;
	readonly now: Date;
	/** Who can decrypt from now on; absent: as before. */
	readonly keys?: Pick<Metadata, "groups" | "shamirThreshold">;
	/** The text of the file is another plaintext, not the encrypted file. */
	readonly inClear?: boolean;
	/** Of a new data key, under which everything is encrypted anew; absent: that of the file. */
	readonly cipher?: Cipher;
}

/**
 * The second half of every operation that changes values: encrypts an opened file again, renews MAC and time, and
 * writes it. Values that stayed keep their ciphertext while the data key is the same.
 *
 * @param edits - what was done to the branches of the file
 * @throws SopsError `already-encrypted`, `value-unsupported`, `comment-selector-ambiguous`
 */
export function reseal(opened: OpenedFile, edits: readonly Change[], how: Reseal): EncryptedFile {
	const { codec, branches, findings, file, metadata, detached } = opened;
	const envelope = envelopeOf(codec);
	if (hasMetadata(branches, envelope.metadata)) throw alreadyEncrypted(codec);
	// What the plain format cannot hold may not be put into its envelope.
	if (codec !== envelope) codec.emit(branches, {});
	const cipher = how.cipher ?? opened.cipher;
	const judge = new Judge(metadata.selector ?? DEFAULT_SELECTOR);
	const sealed = encryptTree(branches, judge, metadata.macOnlyEncrypted, cipher, {
		anew: how.cipher !== undefined,
		inClear: how.inClear ?? false,
	});
	const changes = [...edits, ...sealed.changes];
	const lastModified = formatRfc3339Seconds(how.now);
	const mac = cipher.sealText(sealed.mac, "str", lastModified);
	if (
		how.layout === "keep" &&
		how.keys === undefined &&
		renewStamps(opened, { lastmodified: lastModified, mac }, changes)
	) {
		restoreMetadata(detached.places);
	} else {
		const written = writeMetadata({ ...metadata, ...how.keys, lastModified, mac });
		changes.push(
			...(how.layout === "keep" && detached.places.length > 0
				? exchangeMetadata(detached, written)
				: attachMetadata(branches, written, detached.placement)),
		);
	}
	const emitOptions = how.indent === undefined ? {} : { indent: how.indent };
	const text = render(envelope, branches, how.layout, emitOptions, file, changes, findings);
	if (envelope.metadata !== "nested") requireReadable(text, envelope, branches, cipher);
	return new EncryptedFile(text, true, findings, codec.name);
}

/** Changes MAC and time where they stand. @returns whether every branch has them */
function renewStamps(
	{ detached }: OpenedFile,
	stamps: Readonly<Record<"lastmodified" | "mac", string>>,
	changes: Change[],
): boolean {
	const [times, macs] = [stampsOf(detached, "lastmodified"), stampsOf(detached, "mac")];
	if (times === undefined || macs === undefined) return false;
	for (const [nodes, value] of [
		[times, stamps.lastmodified],
		[macs, stamps.mac],
	] as const) {
		for (const node of nodes) {
			node.leaf = { type: "str", value };
			changes.push({ kind: "replace", node });
		}
	}
	return true;
}
