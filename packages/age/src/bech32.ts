import { bech32 } from "@scure/base";

/**
 * The bytes of a Bech32 text with the given human-readable part, of any length; undefined where the text is
 * something else. An error of the library would quote the text, which may be a private key: none gets out.
 *
 * @param prefix - the human-readable part, in the case in which the text must be written
 */
export function bech32Bytes(text: string, prefix: string, length: number): Uint8Array | undefined {
	if (!text.startsWith(`${prefix}1`)) return undefined;
	try {
		// Without the limit of 90 characters: hybrid recipients have some 2000.
		const decoded = bech32.decode(text as `${string}1${string}`, false);
		if (decoded.prefix.toLowerCase() !== prefix.toLowerCase()) return undefined;
		const bytes = bech32.fromWords(decoded.words);
		return bytes.length === length ? bytes : undefined;
	} catch {
		return undefined;
	}
}
