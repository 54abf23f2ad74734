import { bech32 } from "@scure/base";

/**
 * The bytes of a Bech32 text with the given human-readable part, of any length; undefined where the text is
 * something else. An error of the library would quote the text, which may be a private key: none gets out.
 *
 * @param prefix - the human-readable part, in the case in which the text must be written
 */
export function bech32Bytes(text: string, prefix: string, length: number): Uint8Array | undefined {
	if (!text.startsWith(`${prefix}1`)) return undefined;
	const decoded = decode(text);
	return decoded?.prefix.toLowerCase() === prefix.toLowerCase() && decoded.bytes.length === length
		? decoded.bytes
		: undefined;
}

/** The human-readable part of a Bech32 text in the case it is written in, or undefined where it is none. */
export function bech32Prefix(text: string): string | undefined {
	return decode(text) && text.slice(0, text.lastIndexOf("1"));
}

export function toBech32(prefix: string, bytes: Uint8Array): string {
	return bech32.encode(prefix, bech32.toWords(bytes), false);
}

function decode(text: string): { readonly prefix: string; readonly bytes: Uint8Array } | undefined {
	try {
		// Without the limit of 90 characters: hybrid recipients have some 2000.
		const { prefix, words } = bech32.decode(text as `${string}1${string}`, false);
		return { prefix, bytes: bech32.fromWords(words) };
	} catch {
		return undefined;
	}
}
