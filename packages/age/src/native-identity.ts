import { asymmetric } from "#asymmetric";
import { hybridIdentity } from "./hybrid-identity.ts";
import type { AgeIdentity } from "./identity.ts";
import type { ReadIdentity } from "./identity-text.ts";
import { x25519Identity } from "./x25519.ts";

/** Makes an identity of age itself ready for use; its key is imported once. */
export async function nativeIdentity(read: Exclude<ReadIdentity, { kind: "plugin" }>): Promise<AgeIdentity> {
	return read.kind === "hybrid"
		? hybridIdentity(read.text)
		: x25519Identity(await asymmetric.fromScalar(read.scalar));
}
