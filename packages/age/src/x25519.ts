import { asymmetric } from "#asymmetric";
import type { X25519Key } from "./asymmetric/asymmetric.ts";
import { bech32Bytes, toBech32 } from "./bech32.ts";
import { derive, openFileKey, sealFileKey } from "./file-key.ts";
import { type AgeStanza, fromBase64, joined, toBase64 } from "./header.ts";
import type { AgeIdentity } from "./identity.ts";

const LABEL = "age-encryption.org/v1/X25519";
const POINT_LENGTH = 32;

/** The stanza for a recipient `age1…` that was checked. Undefined where its point is of low order. */
export async function wrapForX25519(recipient: string, fileKey: Uint8Array): Promise<AgeStanza | undefined> {
	const theirs = bech32Bytes(recipient, "age", POINT_LENGTH)!;
	const ephemeral = await asymmetric.generate();
	const secret = await ephemeral.agree(theirs);
	if (secret === undefined) return undefined;
	const key = derive(secret, joined([ephemeral.publicKey, theirs]), LABEL);
	return { args: ["X25519", toBase64(ephemeral.publicKey)], body: sealFileKey(key, fileKey) };
}

/** Opens `X25519` stanzas (C2SP age specification, "The X25519 recipient type"). */
export function x25519Identity(key: X25519Key): AgeIdentity {
	const own = toBech32("age", key.publicKey);
	return {
		owns: (recipient) => recipient === own,
		silent: true,
		async unwrapFileKey(stanzas) {
			for (const { args, body } of stanzas) {
				if (args[0] !== "X25519") continue;
				const share = args.length === 2 ? fromBase64(args[1]!) : undefined;
				if (share?.length !== POINT_LENGTH || body.length !== 32) throw new Error("malformed X25519 stanza");
				const secret = await key.agree(share);
				if (secret === undefined) throw new Error("X25519 share of low order");
				const fileKey = openFileKey(derive(secret, joined([share, key.publicKey]), LABEL), body);
				if (fileKey !== undefined) return fileKey;
			}
			return null;
		},
	};
}
