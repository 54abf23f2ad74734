import { isBlankOrEnd, isBreakOrEnd } from "./characters.ts";
import { Lexemes } from "./lexemes.ts";
import {
	decodeDouble,
	decodePlain,
	decodeSingle,
	readBlockScalar,
	ScalarError,
	spansLines,
} from "./scalar.ts";
import { Scanner } from "./scanner.ts";
import { flowEnd, onOneLine, quotedEnd, type Stretch } from "./stretch.ts";

const TAG = /![0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]*/y;

/** A '?' or ':' which the lexer takes for text, with more behind it than plain text. */
const INDICATOR_AND_MORE = /^[?:]["'&*!|>%@`#-]/;

/** What the lexer ended early makes a new start; a file with more of it than this is hostile. */
const MAX_MISREAD = 64;

/**
 * Scans any YAML with the lexemes that `yaml`'s lexer cuts. The lexer says where a lexeme begins and ends; what
 * it means is go-yaml's business and ours.
 *
 * @throws ScalarError, SopsError `syntax-invalid`, `depth-exceeded`
 */
export function scanLexed(text: string): Scanner {
	// To the lexer only LF ends a line; to go-yaml CR, NEL, LS and PS do too.
	let shape = text.replace(/\r(?!\n)|[\x85\u2028\u2029]/g, "\n");
	for (let turn = 0; ; turn++) {
		const scanner = new Scanner(text);
		const misread = feed(scanner, new Lexemes(shape));
		if (misread === undefined) return scanner;
		if (turn === MAX_MISREAD) throw scanner.fail("too many values go on where YAML 1.2 ends them");
		shape = misread.as === "one line" ? onOneLine(shape, misread) : covered(shape, misread);
	}
}

/** What the lexer took for something else than go-yaml does, and as what it shall see it. */
interface Misread extends Stretch {
	readonly as: "one line" | "letters" | "blank" | "comment";
}

/**
 * @returns the first quoted value or flow collection that the lexer ended because of its indentation, which
 * means nothing to go-yaml there: the lexer must see it on one line; or what it ended before go-yaml does: a tag
 * at a bracket or comma, a plain value of a flow collection at a colon; or what it took for text: an indicator, a
 * directive, a comment with no blank before it
 */
function feed(scanner: Scanner, lexemes: Lexemes): Misread | undefined {
	const { text } = scanner;
	let flowStart = 0;
	while (scanner.toNextLexeme()) {
		const at = scanner.index;
		if (lexemes.isCovered(at)) {
			scanCovered(scanner);
			continue;
		}
		const end = lexemes.seek(at);
		const flowCut = lexemes.flowCut && scanner.flowLevel > 0;
		if (end === -1 || flowCut) {
			const hash = lexemes.text.slice(0, at).lastIndexOf("#");
			if (hash >= (scanner.tokens[scanner.tokens.length - 1]?.end ?? 0))
				return { start: hash, end: lineEnd(text, hash), as: "blank" };
		}
		if (flowCut) return { start: flowStart, end: flowEnd(text, flowStart), as: "one line" };
		if (end === -1) throw scanner.fail("something stands where YAML expects a value or a key");
		const first = text[at];
		if (!lexemes.plain && (first === '"' || first === "'")) {
			const close = quotedEnd(text, at);
			if (close !== end) return { start: at, end: close, as: "one line" };
		}
		if (!lexemes.plain && first === "!" && text[at + 1] !== "<") {
			const tagEnd = endOfTag(text, at);
			if (tagEnd > end) return { start: at, end: tagEnd, as: "letters" };
		}
		if (!lexemes.plain && first === ":" && isGluedToPlain(scanner))
			return { start: at, end: at + 1, as: "letters" };
		// To go-yaml a dash is an entry only with a blank behind it, and `%` in the first column always a directive.
		if (first === "-" && end === at + 1 && !isBlankOrEnd(text.charCodeAt(end)) && !lexemes.plain)
			return { start: at, end, as: "letters" };
		if (lexemes.plain && first === "%" && scanner.column === 0)
			return { start: at, end: lineEnd(text, at), as: "comment" };
		if (lexemes.plain && scanner.flowLevel > 0 && INDICATOR_AND_MORE.test(text.slice(at, end)))
			return { start: at, end: at + 1, as: "blank" };
		if (scanner.flowLevel === 0) flowStart = at;
		scanOne(scanner, text.slice(at, end), lexemes.plain);
	}
	return undefined;
}

/** Behind the last character that go-yaml takes for one of a tag (scannerc.go, `yaml_parser_scan_tag_uri`). */
function endOfTag(text: string, at: number): number {
	TAG.lastIndex = at;
	return at + TAG.exec(text)![0].length;
}

/** The text with letters, blanks or a comment in place of what the lexer misreads; a `!` stays. */
function covered(text: string, { start, end, as }: Misread): string {
	const from = text[start] === "!" ? start + 1 : start;
	const cover = { letters: "x", blank: " ", comment: "#", "one line": "" }[as];
	return text.slice(0, from) + cover.repeat(end - from) + text.slice(end);
}

/** What the lexer was not shown: an indicator within a flow collection, or a directive. */
function scanCovered(scanner: Scanner): void {
	const { text, index } = scanner;
	if (text[index] === "%") directive(scanner, text.slice(index, lineEnd(text, index)));
	else scanOne(scanner, text[index]!, true);
}

function lineEnd(text: string, at: number): number {
	let end = at;
	while (!isBreakOrEnd(text.charCodeAt(end))) end++;
	return end;
}

function scanOne(scanner: Scanner, source: string, plain: boolean): void {
	const at = scanner.index;
	const end = at + source.length;
	if (plain) {
		// In flow collections go-yaml takes '?' and ':' for indicators, with or without a blank behind them.
		if (scanner.flowLevel > 0 && /^[?:]/.test(source)) {
			if (source[0] === "?") scanner.key();
			else scanner.value();
			if (source.length > 1) scanOne(scanner, source.slice(1), true);
			return;
		}
		// It ends there for go-yaml, and nothing may follow it.
		if (scanner.flowLevel > 0 && source.includes("?"))
			throw scanner.fail("a plain value of a flow collection has a '?'; put it in quotes");
		// At the start of a line it ends the document there, also within a flow collection.
		const lines = `${scanner.column === 0 ? "\n" : ""}${source}${scanner.text.slice(end, end + 1)}`;
		const marker = /[\n\r](?:---|\.\.\.)(?:\s|$)/.exec(lines);
		if (marker !== null) throw scanner.fail("a document marker stands in a flow collection");
		// The lexer, which was shown the collection on one line, saw no comment there.
		if (scanner.flowLevel > 0 && /\s#/.test(source))
			throw scanner.fail("a comment stands within a value of a flow collection; put a comma before it");
		if (/^[,%@`|>]/.test(source)) throw scanner.fail("a character cannot start a value here");
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
		case "*": {
			const name = anchorName(scanner, source);
			scanner.property(source[0] === "&" ? "anchor" : "alias", at + 1 + name.length, name);
			// The name ends at a colon, as in `*alias: value`.
			if (name.length + 1 < source.length) scanner.value();
			return;
		}
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
			scanner.flowScalar("single", end, decodeSingle(source), spansLines(source));
			return;
		case '"':
			scanner.flowScalar("double", end, decodeAt(source, at), spansLines(source));
			return;
		default:
			throw scanner.fail("a character cannot start a value here");
	}
}

function decodeAt(source: string, at: number): string {
	try {
		return decodeDouble(source);
	} catch (error) {
		if (error instanceof ScalarError) throw new ScalarError(error.message, at + error.index);
		throw error;
	}
}

/** go-yaml takes ASCII letters, digits, `_` and `-` in the name of an anchor; a colon behind it may stand for a value. */
function anchorName(scanner: Scanner, source: string): string {
	const name = /^.([0-9A-Za-z_-]+):?$/.exec(source)?.[1];
	const behind = scanner.text.charCodeAt(scanner.index + source.length);
	const isEnded = isBlankOrEnd(behind) || /[?:,\]}%@`]/.test(String.fromCharCode(behind));
	if (name === undefined || !isEnded)
		throw scanner.fail("the name of an anchor has a character that YAML 1.1 refuses");
	return name;
}

/** In flow collections YAML 1.2 ends `p` in `{p:,}` and `{p :,}` at the colon; to go-yaml that belongs to the key. */
function isGluedToPlain(scanner: Scanner): boolean {
	const { tokens, index, flowLevel, text } = scanner;
	const last = tokens[tokens.length - 1];
	if (flowLevel === 0 || last?.type !== "scalar" || last.style !== "plain") return false;
	if (/\S/.test(text.slice(last.end, index))) return false;
	return !isBlankOrEnd(text.charCodeAt(index + 1));
}

/** What stands behind a directive on its line is dropped, a comment too. */
function directive(scanner: Scanner, source: string): void {
	const line = source.replace(/\s+#.*$/, "").trimEnd();
	const end = lineEnd(scanner.text, scanner.index + source.length);
	if (/^%YAML\s/.test(line)) scanner.directive("version-directive", end, line);
	else if (/^%TAG\s/.test(line)) scanner.directive("tag-directive", end, line);
	else throw scanner.fail("the directive is not known to YAML 1.1");
}
