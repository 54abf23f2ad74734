import { SopsError } from "../../errors.ts";
import { positionAt } from "../position.ts";
import { COLON, CR, HASH, isBlank, isBreak, isBreakOrEnd, LF, SPACE, TAB } from "./characters.ts";
import {
	type CommentGroup,
	type CommentLine,
	NO_COMMENTS,
	type ScalarStyle,
	type Token,
	type TokenType,
} from "./token.ts";

/** go-yaml's `max_indents` and `max_flow_level`. */
const MAX_DEPTH = 10_000;
/** A simple key ends within this many characters of its start. */
const MAX_SIMPLE_KEY = 1024;
/** How far go-yaml looks for the next comment through blanks and breaks. */
const COMMENT_LOOKAHEAD = 512;

interface SimpleKey {
	possible: boolean;
	required: boolean;
	/** Index into `tokens` before which KEY would be inserted. */
	token: number;
	index: number;
	line: number;
	column: number;
}

/**
 * The structure half of a YAML scanner: indentation, simple keys, and where comments belong. It is told by a
 * lexeme source what stands at the mark, and builds the token list as libyaml does; the white space and
 * comments between lexemes it reads itself, because go-yaml's placing of comments hangs on every blank
 * (go.yaml.in/yaml/v3 3.0.4, scannerc.go).
 */
export class Scanner {
	readonly text: string;
	readonly tokens: Token[] = [];
	readonly comments: CommentGroup[] = [];

	/** The mark: offset, line and column from 0. */
	index = 0;
	line = 0;
	column = 0;
	flowLevel = 0;
	indent = -1;
	simpleKeyAllowed = true;

	/** Line breaks read since the last character that is not blank. */
	private newlines = 0;
	private readonly indents: number[] = [];
	private readonly simpleKeys: SimpleKey[] = [noKey()];

	constructor(text: string) {
		this.text = text;
		if (text.charCodeAt(0) === 0xfeff) this.index = 1;
	}

	fail(reason: string, index: number = this.index): SopsError {
		const { line, column } = positionAt(this.text, index);
		return new SopsError(
			"syntax-invalid",
			`The YAML is not well-formed at line ${line}, column ${column}: ${reason}.`,
			{ format: "yaml", line, column, reason },
		);
	}

	/** Moves over blanks, breaks and comments to the next lexeme and closes the blocks that it leaves. False at the end. */
	toNextLexeme(): boolean {
		const from = this.index;
		this.skipGap();
		this.closeBlocks(this.column, from);
		if (this.index < this.text.length) return true;
		if (this.column !== 0) {
			this.column = 0;
			this.line++;
		}
		this.closeBlocks(-1, this.index);
		this.dropSimpleKey();
		this.push("stream-end", this.index, this.index);
		return false;
	}

	// — lexemes —

	directive(type: "version-directive" | "tag-directive", end: number): void {
		this.leaveDocument();
		this.emit(type, end, this.text.slice(this.index, end));
	}

	documentMarker(type: "document-start" | "document-end"): void {
		this.leaveDocument();
		this.emit(type, this.index + 3);
	}

	flowStart(type: "flow-sequence-start" | "flow-mapping-start"): void {
		this.saveSimpleKey();
		this.simpleKeys.push(noKey());
		this.flowLevel++;
		if (this.flowLevel > MAX_DEPTH) throw tooDeep();
		this.simpleKeyAllowed = true;
		this.emit(type, this.index + 1);
		this.readLineComment();
	}

	flowEnd(type: "flow-sequence-end" | "flow-mapping-end"): void {
		this.dropSimpleKey();
		if (this.flowLevel > 0) {
			this.flowLevel--;
			this.simpleKeys.pop();
		}
		this.simpleKeyAllowed = false;
		this.emit(type, this.index + 1);
		this.readLineComment();
	}

	flowEntry(): void {
		const anchor = this.flowLevel > 0 ? this.lastStart() : this.index;
		this.dropSimpleKey();
		this.simpleKeyAllowed = true;
		this.emit("flow-entry", this.index + 1);
		this.readLineComment(anchor);
	}

	blockEntry(): void {
		if (this.flowLevel === 0) {
			if (!this.simpleKeyAllowed) throw this.fail("a list item is not allowed here");
			this.openBlock(this.column, this.tokens.length, "block-sequence-start", this.index);
		}
		this.dropSimpleKey();
		this.simpleKeyAllowed = true;
		this.emit("block-entry", this.index + 1);
		// A comment right behind a dash is read with the gap: it becomes a head comment of what follows.
	}

