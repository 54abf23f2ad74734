// A BOM is a character like any other here: it is hashed, sealed and given back.
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text, `undefined` when they are not UTF-8. A leading U+FEFF stays. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
	try {
		return STRICT.decode(bytes);
	} catch {
		return undefined;
	}
}

/**
 * Bytes cut where they stop being UTF-8: texts, with one byte that no character begins with between each two
 * of them. Go replaces every such byte on its own where a `TextDecoder` takes some of them together.
 */
export function splitAtInvalidUtf8(bytes: Uint8Array): string[] {
	const parts: string[] = [];
	let start = 0;
	let i = 0;
	while (i < bytes.length) {
		const length = characterLength(bytes, i);
		if (length > 0) {
			i += length;
			continue;
		}
		parts.push(STRICT.decode(bytes.subarray(start, i)));
		i++;
		start = i;
	}
	parts.push(STRICT.decode(bytes.subarray(start)));
	return parts;
}

/** How many bytes the character at `i` has; 0 when none begins there (Unicode, table 3-7). */
export function characterLength(bytes: Uint8Array, i: number): number {
	const first = bytes[i]!;
	if (first < 0x80) return 1;
	if (first < 0xc2 || first > 0xf4) return 0;
	const second = bytes[i + 1] ?? 0;
	if (first < 0xe0) return isContinuation(second) ? 2 : 0;
	const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
	const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
	if (second < low || second > high || !isContinuation(bytes[i + 2] ?? 0)) return 0;
	if (first < 0xf0) return 3;
	return isContinuation(bytes[i + 3] ?? 0) ? 4 : 0;
}

function isContinuation(byte: number): boolean {
	return (byte & 0xc0) === 0x80;
}
