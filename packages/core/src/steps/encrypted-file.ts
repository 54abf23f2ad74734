import type { Finding } from "../finding.ts";
import { encodeAnyBytes } from "../leaf/any-bytes.ts";
import { requireUtf8 } from "./output.ts";

/** An encrypted file, ready to be written. */
export class EncryptedFile {
	/** False when the operation found nothing to change; `text` is then the input. */
	readonly changed: boolean;
	/** Warnings as data; they name places, never values. */
	readonly findings: readonly Finding[];
	readonly #text: string;
	readonly #format: string;

	/** @internal */
	constructor(text: string, changed: boolean, findings: readonly Finding[], format: string) {
		this.#text = text;
		this.#format = format;
		this.changed = changed;
		this.findings = findings;
	}

	/** @throws SopsError `text-not-utf8` when the file is not UTF-8: a dotenv file with such values in clear */
	get text(): string {
		return requireUtf8(this.#text, this.#format);
	}

	/** The file as bytes: `text` in UTF-8, where it is text. */
	get bytes(): Uint8Array {
		return encodeAnyBytes(this.#text);
	}
}
