import type { FuzzFormat } from "../document.ts";

/**
 * Words that an encrypted file of the layout `keep` shows in clear, and the reference's does not: what the reference
 * drops or encrypts, nobody may read in ours.
 *
 * JSON has nothing beside keys and values. YAML spells values in clear in many ways, so there only comments count.
 */
export function wordsInClear(format: FuzzFormat, ours: string, theirs: string): readonly string[] {
	if (format === "json" || format === "binary") return [];
	const known = new Set(words(theirs));
	return [...new Set(words(shown(format, ours)))].filter((word) => !known.has(word));
}

function shown(format: FuzzFormat, text: string): string {
	if (format === "yaml") return (text.match(/(?<=^|\s)#.*$/gm) ?? []).join("\n");
	if (format !== "ini") return text;
	// Continued lines are one value, but for comments.
	return text.replace(/^(\s*[#;].*?)\\+\s*$/gm, "$1").replace(/\\[^\S\n]*\n\s*/g, "");
}

function words(text: string): string[] {
	const clear = text
		.replace(/-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/g, "")
		.replace(/ENC\[AES256_GCM,[^\]]*\]/g, "");
	return clear.match(/[\p{L}\p{N}]{3,}/gu) ?? [];
}
