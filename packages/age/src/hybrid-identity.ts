import type { AgeIdentity } from "./identity.ts";
import { loadLibrary } from "./library.ts";

/** Thrown through the library by the last identity, which is asked only when the other did not match. */
class NoMatch extends Error {}

/** Opens `mlkem768x25519` stanzas through `age-encryption`. */
export function hybridIdentity(text: string): AgeIdentity {
	let recipient: Promise<string> | undefined;
	return {
		silent: true,
		async owns(candidate) {
			if (!candidate.startsWith("age1pq1")) return false;
			recipient ??= loadLibrary().then(({ identityToRecipient }) => identityToRecipient(text));
			return (await recipient) === candidate;
		},
		async unwrapFileKey(stanzas, { header }) {
			if (!stanzas.some(({ args }) => args[0] === "mlkem768x25519")) return null;
			const { Decrypter } = await loadLibrary();
			const decrypter = new Decrypter();
			decrypter.addIdentity(text);
			// Tells "for somebody else" from "altered" without reading the library's messages.
			decrypter.addIdentity({
				unwrapFileKey() {
					throw new NoMatch();
				},
			});
			try {
				return await decrypter.decryptHeader(header);
			} catch (error) {
				if (error instanceof NoMatch) return null;
				throw error;
			}
		},
	};
}
