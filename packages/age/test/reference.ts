import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";

/** Absolute paths of the real binaries. */
export interface Reference {
	readonly sops: string;
	readonly age: string;
	readonly ageKeygen: string;
}

/**
 * Defines tests that need the real `sops` and `age`: from SOPSKIT_REFERENCE_DIR, or `.cache/reference/bin` of the
 * repository. Skipped where they are not there.
 */
export function describeReference(name: string, define: (reference: Reference) => void): void {
	const directory =
		process.env.SOPSKIT_REFERENCE_DIR ?? join(import.meta.dirname, "../../../.cache/reference/bin");
	const reference = {
		sops: join(directory, "sops"),
		age: join(directory, "age"),
		ageKeygen: join(directory, "age-keygen"),
	};
	describe.skipIf(!Object.values(reference).every((path) => existsSync(path)))(name, () => define(reference));
}