	key(): void {
		if (this.flowLevel === 0) {
			if (!this.simpleKeyAllowed) throw this.fail("a mapping key is not allowed here");
			this.openBlock(this.column, this.tokens.length, "block-mapping-start", this.index);
		}
		this.dropSimpleKey();
		this.simpleKeyAllowed = this.flowLevel === 0;
		this.emit("key", this.index + 1);
		this.readLineComment();
	}

	value(): void {
		// In block context a comment behind the colon belongs to the key.
		const anchor = this.flowLevel === 0 ? this.lastStart() : this.index;
		const key = this.simpleKeys[this.simpleKeys.length - 1]!;
		if (this.simpleKeyValid(key)) {
			this.tokens.splice(key.token, 0, token("key", key.index, key.index));
			this.openBlock(key.column, key.token, "block-mapping-start", key.index);
			key.possible = false;
			this.simpleKeyAllowed = false;
		} else {
			if (this.flowLevel === 0) {
				if (!this.simpleKeyAllowed) throw this.fail("a mapping value is not allowed here");
				this.openBlock(this.column, this.tokens.length, "block-mapping-start", this.index);
			}
			this.simpleKeyAllowed = this.flowLevel === 0;
		}
		this.emit("value", this.index + 1);
		this.readLineComment(anchor);
	}

	/** An anchor, alias or tag from the mark to `end`. */
	property(type: "anchor" | "alias" | "tag", end: number, value: string): void {
		const start = this.index;
		this.saveSimpleKey();
		this.simpleKeyAllowed = false;
		this.emit(type, end, value);
		this.readLineComment(start);
	}

	/** A quoted or plain scalar from the mark to `end`. */
	flowScalar(style: ScalarStyle, end: number, value: string, spansLines: boolean): void {
		// go-yaml takes any lexeme that starts with ':' for a value indicator here.
		const colon = this.flowLevel === 0 && this.text.charCodeAt(this.index) === COLON;
		const anchor = colon ? this.lastStart() : this.index;
		this.saveSimpleKey();
		this.simpleKeyAllowed = false;
		this.tokens.push(token("scalar", this.index, end, value, style));
		if (spansLines) this.advanceTo(end);
		else {
			this.column += end - this.index;
			this.index = end;
			this.newlines = 0;
		}
		// The plain scalar's scanner looks for a continuation, so blanks and breaks behind it are already read.
		if (style === "plain" && this.skipBlanksAndBreaks()) this.simpleKeyAllowed = true;
		this.readLineComment(anchor);
	}

	/**
	 * A block scalar from the mark. `headerEnd` is the offset behind the indicators, `end` the offset of the
	 * first character that is not its content; trailing breaks and indentation included as libyaml reads them.
	 */
	blockScalar(
		style: "literal" | "folded",
		headerEnd: number,
		contentEnd: number,
		end: number,
		value: string,
	): void {
		const start = this.index;
		this.dropSimpleKey();
		this.simpleKeyAllowed = true;
		this.advanceTo(headerEnd);
		this.newlines = 0;
		while (isBlank(this.text.charCodeAt(this.index))) this.step();
		if (this.text.charCodeAt(this.index) === HASH) this.readLineComment(start);
		this.tokens.push(token("scalar", start, contentEnd, value, style));
		this.advanceTo(end);
	}

	// — blocks and simple keys —

	private leaveDocument(): void {
		this.closeBlocks(-1, this.index);
		this.dropSimpleKey();
		this.simpleKeyAllowed = false;
	}

	private openBlock(
		column: number,
		at: number,
		type: "block-sequence-start" | "block-mapping-start",
		index: number,
	): void {
		if (this.flowLevel > 0 || this.indent >= column) return;
		this.indents.push(this.indent);
		this.indent = column;
		if (this.indents.length > MAX_DEPTH) throw tooDeep();
		const start = token(type, index, index);
		if (at === this.tokens.length) this.tokens.push(start);
		else this.tokens.splice(at, 0, start);
	}

