/// <reference lib="es2024.string" />
import { crypto } from "#crypto";
import { type Gcm, TAG_LENGTH } from "./crypto/crypto.ts";
import { decodeAnyBytes, encodeAnyBytes } from "./leaf/any-bytes.ts";
import { leafFromSealed } from "./leaf/canonical.ts";
import type { Leaf } from "./leaf/leaf.ts";

/** The reference writes IVs of 32 bytes; any other length above 0 is read. */
const IV_LENGTH = 32;
/** IVs are drawn from the random source in batches, small ones first: most files have few values. */
const FIRST_BATCH = 8;
const MAX_BATCH = 64;

// The reference's pattern is greedy and open at the end: text behind the last `]` is ignored (aes/cipher.go).
const SEALED =
	/^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:([^\n]+)\]/;

/** Go's base64 skips carriage returns, and its patterns take them for characters like any other. */
const BROKEN = /(?<=data:[^,]*|iv:[^,]*|tag:[^,]*)\r/g;

/** What an encrypted text held. */
export type Opened = Leaf | { readonly type: "comment"; readonly value: string };

/** Why an encrypted text gave nothing. */
export type Damage = "syntax" | "authentication" | "type";

/** Whether a text claims to be encrypted. */
export function looksSealed(text: string): boolean {
	return text.startsWith("ENC[");
}

/** Whether a text claims to be an encrypted comment. */
export function looksSealedComment(text: string): boolean {
	return looksSealed(text) && text.endsWith(",type:comment]");
}

/**
 * Seals and opens single values under one data key: AES-256-GCM, the path of the value as additional data,
 * written as `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` (format section 4).
 */
export class Cipher {
	private readonly gcm: Gcm;
	private readonly random: (length: number) => Uint8Array;
	private ivs: Uint8Array = new Uint8Array(0);
	private nextIv = 0;
	private batch = FIRST_BATCH;

	/**
	 * @param dataKey - 32 bytes
	 * @param random - for tests that must reproduce encrypted bytes
	 */
	constructor(dataKey: Uint8Array, random: (length: number) => Uint8Array = crypto.random) {
		this.gcm = crypto.gcm(dataKey);
		this.random = random;
	}

	/** The encrypted text of a comment, without `#` before and after. An empty comment stays empty. */
	sealComment(text: string, additionalData: string): string {
		return this.sealText(encodeAnyBytes(text), "comment", additionalData);
	}

	/** The encrypted text of a value, from its canonical text and type. An empty one stays empty. */
	sealText(plain: string | Uint8Array, type: string, additionalData: string): string {
		if (plain.length === 0) return "";
		const iv = this.freshIv();
		const sealed = this.gcm.seal(iv, plain, anyBytes(additionalData));
		const end = sealed.length - TAG_LENGTH;
		const data = crypto.toBase64(sealed.subarray(0, end));
		const tag = crypto.toBase64(sealed.subarray(end));
		return `ENC[AES256_GCM,data:${data},iv:${crypto.toBase64(iv)},tag:${tag},type:${type}]`;
	}

	/** What an encrypted text holds, or why it holds nothing. */
	open(text: string, additionalData: string): Opened | Damage {
		if (text === "") return { type: "str", value: "" };
		const parts = SEALED.exec(text) ?? (text.includes("\r") ? SEALED.exec(text.replace(BROKEN, "")) : null);
		if (parts === null) return "syntax";
		const plain = this.gcm.openBase64(
			{ data: parts[1]!, iv: parts[2]!, tag: parts[3]! },
			anyBytes(additionalData),
		);
		if (plain === undefined) return "authentication";
		if (plain === "syntax") return plain;
		const type = parts[4]!;
		if (type === "comment") return { type, value: decodeAnyBytes(plain) };
		return leafFromSealed(type, plain) ?? "type";
	}

	private freshIv(): Uint8Array {
		if (this.nextIv === this.ivs.length) {
			this.ivs = this.random(IV_LENGTH * this.batch);
			this.nextIv = 0;
			this.batch = Math.min(this.batch * 2, MAX_BATCH);
		}
		const iv = this.ivs.subarray(this.nextIv, this.nextIv + IV_LENGTH);
		this.nextIv += IV_LENGTH;
		return iv;
	}
}

/** Names of dotenv and INI need not be UTF-8. */
function anyBytes(additionalData: string): string | Uint8Array {
	return additionalData.isWellFormed() ? additionalData : encodeAnyBytes(additionalData);
}
