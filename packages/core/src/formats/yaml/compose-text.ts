import { SopsError } from "../../errors.ts";
import { findUnreadable } from "./characters.ts";
import { scanLexed } from "./lexed.ts";
import { scanLines } from "./lines.ts";
import { compose, type YamlDocument } from "./node.ts";
import { ScalarError } from "./scalar.ts";
import { Scanner } from "./scanner.ts";

/** Which source of lexemes carried a file; for tests and benchmarks. */
export type YamlSource = "lines" | "lexer";

/** The documents of a text as go-yaml's nodes, before types and aliases are resolved. */
export interface ComposedText {
	readonly documents: readonly YamlDocument[];
	readonly scanner: Scanner;
	readonly scannedBy: YamlSource;
}

/**
 * @param only - use one source of lexemes; by default the line scanner, and the lexer where that gives up
 * @throws SopsError `syntax-invalid`, `depth-exceeded`
 */
export function composeText(source: string, only?: YamlSource): ComposedText {
	const unreadable = findUnreadable(source);
	if (unreadable !== -1) throw new Scanner(source).fail("a control character stands in the text", unreadable);
	if (only !== "lexer") {
		const scanner = new Scanner(source);
		// What the line scanner finds wrong, the lexer may still understand.
		if (attempt(() => scanLines(scanner)))
			return { documents: compose(scanner), scanner, scannedBy: "lines" };
	}
	try {
		const scanner = scanLexed(source);
		return { documents: compose(scanner), scanner, scannedBy: "lexer" };
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