	/**
	 * Ends the blocks deeper than `column`. Each end is moved before the comments that stand at the parent's
	 * indentation, so that those become the parent's feet.
	 */
	private closeBlocks(column: number, scanFrom: number): void {
		if (this.flowLevel > 0) return;
		let at = scanFrom - 1;
		while (this.indent > column) {
			let stop = at;
			for (let i = this.comments.length - 1; i >= 0; i--) {
				const group = this.comments[i]!;
				if (group.scanTo < stop) break;
				if (group.startColumn === this.indent + 1) at = group.start;
				stop = group.scanFrom;
			}
			this.push("block-end", at, at);
			this.indent = this.indents.pop()!;
		}
	}

	private simpleKeyValid(key: SimpleKey): boolean {
		if (!key.possible) return false;
		if (key.line < this.line || key.index + MAX_SIMPLE_KEY < this.index) {
			if (key.required) throw this.fail("a ':' is missing behind a key", key.index);
			key.possible = false;
			return false;
		}
		return true;
	}

	private saveSimpleKey(): void {
		if (!this.simpleKeyAllowed) return;
		this.dropSimpleKey();
		const key = this.simpleKeys[this.simpleKeys.length - 1]!;
		key.possible = true;
		key.required = this.flowLevel === 0 && this.indent === this.column;
		key.token = this.tokens.length;
		key.index = this.index;
		key.line = this.line;
		key.column = this.column;
	}

	private dropSimpleKey(): void {
		const key = this.simpleKeys[this.simpleKeys.length - 1]!;
		if (!key.possible) return;
		if (key.required) throw this.fail("a ':' is missing behind a key", key.index);
		key.possible = false;
	}

	// — tokens and the mark —

	private push(type: TokenType, start: number, end: number): void {
		this.tokens.push(token(type, start, end));
	}

	private emit(type: TokenType, end: number, value = ""): void {
		this.tokens.push(token(type, this.index, end, value));
		this.advanceTo(end);
		this.newlines = 0;
	}

	private lastStart(): number {
		const last = this.tokens[this.tokens.length - 1];
		return last === undefined ? this.index : last.start;
	}

	/** Over one character that is not a break. */
	private step(): void {
		if (!isBlank(this.text.charCodeAt(this.index))) this.newlines = 0;
		this.index++;
		this.column++;
	}

	/** Over one line break; CR LF is one. */
	private stepLine(): void {
		const c = this.text.charCodeAt(this.index);
		this.index += c === CR && this.text.charCodeAt(this.index + 1) === LF ? 2 : 1;
		this.column = 0;
		this.line++;
		this.newlines++;
	}

	/** Over lexeme text, which may hold breaks. */
	private advanceTo(end: number): void {
		while (this.index < end) {
			const c = this.text.charCodeAt(this.index);
			if (c > SPACE && c < 0x85) {
				this.index++;
				this.column++;
				this.newlines = 0;
			} else if (isBreak(c)) this.stepLine();
			else this.step();
		}
	}

	/** True when a break was among them. */
	private skipBlanksAndBreaks(): boolean {
		let broke = false;
		const indent = this.indent + 1;
		for (;;) {
			const c = this.text.charCodeAt(this.index);
			if (c === SPACE || c === TAB) {
				if (c === TAB && broke && this.column < indent) {
					throw this.fail("a tab stands where indentation by spaces is needed");
				}
				this.index++;
				this.column++;
			} else if (isBreak(c)) {
				this.stepLine();
				broke = true;
			} else return broke;
		}
	}

	// — comments —

	private skipGap(): void {
		const scanFrom = this.index;
		const scanFromLine = this.line;
		const { text } = this;
		for (;;) {
			if (this.column === 0 && text.charCodeAt(this.index) === 0xfeff) this.step();
			let c = text.charCodeAt(this.index);
			while (c === SPACE || (c === TAB && (this.flowLevel > 0 || !this.simpleKeyAllowed))) {
				this.index++;
				this.column++;
				c = text.charCodeAt(this.index);
			}
			if (c === HASH) {
				this.readComments(scanFrom, scanFromLine);
				c = text.charCodeAt(this.index);
			}
			if (!isBreak(c)) return;
			this.stepLine();
			if (this.flowLevel === 0) this.simpleKeyAllowed = true;
		}
	}

