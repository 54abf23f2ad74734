/// <reference lib="es2024.string" />
import { SopsError } from "../errors.ts";
import type { FormatCodec } from "../formats/codec.ts";
import type { Branches } from "../tree/tree.ts";

/** @throws SopsError `documents-several` for what another format cannot hold */
export function requireDocuments(codec: FormatCodec, branches: Branches): void {
	if (codec.documents === "several" || branches.length <= 1) return;
	throw new SopsError(
		"documents-several",
		`The file holds ${branches.length} documents, and ${codec.name} holds one. Write YAML, or each document by itself.`,
		{ count: branches.length },
	);
}

/**
 * A result as text.
 *
 * @param text - as `decodeAnyBytes` gives it
 * @throws SopsError `text-not-utf8`
 */
export function requireUtf8(text: string, format: string): string {
	if (text.isWellFormed()) return text;
	throw new SopsError(
		"text-not-utf8",
		"The content is not UTF-8, so there is no text that stands for it. Take the bytes instead: bytes() of a decrypted document, .bytes of an encrypted file.",
		{ format },
	);
}
