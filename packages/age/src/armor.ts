import { base64 } from "@scure/base";

const HEADER = "-----BEGIN AGE ENCRYPTED FILE-----";
const FOOTER = "-----END AGE ENCRYPTED FILE-----";
/** White space before the header and after the footer, in characters, as age counts it. */
const MOST_BLANKS = 1024;
const COLUMNS = 64;

/** Armors an age file: lines of 64 characters, and a final line feed, as `sops` stores it. */
export function armor(file: Uint8Array): string {
	const body = base64.encode(file).replace(/.{64}(?!$)/g, "$&\n");
	return `${HEADER}\n${body}\n${FOOTER}\n`;
}

/**
 * The age file in an armored text, or undefined where it is no such text. Takes what age takes
 * (filippo.io/age v1.3.1, armor/armor.go): CRLF, and up to 1024 characters of white space around.
 */
export function unarmor(text: string): Uint8Array | undefined {
	const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
	let first = 0;
	let blanks = 0;
	while (first < lines.length && lines[first]!.trim() === "") {
		blanks += lines[first]!.length + 1;
		if (blanks > MOST_BLANKS) return undefined;
		first++;
	}
	if (lines[first] !== HEADER) return undefined;
	const last = lines.indexOf(FOOTER, first);
	if (last === -1) return undefined;
	const behind = lines.slice(last + 1).join("\n");
	if (behind.length >= MOST_BLANKS || behind.trim() !== "") return undefined;
	const body = lines.slice(first + 1, last);
	const isSound = body.every((line, index) =>
		index < body.length - 1
			? line.length === COLUMNS && !line.includes("\r")
			: line.length > 0 && line.length <= COLUMNS,
	);
	if (!isSound) return undefined;
	// A carriage return inside the last line counts for nothing to Go's decoder.
	const joined = body.join("").replaceAll("\r", "");
	// Padding may only be at the very end, also where lines are full.
	if (!/^[A-Za-z0-9+/]*={0,2}$/.test(joined)) return undefined;
	try {
		return base64.decode(joined);
	} catch {
		return undefined;
	}
}
