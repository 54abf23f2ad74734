import type { EncryptedFile } from "../../../packages/core/src/steps/encrypted-file.ts";
import type { CheckContext } from "./checker.ts";
import { mask } from "./mask.ts";
import { type Content, open, textOf } from "./ours.ts";
import { mapSide, type Outcome, side } from "./side.ts";
import type { TheirFile } from "./theirs.ts";

/** Both encrypted the same document: the files are the same, and each reads the file of the other. */
export async function checkExchange(
	check: CheckContext,
	ours: EncryptedFile,
	theirs: TheirFile,
	theirsByThem: Outcome<Content>,
): Promise<void> {
	const { document, keys } = check;
	const provider = document.wrapped ? keys.ageProvider : keys.fastProvider;
	check.compare("encrypt", "encrypted text", { value: mask(textOf(ours)) }, { value: mask(theirs.text) });
	const oursByThem = await check.theirs.decrypt(document, ours.bytes, document.wrapped);
	const oursByUs = await side(() => open(document, ours.bytes, provider));
	const theirsByUs = await side(() => open(document, theirs.bytes, provider));
	if ("refused" in theirsByThem) {
		check.note("the reference fails on its own file");
		check.compare("encrypt", "what the reference cannot read of its own", theirsByUs, theirsByThem);
		return;
	}
	for (const read of [oursByUs, oursByThem])
		check.compare(
			"encrypt",
			"MAC",
			mapSide(read, ({ mac }) => mac),
			{ value: theirs.mac },
		);
	const plain = { value: content(theirsByThem.value) };
	check.compare("encrypt", "our file read by the reference", mapSide(oursByThem, content), plain);
	check.compare("encrypt", "the reference's file read by us", mapSide(theirsByUs, content), plain);
	check.compare("encrypt", "our file read by us", mapSide(oursByUs, content), plain);
	check.note("exchanged");
}

/** A comment that moves to another level on the way stays ciphertext, on both sides. */
function content({ tree, text }: Content): unknown {
	return JSON.parse(mask(JSON.stringify({ tree, text })));
}
