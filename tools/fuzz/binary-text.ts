/** Bytes as a string of as many characters, which can be cut and searched like text. */
export function toBinaryText(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("latin1");
}

export function fromBinaryText(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** The UTF-8 of a text, as {@link toBinaryText} gives it. */
export function utf8BinaryText(text: string): string {
	return Buffer.from(text, "utf8").toString("latin1");
}
