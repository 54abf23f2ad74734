/// <reference lib="es2024.string" />
import { SopsError } from "../../errors.ts";
import { decodeAnyBytes, encodeAnyBytes } from "../../leaf/any-bytes.ts";
import { type Branches, entry, findEntry, map, scalar } from "../../tree/tree.ts";
import type { FormatCodec, ParsedFile } from "../codec.ts";
import { json } from "../json/json.ts";

/** The key under which the envelope has the content. */
const DATA_KEY = "data";

/**
 * Files that are one value: any bytes (sops 3.13.3, stores/json/store.go, `BinaryStore`; format section 12). The
 * encrypted form is a JSON object with that value under `data`.
 */
export const binary: FormatCodec = {
	name: "binary",
	metadata: "nested",
	documents: "one",
	content: "any",
	selectable: false,
	envelope: json,
	parse: parseBinary,
	emit: emitBinary,
	/** There is no layout to keep. */
	patch: (file) => emitBinary(file.branches),
};

function parseBinary(source: string): ParsedFile {
	const value = source.isWellFormed() ? source : encodeAnyBytes(source);
	const item = entry(DATA_KEY, scalar({ type: "str", value }, 0, source.length));
	return { source, branches: [map([item], 0, source.length)], findings: [] };
}

/** @throws `path-not-found` without `data`; `value-unsupported` when it is no text */
function emitBinary(branches: Branches): string {
	const found = branches[0] && findEntry(branches[0], DATA_KEY)?.value;
	if (found === undefined) {
		throw new SopsError(
			"path-not-found",
			`A binary file is what stands under the key "${DATA_KEY}", and there is none. Name the format in which the file was encrypted.`,
			{ path: [DATA_KEY] },
		);
	}
	if (found.kind === "scalar" && found.leaf.type === "str") {
		const { value } = found.leaf;
		// A lone surrogate of a text is no escaped byte.
		return typeof value === "string" ? value.toWellFormed() : decodeAnyBytes(value);
	}
	const type = found.kind === "scalar" ? found.leaf.type : found.kind;
	throw new SopsError(
		"value-unsupported",
		`A binary file is the text under the key "${DATA_KEY}", and what is there is of type ${type}. Name the format in which the file was encrypted.`,
		{ path: [DATA_KEY], found: type },
	);
}
