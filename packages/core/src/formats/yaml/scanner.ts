import { SopsError } from "../../errors.ts";
import { positionAt } from "../position.ts";
import { COLON, HASH, isBlank, isBreak, SPACE, TAB } from "./characters.ts";
import { CommentReader } from "./comment-reader.ts";
import { Cursor } from "./cursor.ts";
import type { CommentGroup, ScalarStyle, Token, TokenType } from "./token.ts";

/** go-yaml's `max_indents` and `max_flow_level`. */
const MAX_DEPTH = 10_000;
/** A simple key ends within this many characters of its start. */
const MAX_SIMPLE_KEY = 1024;

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
	flowLevel = 0;
	/** Column of the block that is open, -1 outside of any. */
	indent = -1;

	private readonly cursor: Cursor;
	private readonly reader: CommentReader;
	private simpleKeyAllowed = true;
	private readonly indents: number[] = [];
	private readonly simpleKeys: SimpleKey[] = [noKey()];

	constructor(text: string) {
		this.text = text;
		this.cursor = new Cursor(text);
		this.reader = new CommentReader(this.cursor);
	}

	/** Offset of the next lexeme. */
	get index(): number {
		return this.cursor.index;
	}

	get column(): number {
		return this.cursor.column;
	}

	get comments(): readonly CommentGroup[] {
		return this.reader.groups;
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
		this.closeBlocks(-1, this.index);
		this.dropSimpleKey();
		this.push("stream-end", this.index, this.index);
		return false;
	}

	// — lexemes —

	directive(type: "version-directive" | "tag-directive", end: number, content: string): void {
		this.leaveDocument();
		this.emit(type, end, content);
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
		if (spansLines) this.cursor.advanceTo(end);
		else this.cursor.advanceInLine(end);
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
		this.cursor.advanceInLine(headerEnd);
		while (isBlank(this.cursor.code)) this.cursor.step();
		if (this.cursor.code === HASH) this.readLineComment(start);
		this.tokens.push(token("scalar", start, contentEnd, value, style));
		this.cursor.advanceTo(end);
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
		if (key.line < this.cursor.line || key.index + MAX_SIMPLE_KEY < this.index) {
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
		key.line = this.cursor.line;
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
		this.cursor.advanceInLine(end);
	}

	private lastStart(): number {
		const last = this.tokens[this.tokens.length - 1];
		return last === undefined ? this.index : last.start;
	}

	// — white space and comments —

	/** True when a break was among them. */
	private skipBlanksAndBreaks(): boolean {
		const { cursor } = this;
		let broke = false;
		for (;;) {
			const c = cursor.code;
			if (c === SPACE || c === TAB) {
				if (c === TAB && broke && cursor.column < this.indent + 1) {
					throw this.fail("a tab stands where indentation by spaces is needed");
				}
				cursor.step();
			} else if (isBreak(c)) {
				cursor.stepLine();
				broke = true;
			} else return broke;
		}
	}

	private skipGap(): void {
		const { cursor } = this;
		const scanFrom = cursor.index;
		const scanFromLine = cursor.line;
		for (;;) {
			let c = cursor.code;
			while (c === SPACE || (c === TAB && (this.flowLevel > 0 || !this.simpleKeyAllowed))) {
				cursor.step();
				c = cursor.code;
			}
			if (c === HASH) this.readComments(scanFrom, scanFromLine);
			if (!isBreak(cursor.code)) return;
			cursor.stepLine();
			if (this.flowLevel === 0) this.simpleKeyAllowed = true;
		}
	}

	private readComments(scanFrom: number, scanFromLine: number): void {
		const { tokens } = this;
		let before = tokens[tokens.length - 1];
		if (before?.type === "flow-entry" && tokens.length > 1) before = tokens[tokens.length - 2];
		this.reader.readGap({ before, indent: this.indent, inFlow: this.flowLevel > 0, scanFrom, scanFromLine });
	}

	private readLineComment(anchor: number = this.lastStart()): void {
		this.reader.readLine(anchor);
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
