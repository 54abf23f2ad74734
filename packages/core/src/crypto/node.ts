import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createSecretKey,
	type KeyObject,
	randomFillSync,
} from "node:crypto";
import { type Crypto, type Gcm, isBase64, type SealedParts, type Sha512, TAG_LENGTH } from "./crypto.ts";

const ALGORITHM = "aes-256-gcm";
const OPTIONS = { authTagLength: TAG_LENGTH };

class NodeGcm implements Gcm {
	// A key object is imported once; raw bytes would be imported for every value.
	private readonly key: KeyObject;
	/** Ciphertext only ever stands in it. */
	private scratch = Buffer.allocUnsafe(512);

	constructor(key: Uint8Array) {
		this.key = createSecretKey(key);
	}

	seal(iv: Uint8Array, plain: string | Uint8Array, additionalData: string | Uint8Array): Uint8Array {
		const cipher = createCipheriv(ALGORITHM, this.key, iv, OPTIONS);
		cipher.setAAD(aad(additionalData));
		const head = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
		cipher.final();
		return Buffer.concat([head, cipher.getAuthTag()]);
	}

	openBase64(
		{ data, iv, tag }: SealedParts,
		additionalData: string | Uint8Array,
	): Uint8Array | "syntax" | undefined {
		if (!isBase64(data) || !isBase64(iv) || !isBase64(tag) || iv === "") return "syntax";
		// One buffer for all three: a value takes a few microseconds, and each allocation is a good part of that.
		const capacity = data.length + tag.length + iv.length;
		if (this.scratch.length < capacity) this.scratch = Buffer.allocUnsafe(capacity * 2);
		const { scratch } = this;
		const dataEnd = scratch.write(data, 0, "base64");
		const sealedEnd = dataEnd + scratch.write(tag, dataEnd, "base64");
		const ivEnd = sealedEnd + scratch.write(iv, sealedEnd, "base64");
		const textEnd = sealedEnd - TAG_LENGTH;
		if (textEnd < 0) return undefined;
		const decipher = createDecipheriv(ALGORITHM, this.key, scratch.subarray(sealedEnd, ivEnd), OPTIONS);
		decipher.setAAD(aad(additionalData));
		decipher.setAuthTag(scratch.subarray(textEnd, sealedEnd));
		const plain = decipher.update(scratch.subarray(0, textEnd));
		try {
			decipher.final();
		} catch {
			return undefined;
		}
		// A Buffer would reach callers who asked for a Uint8Array, and show in their JSON.
		return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
	}
}

function aad(data: string | Uint8Array): Uint8Array {
	return typeof data === "string" ? Buffer.from(data) : data;
}

class NodeSha512 implements Sha512 {
	private readonly hash = createHash("sha512");

	update(part: string | Uint8Array): void {
		if (typeof part === "string") this.hash.update(part, "utf8");
		else this.hash.update(part);
	}

	digest(): Uint8Array {
		return this.hash.digest();
	}
}

export const crypto: Crypto = {
	backend: "node",
	gcm: (key) => new NodeGcm(key),
	sha512: () => new NodeSha512(),
	random: (length) => randomFillSync(new Uint8Array(length)),
	toBase64: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
};