	/** A comment on the line of the token that was just read. */
	private readLineComment(anchor: number = this.lastStart()): void {
		if (this.newlines > 0) return;
		const { text } = this;
		let at = this.index;
		const limit = at + COMMENT_LOOKAHEAD;
		while (at < limit && isBlank(text.charCodeAt(at))) at++;
		if (at >= limit || text.charCodeAt(at) !== HASH) return;
		this.column += at - this.index;
		this.index = at;
		const start = at;
		const { column, line } = this;
		this.readToBreak();
		this.comments.push({
			anchor,
			start,
			startLine: line,
			startColumn: column,
			scanFrom: 0,
			scanTo: 0,
			head: NO_COMMENTS,
			line: [{ text: text.slice(start, this.index), start }],
			foot: NO_COMMENTS,
		});
	}

	private readToBreak(): void {
		const from = this.index;
		let at = from;
		while (!isBreakOrEnd(this.text.charCodeAt(at))) at++;
		this.column += at - from;
		this.index = at;
		this.newlines = 0;
	}

	/**
	 * The comments before the next lexeme, cut into feet of what came and a head of what comes: an empty line
	 * or a change of indentation separates them.
	 */
	private readComments(scanFrom: number, scanFromLine: number): void {
		const { text, tokens } = this;
		let before = tokens[tokens.length - 1];
		if (before?.type === "flow-entry" && tokens.length > 1) before = tokens[tokens.length - 2];

		let anchor = before?.start ?? 0;
		let groupFrom = scanFrom;
		let start = -1;
		let startLine = 0;
		let startColumn = 0;
		let nextIndent = Math.max(this.indent, 0);
		let recentEmpty = false;
		let firstEmpty = this.newlines <= 1;
		let { line, column } = this;
		let content: CommentLine[] = [];

		// A comment must start on this line to be a foot of what came before.
		let footLine = -1;
		if (scanFromLine > 0) {
			footLine = this.line - this.newlines + 1;
			if (this.newlines === 0 && this.column > 1) footLine++;
		}

		const cut = (kind: "foot" | "head", to: number): void => {
			this.comments.push({
				anchor: kind === "foot" ? anchor : start,
				start,
				startLine,
				startColumn,
				scanFrom: groupFrom,
				scanTo: to,
				head: kind === "head" ? content : NO_COMMENTS,
				line: NO_COMMENTS,
				foot: kind === "foot" ? content : NO_COMMENTS,
			});
			content = [];
			groupFrom = to;
			anchor = to;
		};

		let peek = 0;
		for (; peek < COMMENT_LOOKAHEAD; peek++) {
			column++;
			const c = text.charCodeAt(this.index + peek);
			if (isBlank(c)) continue;
			const closesFlow = this.flowLevel > 0 && (c === 93 || c === 125);
			if (closesFlow || isBreakOrEnd(c)) {
				if (closesFlow || !recentEmpty) {
					const dedented = startColumn - 1 < nextIndent;
					const isFoot =
						closesFlow || (firstEmpty && ((startLine === footLine && before?.type !== "value") || dedented));
					if (isFoot) {
						if (content.length > 0) {
							if (dedented) anchor = start;
							cut("foot", this.index + peek);
						}
					} else if (content.length > 0 && !Number.isNaN(c)) content.push({ text: "", start: -1 });
				}
				if (!isBreak(c)) break;
				firstEmpty = false;
				recentEmpty = true;
				column = 0;
				line++;
				continue;
			}
			if (content.length > 0 && column - 1 < nextIndent && column !== startColumn)
				cut("foot", this.index + peek);
			if (c !== HASH) break;

			if (content.length === 0) {
				start = this.index + peek;
				startLine = line;
				startColumn = column;
			}
			recentEmpty = false;
			const from = this.index + peek;
			this.advanceTo(from);
			this.readToBreak();
			content.push({ text: text.slice(from, this.index), start: from });
			peek = 0;
			column = 0;
			line = this.line;
			nextIndent = Math.max(this.indent, 0);
		}
		if (content.length > 0) cut("head", this.index + peek - 1);
	}
}

function noKey(): SimpleKey {
	return { possible: false, required: false, token: 0, index: 0, line: 0, column: 0 };
}

function token(type: TokenType, start: number, end: number, value = "", style: ScalarStyle = "plain"): Token {
	return { type, start, end, value, style };
}

function tooDeep(): SopsError {
	return new SopsError(
		"depth-exceeded",
		`The YAML is nested deeper than ${MAX_DEPTH} levels, which sops refuses. Flatten the document.`,
		{ limit: MAX_DEPTH },
	);
}
