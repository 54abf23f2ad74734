import type { FormatCodec } from "../codec.ts";
import { emitJson, emitJsonValue } from "./emit.ts";
import { parseJson } from "./parse.ts";
import { patchJson } from "./patch.ts";

/** JSON, as sops 3.13.3 reads and writes it (format section 9). */
export const json: FormatCodec = {
	name: "json",
	metadata: "nested",
	documents: "one",
	content: "utf8",
	selectable: true,
	parse: parseJson,
	emit: emitJson,
	emitValue: emitJsonValue,
	patch: patchJson,
};
