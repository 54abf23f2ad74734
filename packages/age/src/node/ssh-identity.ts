import { KeyError, SopsError, UsageError } from "@sopskit/core";
import type { AgeIdentity } from "../identity.ts";
import { once } from "../once.ts";
import { checkOptionNames } from "../option-names.ts";
import { type AskPassphrase, askPassphrase } from "../passphrase.ts";
import { readSshPublicKey, type SshPublicKey, sshPublicKeyOf, sshRecipient } from "../ssh-public-key.ts";
import { sshTag } from "../ssh-stanza.ts";
import { openOpenSshKey, readOpenSshKey } from "./openssh-key.ts";
import { keyOfPem, openerOf, openerOfFields, type StanzaOpener, wireOf } from "./ssh-private-key.ts";

/** What {@link sshIdentity} takes beside the key. */
export interface SshIdentityOptions {
	/** Gives the passphrase of a protected key; called only when an entry is for this very key. */
	readonly passphrase?: AskPassphrase | undefined;
	/** The line of `id_rsa.pub`: needed for a protected key in PEM, which does not hold its public half. */
	readonly publicKey?: string | undefined;
	/** Name of the key for questions and errors, such as its path; by default its recipient. */
	readonly name?: string | undefined;
}

/** An SSH private key as an identity of age. */
export interface SshIdentity extends AgeIdentity {
	/** The public half, `ssh-ed25519 …` or `ssh-rsa …`, without a comment. */
	readonly recipient: string;
}

/**
 * Makes an SSH private key an identity for `age({ identities })`.
 *
 * @param key - the content of a private key file: `ssh-ed25519` or `ssh-rsa` (2048 bits and more), in OpenSSH's
 * format or PEM (PKCS #1, PKCS #8), with or without a passphrase
 * @throws UsageError `argument-invalid`, `option-unknown`
 * @throws SopsError `key-invalid` for anything else. That a passphrase or the private half is wrong shows when the
 * key is used, as KeyError `misconfigured`
 */
export function sshIdentity(key: string | Uint8Array, options: SshIdentityOptions = {}): SshIdentity {
	const bad = (reason: string): never => {
		throw new SopsError("key-invalid", `the SSH key cannot be used: ${reason}`, { type: "age", reason });
	};
	if (typeof key !== "string" && !(key instanceof Uint8Array)) {
		throw new UsageError("argument-invalid", "sshIdentity: the key must be a text or bytes");
	}
	check(options);
	const pem = (typeof key === "string" ? key : new TextDecoder().decode(key)).replaceAll("\r\n", "\n").trim();
	const [, label, body] = /^-----BEGIN ([A-Z0-9 ]+)-----\n([\s\S]+)\n-----END \1-----$/.exec(pem) ?? [];
	if (pem.startsWith("ssh-")) return bad("it is the public half: pass the content of the file without .pub");
	if (label === undefined) return bad("it is no private key in PEM or in OpenSSH's format");
	const read = label === "OPENSSH PRIVATE KEY" ? openSsh(body!, options) : inPem(label, pem, body!, options);
	if (typeof read === "string") return bad(read);
	return identity(read);
}

function check(options: SshIdentityOptions): void {
	const types = { passphrase: "function", publicKey: "string", name: "string" } as const;
	checkOptionNames("sshIdentity", options, Object.keys(types));
	for (const [name, value] of Object.entries(options)) {
		const type = types[name as keyof typeof types];
		if (value !== undefined && typeof value !== type) {
			throw new UsageError("argument-invalid", `sshIdentity: ${name} must be a ${type}`);
		}
	}
}

interface ReadKey {
	readonly publicKey: SshPublicKey;
	readonly isProtected: boolean;
	readonly open: (signal: AbortSignal) => Promise<StanzaOpener>;
}

function openSsh(body: string, { passphrase, name }: SshIdentityOptions): ReadKey | string {
	const key = readOpenSshKey(new Uint8Array(Buffer.from(body, "base64")));
	if (key === undefined) return "it was altered or cut";
	const publicKey = sshPublicKeyOf(key.publicKey);
	if (typeof publicKey === "string") return publicKey;
	const shown = name ?? sshRecipient(publicKey);
	return {
		publicKey,
		isProtected: key.isProtected,
		async open(signal) {
			const secret = key.isProtected
				? await askPassphrase(passphrase, { kind: "ssh-key", name: shown, signal })
				: undefined;
			return openerOfFields(await openOpenSshKey(key, secret, shown), publicKey, shown);
		},
	};
}

function inPem(
	label: string,
	pem: string,
	body: string,
	{ passphrase, publicKey: line, name }: SshIdentityOptions,
): ReadKey | string {
	if (label !== "RSA PRIVATE KEY" && label !== "PRIVATE KEY") {
		return "it is of a sort that age does not know (only ssh-ed25519 and ssh-rsa)";
	}
	if (!/^Proc-Type: .*ENCRYPTED/.test(body)) {
		let wire: Uint8Array | undefined;
		try {
			wire = wireOf(keyOfPem(pem, undefined, ""));
		} catch {
			return "it was altered or cut";
		}
		const publicKey = wire ? sshPublicKeyOf(wire) : "it is of a sort that age does not know";
		if (typeof publicKey === "string") return publicKey;
		const shown = name ?? sshRecipient(publicKey);
		return {
			publicKey,
			isProtected: false,
			open: async () => openerOf(keyOfPem(pem, undefined, shown), publicKey, shown),
		};
	}
	if (line === undefined) return "it is protected, and in PEM: pass its public half as publicKey";
	const publicKey = readSshPublicKey(line);
	if (typeof publicKey === "string") return `its publicKey is ${publicKey}`;
	const shown = name ?? sshRecipient(publicKey);
	return {
		publicKey,
		isProtected: true,
		async open(signal) {
			const secret = await askPassphrase(passphrase, { kind: "ssh-key", name: shown, signal });
			return openerOf(keyOfPem(pem, secret, shown), publicKey, shown);
		},
	};
}

function identity({ publicKey, isProtected, open }: ReadKey): SshIdentity {
	const recipient = sshRecipient(publicKey);
	const tag = sshTag(publicKey);
	const opener = once(open);
	return Object.freeze<SshIdentity>({
		recipient,
		silent: !isProtected,
		owns: (candidate) => candidate === recipient,
		async unwrapFileKey(stanzas, { signal }) {
			const stanza = stanzas.find(({ args }) => args[0] === publicKey.type && args[1] === tag);
			if (stanza === undefined) return null;
			const fileKey = await (await opener(signal))(stanza);
			if (fileKey !== undefined) return fileKey;
			throw new KeyError("damaged", `the stanza for ${recipient.slice(0, 40)}… was altered or is malformed`);
		},
	});
}
