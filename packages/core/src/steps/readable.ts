import type { Cipher } from "../cipher.ts";
import { isSopsError, SopsError } from "../errors.ts";
import type { FormatCodec } from "../formats/codec.ts";
import { decodeAnyBytes } from "../leaf/any-bytes.ts";
import { canonicalText } from "../leaf/canonical.ts";
import type { Leaf } from "../leaf/leaf.ts";
import { detachMetadata } from "../metadata/place.ts";
import { readMetadata } from "../metadata/read.ts";
import { formatPath, type Path } from "../path.ts";
import type { Branches } from "../tree/tree.ts";
import { walk } from "../tree/walk.ts";
import { decryptTree } from "./decrypt-tree.ts";

/**
 * Reads again what was encrypted, for formats that do not hold every tree as it is: dotenv makes `true` a text of
 * another MAC, null a text, and the two characters `\n` a newline; JSON loses the comments by which a selector
 * chooses. The reference writes such files, and cannot read them.
 *
 * @param branches - what `text` was written from, with its metadata
 * @throws SopsError `value-unsupported`
 */
export function requireReadable(text: string, codec: FormatCodec, branches: Branches, cipher: Cipher): void {
	try {
		const again = codec.parse(text, { wideIntegers: "round" }).branches;
		const path = firstDifference(branches, again);
		if (path !== undefined) throw unsupported(codec, path);
		const { node } = detachMetadata(again, codec.metadata, codec.name);
		decryptTree(again, readMetadata(node), cipher, false, []);
	} catch (thrown) {
		if (!isSopsError(thrown) || thrown.code === "value-unsupported") throw thrown;
		throw unsupported(codec, "path" in thrown.details ? (thrown.details.path as Path) : []);
	}
}

/** Where two files stop to hold the same texts, in order; comments and types do not count. */
function firstDifference(before: Branches, after: Branches): Path | undefined {
	const texts: (string | null)[] = [];
	let at = 0;
	let found: Path | undefined;
	walk(after, undefined, (node) => {
		if (node.kind === "scalar") texts.push(comparable(node.leaf));
		return node;
	});
	walk(before, undefined, (node, place) => {
		if (node.kind === "scalar" && texts[at++] !== comparable(node.leaf)) found ??= place.path();
		return node;
	});
	return found ?? (at === texts.length ? undefined : []);
}

function comparable(leaf: Leaf): string | null {
	if (leaf.type === "null") return null;
	const text = canonicalText(leaf);
	return text instanceof Uint8Array ? decodeAnyBytes(text) : (text ?? null);
}

function unsupported(codec: FormatCodec, path: Path): SopsError {
	const where =
		path.length === 0 ? "a value or a comment that it depends on" : `the value at ${formatPath(path)}`;
	return new SopsError(
		"value-unsupported",
		`An encrypted file of the format ${codec.name} cannot hold ${where}: reading it would give something else. Write it as text, encrypt it, or choose another format.`,
		{ path, found: "a value that the format changes" },
	);
}
