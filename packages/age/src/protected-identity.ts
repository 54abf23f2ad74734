import { KeyError } from "@sopskit/core";
import { identitiesOnDemand } from "./identities-on-demand.ts";
import type { AgeIdentity } from "./identity.ts";
import { readIdentityText } from "./identity-text.ts";
import { loadLibrary } from "./library.ts";
import { nativeIdentity } from "./native-identity.ts";
import { once } from "./once.ts";
import { type AskPassphrase, askPassphrase } from "./passphrase.ts";

/**
 * The identities in a key file that is encrypted with a passphrase (`age -p`, scrypt). Asks when no other identity
 * opened a file; a right passphrase is not asked for again. As in the reference, only identities of age itself may
 * be inside.
 *
 * @param file - the age file, as `readProtected` gives it
 * @param name - for the question and for errors
 */
export function protectedIdentity(
	file: Uint8Array,
	name: string,
	ask: AskPassphrase | undefined,
): AgeIdentity {
	return identitiesOnDemand(once((signal) => unlock(file, name, ask, signal)));
}

async function unlock(
	file: Uint8Array,
	name: string,
	ask: AskPassphrase | undefined,
	signal: AbortSignal,
): Promise<readonly AgeIdentity[]> {
	const passphrase = await askPassphrase(ask, { kind: "identity-file", name, signal });
	const { Decrypter } = await loadLibrary();
	const decrypter = new Decrypter();
	decrypter.addPassphrase(passphrase);
	let text: string;
	try {
		text = await decrypter.decrypt(file, "text");
	} catch {
		throw new KeyError("misconfigured", `the passphrase of ${name} is wrong, or the file was altered`);
	}
	const read = readIdentityText(text, "loose");
	const trouble = typeof read === "string" ? read : read.length === 0 ? "no identity" : undefined;
	if (trouble !== undefined) throw new KeyError("misconfigured", `${name}, unlocked, holds ${trouble}`);
	return Promise.all(
		(read as Exclude<typeof read, string>).map((one) => {
			if (one.kind !== "plugin") return nativeIdentity(one);
			throw new KeyError("misconfigured", `${name}, unlocked, holds an identity of a plugin`);
		}),
	);
}
