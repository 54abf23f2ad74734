import { Lexer } from "yaml";
import { isBlankOrEnd } from "./characters.ts";
import {
	decodeDouble,
	decodePlain,
	decodeSingle,
	readBlockScalar,
	ScalarError,
	spansLines,
} from "./scalar.ts";
import type { Scanner } from "./scanner.ts";

// Control tokens of `yaml`'s lexer: a plain or block scalar follows; document, flow error.
const SCALAR_FOLLOWS = "\x1f";
const DOCUMENT_MODE = "\x02";
const FLOW_ERROR = "\x18";

/**
 * Feeds a scanner with the lexemes that `yaml`'s lexer cuts: any YAML. The lexer says where a lexeme begins
 * and ends; what it means is go-yaml's business and ours.
 * @throws ScalarError, SopsError `syntax-invalid`, `depth-exceeded`
 */
export function scanLexed(scanner: Scanner): void {
	const { text } = scanner;
	const lexemes = new Lexemes(text);
	while (scanner.toNextLexeme()) {
		const at = scanner.index;
		const end = lexemes.seek(at);
		if (end === -1) throw scanner.fail("something stands where YAML expects a value or a key");
		scanOne(scanner, text.slice(at, end), lexemes.plain);
	}
}

function scanOne(scanner: Scanner, source: string, plain: boolean): void {
	const at = scanner.index;
	const end = at + source.length;
	if (plain) {
		scanner.flowScalar("plain", end, decodePlain(source), spansLines(source));
		return;
	}
	switch (source[0]) {
		case "-":
			if (source === "---") scanner.documentMarker("document-start");
			else scanner.blockEntry();
			return;
		case ".":
			scanner.documentMarker("document-end");
			return;
		case "?":
			scanner.key();
			return;
		case ":":
			scanner.value();
			return;
		case ",":
			scanner.flowEntry();
			return;
		case "[":
			scanner.flowStart("flow-sequence-start");
			return;
		case "{":
			scanner.flowStart("flow-mapping-start");
			return;
		case "]":
			scanner.flowEnd("flow-sequence-end");
			return;
		case "}":
			scanner.flowEnd("flow-mapping-end");
			return;
		case "&":
		case "*":
			scanner.property(source[0] === "&" ? "anchor" : "alias", end, anchorName(scanner, source));
			return;
		case "!":
			if (!isBlankOrEnd(scanner.text.charCodeAt(end))) throw scanner.fail("a blank must follow a tag", end);
			scanner.property("tag", end, source);
			return;
		case "%":
			directive(scanner, source);
			return;
		case "|":
		case ">": {
			const block = readBlockScalar(scanner.text, at, scanner.indent);
			scanner.blockScalar(block.style, block.headerEnd, block.contentEnd, block.end, block.value);
			return;
		}
		case "'":
			closed(source, "'");
			scanner.flowScalar("single", end, decodeSingle(source), spansLines(source));
			return;
		case '"':
			closed(source, '"');
			scanner.flowScalar("double", end, decodeAt(source, at), spansLines(source));
			return;
		default:
			throw scanner.fail("a character cannot start a value here");
	}
}

function closed(source: string, quote: string): void {
	if (source.length < 2 || !source.endsWith(quote)) throw new ScalarError("a quoted value has no end", 0);
}

function decodeAt(source: string, at: number): string {
	try {
		return decodeDouble(source);
	} catch (error) {
		if (error instanceof ScalarError) throw new ScalarError(error.message, at + error.index);
		throw error;
	}
}

/** go-yaml takes ASCII letters, digits, `_` and `-` in the name of an anchor, nothing else. */
function anchorName(scanner: Scanner, source: string): string {
	const name = source.slice(1);
	if (!/^[0-9A-Za-z_-]+$/.test(name))
		throw scanner.fail("the name of an anchor has a character that YAML 1.1 refuses");
	return name;
}

function directive(scanner: Scanner, source: string): void {
	const line = source.replace(/\s+#.*$/, "").trimEnd();
	const end = scanner.index + source.length;
	if (/^%YAML\s/.test(line)) scanner.directive("version-directive", end);
	else if (/^%TAG\s/.test(line)) scanner.directive("tag-directive", end);
	else throw scanner.fail("the directive is not known to YAML 1.1");
}

/** The lexemes of `yaml`'s lexer with their offsets; white space and comments are left out. */
class Lexemes {
	/** Whether the lexeme found last is a plain scalar. */
	plain = false;
	private readonly source: Iterator<string>;
	private offset = 0;
	private readonly length: number;

	constructor(text: string) {
		this.source = new Lexer().lex(text);
		this.length = text.length;
	}

	/** The end of the lexeme that starts at `at`, or -1 when none does. */
	seek(at: number): number {
		let scalar = false;
		while (this.offset < this.length) {
			const next = this.source.next();
			if (next.done) return -1;
			const lexeme = next.value;
			if (lexeme === SCALAR_FOLLOWS) {
				scalar = true;
				continue;
			}
			if (lexeme === DOCUMENT_MODE || lexeme === FLOW_ERROR) continue;
			const start = this.offset;
			this.offset += lexeme.length;
			const plain = scalar;
			scalar = false;
			if (start < at) continue;
			if (start > at) return -1;
			if (lexeme.length === 0) continue;
			this.plain = plain;
			return start + lexeme.length;
		}
		return -1;
	}
}
