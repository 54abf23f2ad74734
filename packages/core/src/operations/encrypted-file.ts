import type { Finding } from "../finding.ts";

/** An encrypted file, ready to be written. */
export class EncryptedFile {
	readonly text: string;
	/** False when the operation found nothing to change; `text` is then the input. */
	readonly changed: boolean;
	/** Warnings as data; they name places, never values. */
	readonly findings: readonly Finding[];

	/** @internal */
	constructor(text: string, changed: boolean, findings: readonly Finding[]) {
		this.text = text;
		this.changed = changed;
		this.findings = findings;
	}

	/** `text` in UTF-8. */
	get bytes(): Uint8Array {
		return new TextEncoder().encode(this.text);
	}
}
