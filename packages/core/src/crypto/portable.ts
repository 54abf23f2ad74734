import { gcm } from "@noble/ciphers/aes.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Crypto, type Gcm, isBase64, type SealedParts, type Sha512, TAG_LENGTH } from "./crypto.ts";

const encoder = new TextEncoder();

function bytesOf(part: string | Uint8Array): Uint8Array {
	return typeof part === "string" ? encoder.encode(part) : part;
}

class NobleGcm implements Gcm {
	private readonly key: Uint8Array;

	/** @param key - copied: callers overwrite theirs while ciphers live on */
	constructor(key: Uint8Array) {
		this.key = key.slice();
	}

	seal(iv: Uint8Array, plain: string | Uint8Array, additionalData: string | Uint8Array): Uint8Array {
		return gcm(this.key, iv, bytesOf(additionalData)).encrypt(bytesOf(plain));
	}

	openBase64(
		{ data, iv, tag }: SealedParts,
		additionalData: string | Uint8Array,
	): Uint8Array | "syntax" | undefined {
		const [dataBytes, ivBytes, tagBytes] = [fromBase64(data), fromBase64(iv), fromBase64(tag)];
		if (!dataBytes || !ivBytes || !tagBytes || ivBytes.length === 0) return "syntax";
		const sealed = new Uint8Array(dataBytes.length + tagBytes.length);
		sealed.set(dataBytes);
		sealed.set(tagBytes, dataBytes.length);
		if (sealed.length < TAG_LENGTH) return undefined;
		try {
			return gcm(this.key, ivBytes, bytesOf(additionalData)).decrypt(sealed);
		} catch {
			return undefined;
		}
	}
}

class NobleSha512 implements Sha512 {
	private readonly hash = sha512.create();

	update(part: string | Uint8Array): void {
		this.hash.update(bytesOf(part));
	}

	digest(): Uint8Array {
		return this.hash.digest();
	}
}

export const crypto: Crypto = {
	backend: "noble",
	gcm: (key) => new NobleGcm(key),
	sha512: () => new NobleSha512(),
	random: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
	toBase64(bytes) {
		let binary = "";
		for (const byte of bytes) binary += String.fromCharCode(byte);
		return btoa(binary);
	},
};

function fromBase64(text: string): Uint8Array | undefined {
	if (!isBase64(text)) return undefined;
	const binary = atob(text);
	const bytes = new Uint8Array(binary.length);
	for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
	return bytes;
}
