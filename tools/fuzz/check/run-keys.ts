import type { Oracle } from "@sopskit/reference";
import { age } from "../../../packages/age/src/age.ts";
import { recipient, recipientRef } from "../../../packages/age/src/recipient.ts";
import type { KeyProvider, MasterKey } from "../../../packages/core/src/keys/contract.ts";

/** Keys that are made once for a run. */
export interface RunKeys {
	readonly identity: string;
	readonly recipient: string;
	readonly dataKey: Uint8Array;
	/** `dataKey`, wrapped for `recipient`. */
	readonly enc: string;
	/** Unwraps as age does. */
	readonly ageProvider: KeyProvider;
	readonly ageKey: MasterKey;
	/** Knows the data key whoever wrapped it. */
	readonly fastProvider: KeyProvider;
	readonly fastKey: MasterKey;
}

/** The data key of every run: what a run found can be tried again. */
const DATA_KEY = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1);

/** @param identityFile - vectors/keys/first.txt, so that encrypted files that are saved can be opened again */
export async function makeRunKeys(oracle: Oracle, identityFile: string): Promise<RunKeys> {
	const to = /public key: (\S+)/.exec(identityFile)![1]!;
	const dataKey = DATA_KEY.slice();
	const { enc } = await oracle.call("encrypt", {
		format: "yaml",
		text: "a: 1\n",
		ageRecipients: [to],
		dataKey,
	});
	return runKeys(identityFile, enc[0]![0]!);
}

/** @param enc - the data key of all runs, wrapped for the identity */
export function runKeys(identityFile: string, enc: string): RunKeys {
	const to = /public key: (\S+)/.exec(identityFile)![1]!;
	const dataKey = DATA_KEY.slice();
	return {
		identity: identityFile,
		recipient: to,
		dataKey,
		enc,
		ageProvider: age({ identities: identityFile }),
		ageKey: recipient(to),
		fastProvider: { name: "fuzz", masterKey: (ref) => ({ ref, unwrap: async () => dataKey.slice() }) },
		fastKey: { ref: recipientRef(to), wrap: async () => enc },
	};
}
