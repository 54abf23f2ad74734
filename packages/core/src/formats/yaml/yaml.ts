import { SopsError } from "../../errors.ts";
import type { FormatCodec, ParsedFile } from "../codec.ts";
import { toBranches } from "./branches.ts";
import { findUnreadable } from "./characters.ts";
import { emitYaml } from "./emit.ts";
import { scanLexed } from "./lexed.ts";
import { scanLines } from "./lines.ts";
import { compose } from "./node.ts";
import { patchYaml } from "./patch.ts";
import { ScalarError } from "./scalar.ts";
import { Scanner } from "./scanner.ts";
import { hasUnreadComment } from "./unread-comment.ts";

/** Which source of lexemes carried a file; for tests and benchmarks. */
export type YamlSource = "lines" | "lexer";

/**
 * Reads YAML as go-yaml v3 does.
 *
 * @param only - use one source of lexemes; by default the line scanner, and the lexer where that gives up
 */
export function parseYaml(
	source: string,
	only?: YamlSource,
): ParsedFile & { readonly scannedBy: YamlSource } {
	const unreadable = findUnreadable(source);
	if (unreadable !== -1) throw new Scanner(source).fail("a control character stands in the text", unreadable);
	if (only !== "lexer") {
		const scanner = new Scanner(source);
		// What the line scanner finds wrong, the lexer may still understand.
		if (attempt(() => scanLines(scanner))) return { ...finish(scanner), scannedBy: "lines" };
	}
	try {
		return { ...finish(scanLexed(source)), scannedBy: "lexer" };
	} catch (error) {
		if (error instanceof ScalarError) throw new Scanner(source).fail(error.message, error.index);
		throw error;
	}
}

function attempt(scan: () => boolean): boolean {
	try {
		return scan();
	} catch (error) {
		if (error instanceof ScalarError || error instanceof SopsError) return false;
		throw error;
	}
}

function finish(scanner: Scanner): ParsedFile {
	const documents = compose(scanner);
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
	return { source: scanner.text, branches, findings };
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
	patch: patchYaml,
	holdsUnread: hasUnreadComment,
};
