/// <reference path="./bcrypt-pbkdf.d.ts" />
import { createDecipheriv } from "node:crypto";
import { KeyError } from "@sopskit/core";
import { sshFields } from "../ssh-public-key.ts";

// The file format of OpenSSH's private keys (its PROTOCOL.key), as far as age and the reference read it: one key,
// and for protected ones bcrypt with AES-256 (golang.org/x/crypto v0.54.0, ssh/keys.go). Decision 0014 says why no
// library does this.

const MAGIC = new TextEncoder().encode("openssh-key-v1\0");
const CIPHERS = ["aes256-ctr", "aes256-cbc"] as const;
const KEY_LENGTH = 32;
const BLOCK_LENGTH = 16;
/** A file with more would keep the process busy for minutes. */
const MOST_ROUNDS = 2048;

/** A private key of OpenSSH, its private half still as it stands in the file. */
export interface OpenSshKey {
	/** The public half in the wire format; it is never encrypted. */
	readonly publicKey: Uint8Array;
	/** Whether it needs a passphrase. */
	readonly isProtected: boolean;
	readonly cipher: string;
	readonly kdf: string;
	readonly kdfOptions: Uint8Array;
	readonly sealed: Uint8Array;
}

/** Reads what stands between the lines of the PEM; undefined for anything else. */
export function readOpenSshKey(bytes: Uint8Array): OpenSshKey | undefined {
	if (!MAGIC.every((byte, index) => bytes[index] === byte)) return undefined;
	const head = sshFields(bytes.subarray(MAGIC.length), 3);
	const rest = head && bytes.subarray(MAGIC.length + head.reduce((sum, { length }) => sum + 4 + length, 0));
	if (rest === undefined || rest.length < 4) return undefined;
	const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
	const keys = sshFields(rest.subarray(4));
	if (view.getUint32(0) !== 1 || keys?.length !== 2) return undefined;
	const [cipher, kdf] = head!.slice(0, 2).map((name) => new TextDecoder().decode(name)) as [string, string];
	const isProtected = cipher !== "none" || kdf !== "none";
	return { publicKey: keys[0]!, isProtected, cipher, kdf, kdfOptions: head![2]!, sealed: keys[1]! };
}

/**
 * The private half: the fields of the key as OpenSSH has them, from its type on.
 *
 * @throws KeyError `misconfigured` for a wrong passphrase and for a key that was altered or is of another sort
 */
export async function openOpenSshKey(
	key: OpenSshKey,
	passphrase: string | undefined,
	name: string,
): Promise<Uint8Array[]> {
	const plain = key.isProtected ? await decrypt(key, passphrase ?? "", name) : key.sealed;
	const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
	if (plain.length < 8 || view.getUint32(0) !== view.getUint32(4)) {
		throw new KeyError(
			"misconfigured",
			key.isProtected ? `the passphrase of ${name} is wrong` : `the SSH key ${name} was altered or cut`,
		);
	}
	const rest = plain.subarray(8);
	const type = sshFields(rest, 1)?.[0];
	// Type, public and private half of Ed25519; type and six numbers of RSA; each with a comment.
	const count = type === undefined ? 0 : new TextDecoder().decode(type) === "ssh-rsa" ? 8 : 4;
	const fields = sshFields(rest, count);
	const end = fields?.reduce((sum, { length }) => sum + 4 + length, 0) ?? 0;
	const isPadding = rest.subarray(end).every((byte, index) => byte === index + 1);
	if (fields === undefined || count === 0 || !isPadding) {
		throw new KeyError("misconfigured", `the SSH key ${name} was altered or cut`);
	}
	return fields;
}

async function decrypt(key: OpenSshKey, passphrase: string, name: string): Promise<Uint8Array> {
	const [salt] = sshFields(key.kdfOptions, 1) ?? [];
	const rest = salt && key.kdfOptions.subarray(4 + salt.length);
	const cipher = CIPHERS.find((known) => known === key.cipher);
	if (cipher === undefined || key.kdf !== "bcrypt" || rest?.length !== 4) {
		throw new KeyError(
			"misconfigured",
			`the SSH key ${name} is protected in a way that age does not read: protect it anew with ssh-keygen -p -Z aes256-ctr`,
		);
	}
	const rounds = new DataView(rest.buffer, rest.byteOffset, 4).getUint32(0);
	if (rounds > MOST_ROUNDS || rounds === 0 || key.sealed.length % BLOCK_LENGTH !== 0) {
		throw new KeyError(
			"misconfigured",
			`the SSH key ${name} was altered or cut, or has more than 2048 rounds`,
		);
	}
	const bcrypt = await import("bcrypt-pbkdf").then(
		(module) => ("default" in module ? module.default : module) as typeof module,
	);
	const secret = new TextEncoder().encode(passphrase);
	const derived = new Uint8Array(KEY_LENGTH + BLOCK_LENGTH);
	try {
		if (bcrypt.pbkdf(secret, secret.length, salt!, salt!.length, derived, derived.length, rounds) !== 0) {
			throw new KeyError("misconfigured", `the SSH key ${name} was altered or cut`);
		}
		const decipher = createDecipheriv(
			cipher === "aes256-ctr" ? "aes-256-ctr" : "aes-256-cbc",
			derived.subarray(0, KEY_LENGTH),
			derived.subarray(KEY_LENGTH),
		);
		decipher.setAutoPadding(false);
		return new Uint8Array(Buffer.concat([decipher.update(key.sealed), decipher.final()]));
	} finally {
		secret.fill(0);
		derived.fill(0);
	}
}
