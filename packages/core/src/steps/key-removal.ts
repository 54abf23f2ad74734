import { SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { KeyRef } from "../keys/contract.ts";
import { sameKey } from "../keys/rekey.ts";
import type { StoredGroup } from "../keys/stored.ts";

/**
 * Groups without some keys.
 *
 * @param ids - of the keys that leave every group
 * @throws SopsError `key-not-found`: who believes to have removed a key must not have misspelt it
 */
export function without(groups: readonly StoredGroup[], ids: readonly string[]): StoredGroup[] {
	const gone = new Set(ids.map(normal));
	const there = new Set(groups.flat().map(({ ref }) => normal(ref.id)));
	for (const id of gone) if (!there.has(id)) throw notFound(id);
	return groups.map((group) => group.filter(({ ref }) => !gone.has(normal(ref.id))));
}

/** Removing a key does not reach copies that its holder has, or can fetch. */
export function historyReadable(before: readonly StoredGroup[], after: readonly KeyRef[]): Finding[] {
	return before
		.flat()
		.filter(({ ref }) => !after.some((other) => sameKey(ref, other)))
		.map(({ ref }) => ({
			code: "history-readable",
			message: `Whoever holds ${ref.type} ${ref.id} can still read earlier versions of the file, which a repository keeps. Replace the secrets themselves where that matters.`,
		}));
}

/** Fingerprints are written with blanks by some programs. */
function normal(id: string): string {
	return id.replaceAll(" ", "");
}

function notFound(id: string): SopsError {
	return new SopsError(
		"key-not-found",
		`The file has no key ${id.slice(0, 200)}. inspectDocument() lists the ids of those it has.`,
		{ id },
	);
}
