/// <reference lib="es2024.string" />
import { characterLength, decodeUtf8 } from "./utf8.ts";

/** Where the bytes that belong to no character stand among the code units: lone surrogates, which UTF-8 cannot hold. */
const ESCAPE = 0xdc00;
/** Arguments that one call takes on every engine. */
const CHUNK = 8192;

/**
 * Any bytes as text, without loss: characters where they are UTF-8, and U+DC00 + b for each other byte b (the
 * mapping of PEP 383). {@link encodeAnyBytes} gives the bytes back. The text is well-formed exactly when the bytes
 * are UTF-8.
 */
export function decodeAnyBytes(bytes: Uint8Array): string {
	const text = decodeUtf8(bytes);
	if (text !== undefined) return text;
	const units = new Uint16Array(bytes.length);
	let length = 0;
	for (let i = 0; i < bytes.length; ) {
		const size = characterLength(bytes, i);
		if (size <= 1) units[length++] = size === 0 ? ESCAPE + bytes[i]! : bytes[i]!;
		else {
			const point = pointAt(bytes, i, size);
			if (point > 0xffff) {
				units[length++] = 0xd800 + ((point - 0x10000) >> 10);
				units[length++] = 0xdc00 + ((point - 0x10000) & 0x3ff);
			} else units[length++] = point;
		}
		i += size === 0 ? 1 : size;
	}
	const parts: string[] = [];
	for (let i = 0; i < length; i += CHUNK) {
		const chunk = units.subarray(i, Math.min(i + CHUNK, length));
		// Spread, they would be read through an iterator: four times slower.
		parts.push(String.fromCharCode.apply(null, chunk as unknown as number[]));
	}
	return parts.join("");
}

/** The bytes of a text: UTF-8, but for what {@link decodeAnyBytes} had to escape. Other lone surrogates are U+FFFD. */
export function encodeAnyBytes(text: string): Uint8Array {
	if (text.isWellFormed()) return new TextEncoder().encode(text);
	const bytes = new Uint8Array(text.length * 3);
	let length = 0;
	for (let i = 0; i < text.length; i++) {
		let point = text.codePointAt(i)!;
		if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff) {
			bytes[length++] = point - ESCAPE;
			continue;
		}
		if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
		if (point > 0xffff) i++;
		if (point < 0x80) bytes[length++] = point;
		else {
			const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
			bytes[length++] = ((0xf00 >> size) & 0xff) | (point >> (6 * (size - 1)));
			for (let rest = size - 2; rest >= 0; rest--) bytes[length++] = 0x80 | ((point >> (6 * rest)) & 0x3f);
		}
	}
	return bytes.slice(0, length);
}

function pointAt(bytes: Uint8Array, i: number, size: number): number {
	let point = bytes[i]! & (0x7f >> size);
	for (let k = 1; k < size; k++) point = (point << 6) | (bytes[i + k]! & 0x3f);
	return point;
}
