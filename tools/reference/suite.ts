import { afterAll, describe, it } from "vitest";
import { missingReference, openReference, type Reference } from "./client.mjs";

/**
 * A suite that needs the reference. Where it is not installed the suite is skipped under a name that says what
 * is missing; with `SOPSKIT_REQUIRE_REFERENCE=1` it fails instead.
 */
export function describeReference(name: string, define: (reference: Reference) => void): void {
	const reference = openReference();
	if (reference) {
		describe(name, () => {
			afterAll(() => reference.oracle.close());
			define(reference);
		});
		return;
	}
	const reason = `needs the reference, lacking: ${missingReference().join(", ")} (node tools/reference/install.mjs)`;
	if (process.env.SOPSKIT_REQUIRE_REFERENCE === "1") {
		describe(name, () => {
			it(reason, () => {
				throw new Error(`${name} ${reason}`);
			});
		});
	} else {
		describe(name, () => {
			it.skip(reason, () => {});
		});
	}
}
