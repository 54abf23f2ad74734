import { isBase64 } from "../crypto/crypto.ts";

/**
 * The bytes of an `enc` in standard base64, undefined for anything else. Line feeds and carriage returns do not
 * count, because Go's decoder passes over them.
 */
export function base64Bytes(text: string): Uint8Array | undefined {
	const bare = text.replace(/[\r\n]/g, "");
	if (bare === "" || !isBase64(bare)) return undefined;
	return Uint8Array.from(atob(bare), (character) => character.charCodeAt(0));
}

/** Standard base64 with padding. */
export function base64Text(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes));
}
