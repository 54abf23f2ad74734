import { split } from "shamir-secret-sharing";
import { KeyError, type KeyProvider } from "../src/keys/contract.ts";
import { recipientOf, type Vector } from "./vector-files.ts";

/**
 * Knows the data key of a vector and hands it out as age would: to the holders of the named identities, and
 * only for an `enc` that stands in the undamaged file. With several groups everyone gets a share.
 */
export async function recordedKeyProvider(of: Vector, identities: readonly string[]): Promise<KeyProvider> {
	const held = identities.map(recipientOf);
	const known = of.encrypted.replace(/\\n|\s/g, "");
	const groups = of.keyGroups.length;
	const parts = groups === 1 ? [of.dataKey] : await split(of.dataKey, groups, of.shamirThreshold || groups);
	return {
		name: "recorded",
		masterKey(ref) {
			if (ref.type !== "age") return undefined;
			return {
				ref,
				async unwrap(enc) {
					if (!held.includes(ref.id)) return { notMine: `no identity for ${ref.id}` };
					if (!known.includes(enc.replace(/\s/g, ""))) throw new KeyError("damaged", "enc was altered");
					return parts[of.keyGroups.findIndex((group) => group.includes(ref.id))]!.slice();
				},
			};
		},
	};
}
