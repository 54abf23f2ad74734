import type { FormatCodec } from "../codec.ts";
import { emitIni } from "./emit.ts";
import { parseIni } from "./parse.ts";
import { patchIni } from "./patch.ts";
import { hasSkippedText } from "./skipped-text.ts";

/** INI, as sops 3.13.3 reads and writes it with ini.v1 1.67.3 (format section 11). */
export const ini: FormatCodec = {
	name: "ini",
	metadata: "section",
	documents: "one",
	content: "any",
	selectable: true,
	commentsFollow: true,
	parse: parseIni,
	emit: emitIni,
	patch: patchIni,
	holdsUnread: hasSkippedText,
};
