import type { FormatCodec } from "../codec.ts";
import { emitDotenv } from "./emit.ts";
import { parseDotenv } from "./parse.ts";
import { patchDotenv } from "./patch.ts";

/** dotenv, as sops 3.13.3 reads and writes it (format section 10). */
export const dotenv: FormatCodec = {
	name: "dotenv",
	metadata: "prefix",
	documents: "one",
	content: "any",
	selectable: true,
	parse: parseDotenv,
	emit: emitDotenv,
	patch: patchDotenv,
};
