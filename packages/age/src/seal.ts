import { type KeyCall, KeyError } from "@sopskit/core";
import { sealAgeFile } from "./age-file.ts";
import { armor } from "./armor.ts";
import type { AgeStanza } from "./header.ts";
import { loadLibrary } from "./library.ts";
import type { AgePlugins } from "./plugins.ts";
import type { SshPublicKey } from "./ssh-public-key.ts";
import { wrapForSsh } from "./ssh-stanza.ts";
import { wrapForX25519 } from "./x25519.ts";

/** A recipient that was checked, and what it needs. */
interface CheckedRecipient {
	readonly text: string;
	readonly sshKey: SshPublicKey | undefined;
	/** Name of the plugin that wraps for it. */
	readonly plugin: string | undefined;
}

/** Wraps a part, and gives an armored age file of one recipient. */
export async function seal(
	part: Uint8Array,
	{ text: recipient, sshKey, plugin }: CheckedRecipient,
	plugins: AgePlugins | undefined,
	call: KeyCall,
): Promise<string> {
	if (plugin !== undefined) {
		return armor(
			await sealAgeFile(part, (fileKey) => plugins!.wrapFileKey(plugin, recipient, fileKey, call)),
		);
	}
	if (sshKey !== undefined) {
		return armor(await sealAgeFile(part, async (fileKey) => one(await wrapForSsh(sshKey, fileKey))));
	}
	if (!/^age1(?:pq|tag|tagpq)1/.test(recipient)) {
		return armor(await sealAgeFile(part, async (fileKey) => one(await wrapForX25519(recipient, fileKey))));
	}
	const { Encrypter } = await loadLibrary();
	const encrypter = new Encrypter();
	encrypter.addRecipient(recipient);
	return armor(await encrypter.encrypt(part));
}

function one(stanza: AgeStanza | undefined): AgeStanza[] {
	if (stanza !== undefined) return [stanza];
	throw new KeyError("failed", "could not wrap: the recipient is no public key of its curve");
}
