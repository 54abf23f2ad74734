import { UsageError } from "@sopskit/core";
import { loadLibrary } from "./library.ts";
import { checkOptionNames } from "./option-names.ts";

/** A fresh key pair of age. All but `recipient` is secret. */
export interface GeneratedIdentity {
	/** The private half: `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`. */
	readonly identity: string;
	/** The public half: `age1…` or `age1pq1…`. */
	readonly recipient: string;
	/**
	 * Both, as the text of a key file in the form of `age-keygen`, with the time in UTC and a final line feed.
	 */
	readonly keyFile: string;
}

/**
 * Makes a new age identity.
 *
 * @param options - `type`: `"x25519"` (the default) or `"hybrid"`, which a quantum computer does not break
 * either and which needs sops 3.12 or later
 * @throws UsageError `option-unknown`, or `argument-invalid` for another type
 */
export async function generateIdentity(
	options: { readonly type?: "x25519" | "hybrid" } = {},
): Promise<GeneratedIdentity> {
	checkOptionNames("generateIdentity", options, ["type"]);
	const { type = "x25519" } = options;
	if (type !== "x25519" && type !== "hybrid") {
		throw new UsageError("argument-invalid", 'generateIdentity: type must be "x25519" or "hybrid"');
	}
	const { generateHybridIdentity, generateX25519Identity, identityToRecipient } = await loadLibrary();
	const identity = await (type === "hybrid" ? generateHybridIdentity() : generateX25519Identity());
	const recipient = await identityToRecipient(identity);
	const created = new Date().toISOString().replace(/\.\d+Z$/, "Z");
	return { identity, recipient, keyFile: `# created: ${created}\n# public key: ${recipient}\n${identity}\n` };
}
