import { SopsError } from "../../errors.ts";
import type { FormatCodec, ParsedFile } from "../codec.ts";
import { toBranches } from "./branches.ts";
import { composeText, type YamlSource } from "./compose-text.ts";
import { emitYaml, emitYamlValue } from "./emit.ts";
import { patchYaml } from "./patch.ts";
import { hasUnreadComment } from "./unread-comment.ts";

/**
 * Reads YAML as go-yaml v3 does.
 *
 * @param only - use one source of lexemes; by default the line scanner, and the lexer where that gives up
 */
export function parseYaml(
	source: string,
	only?: YamlSource,
): ParsedFile & { readonly scannedBy: YamlSource } {
	const { documents, scanner, scannedBy } = composeText(source, only);
	if (documents.length === 0) {
		throw new SopsError(
			"document-empty",
			"The YAML has no document: it is empty, blank or all comments. Give it at least one key.",
			{
				format: "yaml",
			},
		);
	}
	const { branches, findings } = toBranches(documents, scanner);
	return { source: scanner.text, branches, findings, scannedBy };
}

/** YAML, as sops 3.13.3 reads and writes it (format section 8). */
export const yaml: FormatCodec = {
	name: "yaml",
	metadata: "nested",
	documents: "several",
	content: "utf8",
	selectable: true,
	parse: (source) => parseYaml(source),
	emit: (branches, options) => emitYaml(branches, options.indent),
	emitValue: (value, options) => emitYamlValue(value, options.indent),
	patch: patchYaml,
	holdsUnread: hasUnreadComment,
};
