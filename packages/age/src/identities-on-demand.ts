import type { AgeIdentity } from "./identity.ts";

/** One identity that stands for several, which are there when they are needed. */
export function identitiesOnDemand(
	identities: (signal: AbortSignal | undefined, recipient: string) => Promise<readonly AgeIdentity[]>,
): AgeIdentity {
	return {
		async unwrapFileKey(stanzas, call) {
			for (const identity of await identities(call.signal, call.recipient)) {
				const fileKey = await identity.unwrapFileKey(stanzas, call);
				if (fileKey) return fileKey;
			}
			return null;
		},
	};
}
