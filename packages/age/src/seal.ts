import { type KeyCall, KeyError } from "@sopskit/core";
import { sealAgeFile } from "./age-file.ts";
import { armor } from "./armor.ts";
import type { AgeStanza } from "./header.ts";
import { loadLibrary } from "./library.ts";
import type { AgePlugins } from "./plugins.ts";
import { readSshPublicKey, type SshPublicKey } from "./ssh-public-key.ts";
import { wrapForSsh } from "./ssh-stanza.ts";
import { wrapForX25519 } from "./x25519.ts";

/**
 * Wraps a part for a recipient that was checked.
 *
 * @param plugin - the plugin that the recipient needs, if any
 */
export async function seal(
	part: Uint8Array,
	recipient: string,
	plugin: string | undefined,
	plugins: AgePlugins | undefined,
	call: KeyCall,
): Promise<string> {
	if (plugin !== undefined) {
		return armor(
			await sealAgeFile(part, (fileKey) => plugins!.wrapFileKey(plugin, recipient, fileKey, call)),
		);
	}
	if (recipient.startsWith("ssh-")) {
		const key = readSshPublicKey(recipient) as SshPublicKey;
		return armor(await sealAgeFile(part, async (fileKey) => one(await wrapForSsh(key, fileKey))));
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
