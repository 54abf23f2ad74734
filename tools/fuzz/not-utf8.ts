import { characterLength } from "../../packages/core/src/leaf/utf8.ts";
import { fromBinaryText, toBinaryText } from "./binary-text.ts";
import type { FuzzFormat } from "./document.ts";

/**
 * Where bytes that are not UTF-8 are generated. The reference reads such names of dotenv and such INI files; what
 * core does not read of them yet is left out.
 */
const GENERATED: Readonly<Record<"dotenvNames" | "ini", boolean>> = { dotenvNames: false, ini: false };

/** The input without the bytes that are not UTF-8 in places where they are not to be generated. */
export function withoutUnreadBytes(format: FuzzFormat, input: Uint8Array): Uint8Array {
	if (format === "ini" && !GENERATED.ini) return repaired(input);
	if (format !== "dotenv" || GENERATED.dotenvNames) return input;
	const lines = toBinaryText(input).split("\n");
	const kept = lines.map((line) => {
		const name = line.startsWith("#") ? 0 : line.indexOf("=");
		return name <= 0 ? line : toBinaryText(repaired(fromBinaryText(line.slice(0, name)))) + line.slice(name);
	});
	return fromBinaryText(kept.join("\n"));
}

/** Each byte that belongs to no character becomes an `x`. */
function repaired(bytes: Uint8Array): Uint8Array {
	const out = bytes.slice();
	for (let i = 0; i < out.length; ) {
		const length = characterLength(out, i);
		if (length === 0) out[i] = 0x78;
		i += Math.max(1, length);
	}
	return out;
}
