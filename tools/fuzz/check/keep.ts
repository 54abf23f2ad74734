import type { Tree } from "@sopskit/reference";
import type { ParsedFile } from "../../../packages/core/src/formats/codec.ts";
import { codecOf } from "../../../packages/core/src/formats/formats.ts";
import { decodeAnyBytes } from "../../../packages/core/src/leaf/any-bytes.ts";
import { decryptDocument } from "../../../packages/core/src/operations/decrypt.ts";
import { walk } from "../../../packages/core/src/tree/walk.ts";
import type { CheckContext } from "./checker.ts";
import { wordsInClear } from "./clear-words.ts";
import { keptLines, touchedOffsets } from "./lines.ts";
import { encrypt, textOf } from "./ours.ts";
import { mapSide, type Side, side, sideNow } from "./side.ts";
import type { TheirFile } from "./theirs.ts";
import { looseNumbers, typed, withoutComments } from "./typed.ts";

/**
 * The layout `keep`: the reference reads the same data, lines without anything encrypted stay as they are, and
 * decryption gives the author's text back.
 *
 * @param theirs - the encrypted file of the reference
 * @param reference - the document as it comes back from the reference's layout
 */
export async function checkKept(
	check: CheckContext,
	file: ParsedFile,
	theirs: TheirFile,
	reference: Side,
): Promise<void> {
	const { document, keys } = check;
	const { format } = document;
	const provider = document.wrapped ? keys.ageProvider : keys.fastProvider;
	const made = await side(() => encrypt(document, document.input, keys, "keep"));
	if ("refused" in made) {
		check.compare("keep", "encryption", made, { value: "encrypted in the reference's layout" });
		return;
	}
	const encrypted = textOf(made.value);
	if (made.value.findings.some((finding) => finding.code === "layout-not-kept")) {
		check.note("keep: fell back on encryption");
		return;
	}
	check.compare(
		"keep",
		"words in clear",
		{ value: wordsInClear(format, encrypted, `${theirs.text}\n${clearComments(document, file)}`) },
		{ value: [] },
	);
	if ("refused" in reference) return;
	// What the author wrote; on its way through the reference's layout some of it may change.
	const written: Side = { value: looseNumbers(withoutComments(typed(file.branches))) };
	const byThem = await check.theirs.decrypt(document, made.value.bytes, document.wrapped);
	check.compare("keep", "data read by the reference", mapSide(byThem, data), written);
	check.compare(
		"keep",
		"lines without anything encrypted",
		{ value: encrypted },
		keptLines(document, file, encrypted),
	);

	const back = await side(() => decryptDocument(made.value.bytes, { format, providers: [provider] }));
	if ("refused" in back) {
		check.compare("keep", "decryption", back, reference);
		return;
	}
	const restored = sideNow(() => decodeAnyBytes(back.value.bytes({ layout: "keep" })));
	if ("refused" in restored) {
		check.compare("keep", "decrypted text", restored, reference);
		return;
	}
	if (restored.value === file.source) {
		check.note("keep: the author's text came back");
		return;
	}
	const kept = keptLines(document, file, restored.value);
	const whole = "value" in kept && kept.value === restored.value;
	if (restored.value === decodeAnyBytes(back.value.bytes())) {
		check.note(whole ? "keep: only values came back in another spelling" : "keep: fell back on decryption");
		return;
	}
	const again = sideNow(() =>
		data({ tree: typed(codecOf(format).parse(restored.value, { wideIntegers: "refuse" }).branches) }),
	);
	check.compare("keep", "data of the text that came back", again, written);
	if (whole) check.note("keep: only values came back in another spelling");
	else check.compare("keep", "lines without anything encrypted, decrypted", restored, kept);
}

function data({ tree }: { readonly tree: Tree }): unknown {
	return looseNumbers(withoutComments(tree));
}

/** Comments of YAML that are not to be encrypted: of two at one place, the reference writes only one. */
function clearComments({ format, selector }: CheckContext["document"], { source }: ParsedFile): string {
	if (format !== "yaml") return "";
	const { branches } = codecOf(format).parse(source, { wideIntegers: "refuse" });
	const encrypted = new Set(touchedOffsets({ format, selector, text: source }).map(([start]) => start));
	const comments: string[] = [];
	walk(branches, undefined, (node) => {
		if (node.kind === "comment" && !encrypted.has(node.start)) comments.push(node.text);
		return node;
	});
	return comments.join("\n");
}
