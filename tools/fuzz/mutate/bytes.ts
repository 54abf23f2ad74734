import { utf8BinaryText } from "../binary-text.ts";
import type { FuzzFormat } from "../document.ts";
import type { Random } from "../random.ts";
import { PIECES } from "./text.ts";

/**
 * Bytes with one to three damages that know nothing of characters: flipped bits, cuts, bytes out of the alphabet of
 * the format, any bytes, and splices with another file.
 */
export function mutateBytes(bytes: string, other: string, random: Random, format: FuzzFormat): string {
	let out = bytes;
	for (let i = 1 + random.int(3); i > 0; i--) {
		const at = random.int(out.length + 1);
		switch (random.int(8)) {
			case 0:
			case 1:
				if (at < out.length) out = replaced(out, at, out.charCodeAt(at) ^ (1 << random.int(8)));
				break;
			case 2:
				out = out.slice(0, at) + out.slice(at + 1 + random.int(20));
				break;
			case 3:
				out = out.slice(0, at);
				break;
			case 4:
				out = out.slice(0, at) + utf8BinaryText(random.pick(PIECES[format])) + out.slice(at);
				break;
			case 5:
				out = out.slice(0, at) + String.fromCharCode(random.int(256)) + out.slice(at + random.int(2));
				break;
			case 6: {
				const from = random.int(other.length + 1);
				const piece = other.slice(from, from + 1 + random.int(200));
				out = out.slice(0, at) + piece + out.slice(at + (random.chance(50) ? piece.length : 0));
				break;
			}
			default: {
				const piece = out.slice(at, at + 1 + random.int(60));
				const to = random.int(out.length + 1);
				out = out.slice(0, to) + piece + out.slice(to);
			}
		}
	}
	return out;
}

function replaced(text: string, at: number, code: number): string {
	return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}
