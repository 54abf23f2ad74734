import type { FuzzFormat } from "../document.ts";

/**
 * Words that an encrypted file of the layout `keep` shows in clear, and the reference's does not: what the reference
 * drops or encrypts, nobody may read in ours.
 *
 * JSON has nothing beside keys and values. YAML spells values in clear in many ways, so there only comments count.
 */
export function wordsInClear(format: FuzzFormat, ours: string, theirs: string): readonly string[] {
	if (format === "json" || format === "binary") return [];
	// What looks like a comment may be a line of a quoted value, in which escapes are no words.
	const escapes = /\\(?:u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|x[\dA-Fa-f]{2}|[\s\S])/g;
	const known = new Set([...words(theirs), ...words(theirs.replace(escapes, " "))]);
	const comments = ours.matchAll(/^[^"'\n]*?(?<=^|\s)(#.*)$/gm);
	const yaml = [...comments].map((comment) => comment[1]!.replace(escapes, " ")).join("\n");
	const shown = format === "yaml" ? yaml : ours;
	const found = [...new Set(words(shown))].filter((word) => !known.has(word));
	if (format !== "ini" || found.length === 0) return found;
	// Lines of INI that go on in the next one are one value: what is cut there is no word. A comment does not go on, but
	// what looks like one may be a part of such a value.
	const joined = (text: string): Set<string> => new Set(words(text.replace(/\\[^\S\n]*\n\s*/g, "")));
	const [all, values] = [joined(ours), joined(ours.replace(/^(\s*[#;].*?)\\+\s*$/gm, "$1"))];
	return found.filter((word) => all.has(word) && values.has(word));
}

function words(text: string): string[] {
	const clear = text
		.replace(/-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/g, "")
		.replace(/ENC\[AES256_GCM,[^\]\n]*\]/g, "");
	return clear.match(/[\p{L}\p{N}]{3,}/gu) ?? [];
}
