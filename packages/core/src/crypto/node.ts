import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createSecretKey,
	type KeyObject,
	randomFillSync,
} from "node:crypto";
import { type Crypto, type Gcm, isBase64, type Sha512, TAG_LENGTH } from "./crypto.ts";

const ALGORITHM = "aes-256-gcm";
const OPTIONS = { authTagLength: TAG_LENGTH };

class NodeGcm implements Gcm {
	// A key object is imported once; raw bytes would be imported for every value.
	private readonly key: KeyObject;

	constructor(key: Uint8Array) {
		this.key = createSecretKey(key);
	}

	seal(iv: Uint8Array, plain: string | Uint8Array, additionalData: string): Uint8Array {
		const cipher = createCipheriv(ALGORITHM, this.key, iv, OPTIONS);
		cipher.setAAD(Buffer.from(additionalData));
		const head = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
		cipher.final();
		return Buffer.concat([head, cipher.getAuthTag()]);
	}

	open(iv: Uint8Array, sealed: Uint8Array, additionalData: string): Uint8Array | undefined {
		if (iv.length === 0 || sealed.length < TAG_LENGTH) return undefined;
		const decipher = createDecipheriv(ALGORITHM, this.key, iv, OPTIONS);
		decipher.setAAD(Buffer.from(additionalData));
		const end = sealed.length - TAG_LENGTH;
		decipher.setAuthTag(sealed.subarray(end));
		const plain = decipher.update(sealed.subarray(0, end));
		try {
			decipher.final();
		} catch {
			return undefined;
		}
		// A Buffer would reach callers who asked for a Uint8Array, and show in their JSON.
		return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
	}
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
	fromBase64: (text) => (isBase64(text) ? Buffer.from(text, "base64") : undefined),
};
