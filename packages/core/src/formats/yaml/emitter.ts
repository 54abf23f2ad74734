import { isBreak } from "./characters.ts";
import { doubleQuoted, type WrittenAs } from "./style.ts";

type State =
	| "document-content"
	| "document-end"
	| "sequence-first"
	| "sequence-item"
	| "mapping-first"
	| "mapping-key"
	| "mapping-simple-value"
	| "mapping-value"
	| "empty-sequence"
	| "empty-mapping";

/** Comments that come with an event; each is lines with their `#`, joined by LF, or empty. */
export interface EventComments {
	readonly head?: string;
	readonly line?: string;
	readonly foot?: string;
	readonly tail?: string;
}

/** A scalar to write. */
export interface ScalarEvent {
	readonly text: string;
	/** Short tag to write in front, such as `!!binary`; usually empty. */
	readonly tag: string;
	readonly as: WrittenAs;
}

const NOTHING: EventComments = {};
/** Keys of more bytes than this are written with `? `. */
const MAX_SIMPLE_KEY = 128;

/**
 * Writes block-style YAML byte for byte as go-yaml v3 does (go.yaml.in/yaml/v3 3.0.4, emitterc.go). Like
 * there, a comment waits in a register until the next place that writes such comments: that is how some of
 * them move, and a diff against `sops` shows every one that does not.
 */
export class Emitter {
	private readonly bestIndent: number;
	private readonly parts: string[] = [];
	private state: State = "document-content";
	private readonly states: State[] = [];
	private indent = -1;
	private readonly indents: number[] = [];
	private column = 0;
	private whitespace = true;
	/** Only indentation stands on the line so far. */
	private indention = true;
	/** Indentation at which the next line must leave a blank line above, to part it from a foot comment. */
	private footIndent = -1;
	private documents = 0;

	private head = "";
	private line = "";
	private foot = "";
	private tail = "";
	private keyLine = "";

	/** @param indent - spaces per level; go-yaml takes 2 for what is not 2 to 9 */
	constructor(indent: number) {
		this.bestIndent = indent < 2 || indent > 9 ? 2 : indent;
	}

	toString(): string {
		return this.parts.join("");
	}

	documentStart(): void {
		if (this.documents++ > 0) {
			this.writeIndent();
			this.writeIndicator("---", true, false);
			this.writeIndent();
		}
		this.state = "document-content";
	}

	documentEnd(): void {
		this.footIndent = 0;
		this.writeFootComment();
		this.footIndent = -1;
		this.writeIndent();
	}

	mappingStart(empty: boolean, comments: EventComments = NOTHING): void {
		this.take(comments);
		const commentsFollow = this.startNode("mapping");
		this.state = empty ? "empty-mapping" : "mapping-first";
		if (commentsFollow) this.writeTrailingComments();
	}

	mappingEnd(comments: EventComments = NOTHING): void {
		this.take(comments);
		if (this.state === "empty-mapping") {
			this.writeIndicator("{", true, true);
			this.increaseIndent(true);
			this.writeHeadComment();
			this.indent = this.indents.pop()!;
			this.writeIndicator("}", false, false);
			this.writeLineComment();
			this.writeFootComment();
		} else {
			this.writeHeadComment();
			this.indent = this.indents.pop()!;
		}
		this.state = this.states.pop()!;
	}

	sequenceStart(empty: boolean, comments: EventComments = NOTHING): void {
		this.take(comments);
		const commentsFollow = this.startNode("sequence");
		this.state = empty ? "empty-sequence" : "sequence-first";
		if (commentsFollow) this.writeTrailingComments();
	}

	sequenceEnd(comments: EventComments = NOTHING): void {
		this.take(comments);
		if (this.state === "empty-sequence") {
			this.writeIndicator("[", true, true);
			this.increaseIndent(true);
			this.indent = this.indents.pop()!;
			if (this.column === 0) this.writeIndent();
			this.writeIndicator("]", false, false);
			this.writeLineComment();
			this.writeFootComment();
		} else this.indent = this.indents.pop()!;
		this.state = this.states.pop()!;
	}

	scalar(event: ScalarEvent, comments: EventComments = NOTHING): void {
		this.take(comments);
		const commentsFollow = this.startNode("scalar", event);
		this.writeTag(event.tag);
		this.increaseIndent(true);
		this.writeScalar(event);
		this.indent = this.indents.pop()!;
		this.state = this.states.pop()!;
		if (commentsFollow) this.writeTrailingComments();
	}

	// — where a node stands —

	/** Writes what stands in front of a node. True when its line and foot comments come right behind its start. */
	private startNode(kind: "mapping" | "sequence" | "scalar", scalar?: ScalarEvent): boolean {
		switch (this.state) {
			case "document-content":
				this.states.push("document-end");
				this.writeHeadComment();
				return true;
			case "sequence-first":
				this.increaseIndent(false);
				this.itemStart();
				return true;
			case "sequence-item":
				this.itemStart();
				return true;
			case "mapping-first":
				this.increaseIndent(false);
				this.keyStart(scalar!);
				return false;
			case "mapping-key":
				this.keyStart(scalar!);
				return false;
			case "mapping-simple-value":
				this.writeIndicator(":", false, false);
				this.valueStart(kind);
				return true;
			case "mapping-value":
				this.writeIndent();
				this.writeIndicator(":", true, false, true);
				this.valueStart(kind);
				return true;
			default:
				throw new Error(`a node cannot stand in state ${this.state}`);
		}
	}

	private writeTrailingComments(): void {
		this.writeLineComment();
		this.writeFootComment();
	}

	private itemStart(): void {
		this.writeHeadComment();
		this.writeIndent();
		this.writeIndicator("-", true, false, true);
		this.states.push("sequence-item");
	}

	private keyStart(key: ScalarEvent): void {
		this.writeHeadComment();
		this.writeIndent();
		if (this.line !== "") {
			this.keyLine = this.line;
			this.line = "";
		}
		if (isSimpleKey(key)) {
			this.states.push("mapping-simple-value");
			return;
		}
		this.writeIndicator("?", true, false, true);
		this.states.push("mapping-value");
	}

	private valueStart(kind: "mapping" | "sequence" | "scalar"): void {
		if (this.keyLine !== "") {
			if (kind === "scalar") {
				if (this.line === "") {
					this.line = this.keyLine;
					this.keyLine = "";
				}
			} else {
				[this.line, this.keyLine] = [this.keyLine, this.line];
				this.writeLineComment();
				[this.line, this.keyLine] = [this.keyLine, this.line];
			}
		}
		this.states.push("mapping-key");
	}

	private increaseIndent(flow: boolean): void {
		this.indents.push(this.indent);
		const best = this.bestIndent;
		if (this.indent < 0) this.indent = flow ? best : 0;
		else if (this.states[this.states.length - 1] === "sequence-item") this.indent += 2;
		else this.indent = best * Math.floor((this.indent + best) / best);
	}

	// — comments —

	private take(comments: EventComments): void {
		if (comments === NOTHING) return;
		if (comments.head) this.head = comments.head;
		if (comments.line) this.line = comments.line;
		if (comments.foot) this.foot = comments.foot;
		if (comments.tail) this.tail = comments.tail;
	}

	private writeHeadComment(): void {
		if (this.tail !== "") {
			this.writeIndent();
			this.writeComment(this.tail);
			this.tail = "";
			this.footIndent = Math.max(this.indent, 0);
		}
		if (this.head === "") return;
		this.writeIndent();
		this.writeComment(this.head);
		this.head = "";
	}

	private writeLineComment(breakWithout = false): void {
		if (this.line === "") {
			if (breakWithout) this.putBreak();
			return;
		}
		if (!this.whitespace) this.put(" ");
		this.writeComment(this.line);
		this.line = "";
	}

	private writeFootComment(): void {
		if (this.foot === "") return;
		this.writeIndent();
		this.writeComment(this.foot);
		this.foot = "";
		this.footIndent = Math.max(this.indent, 0);
	}

	private writeComment(comment: string): void {
		let breaks = false;
		let pound = false;
		let at = 0;
		while (at < comment.length) {
			if (isBreak(comment.charCodeAt(at))) {
				this.writeBreak(comment[at]!);
				breaks = true;
				pound = false;
				at++;
				continue;
			}
			if (breaks) this.writeIndent();
			if (!pound && comment[at] !== "#") this.put("# ");
			pound = true;
			const end = nextBreak(comment, at);
			this.put(comment.slice(at, end));
			at = end;
			this.indention = false;
			breaks = false;
		}
		if (!breaks) this.putBreak();
		this.whitespace = true;
	}

	// — scalars —

	private writeTag(tag: string): void {
		if (tag === "") return;
		if (!this.whitespace) this.put(" ");
		this.put(tag);
		this.whitespace = false;
		this.indention = false;
	}

	private writeScalar({ text, as }: ScalarEvent): void {
		switch (as.style) {
			case "plain":
				if (!this.whitespace && text !== "") this.put(" ");
				this.put(text);
				if (text !== "") this.whitespace = false;
				this.indention = false;
				return;
			case "single":
				this.writeIndicator("'", true, false);
				// The only breaks that get here are LS and PS.
				this.writeLines(text.replaceAll("'", "''"), false);
				this.writeIndicator("'", false, false);
				this.whitespace = false;
				this.indention = false;
				return;
			case "double":
				if (!this.whitespace) this.put(" ");
				this.put(doubleQuoted(text));
				this.whitespace = false;
				this.indention = false;
				return;
			case "literal":
				this.writeIndicator("|", true, false);
				this.put(this.blockHints(text));
				this.writeLineComment(true);
				this.whitespace = true;
				this.writeLines(text, true);
				return;
		}
	}

	/** @param fresh - whether the first line starts with its indentation; quoted text starts behind its quote */
	private writeLines(text: string, fresh: boolean): void {
		let at = 0;
		let breaks = fresh;
		while (at < text.length) {
			if (isBreak(text.charCodeAt(at))) {
				this.writeBreak(text[at]!);
				breaks = true;
				at++;
				continue;
			}
			if (breaks) this.writeIndent();
			const end = nextBreak(text, at);
			this.put(text.slice(at, end));
			at = end;
			this.indention = false;
			breaks = false;
		}
	}

	private blockHints(text: string): string {
		const first = text.charCodeAt(0);
		const hint = first === 32 || isBreak(first) ? String(this.bestIndent) : "";
		const last = text.length - 1;
		if (!isBreak(text.charCodeAt(last))) return `${hint}-`;
		return last === 0 || isBreak(text.charCodeAt(last - 1)) ? `${hint}+` : hint;
	}

	// — characters —

	private writeIndent(): void {
		const indent = Math.max(this.indent, 0);
		if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace))
			this.putBreak();
		if (this.footIndent === indent) this.putBreak();
		if (this.column < indent) {
			this.parts.push(" ".repeat(indent - this.column));
			this.column = indent;
		}
		this.whitespace = true;
		this.footIndent = -1;
	}

	private writeIndicator(text: string, needsSpace: boolean, isSpace: boolean, isIndention = false): void {
		if (needsSpace && !this.whitespace) this.put(" ");
		this.put(text);
		this.whitespace = isSpace;
		this.indention = this.indention && isIndention;
	}

	private put(text: string): void {
		this.parts.push(text);
		this.column += text.length;
	}

	private putBreak(): void {
		this.parts.push("\n");
		this.column = 0;
		this.indention = true;
	}

	private writeBreak(character: string): void {
		this.parts.push(character);
		this.column = 0;
		this.indention = true;
	}
}

function isSimpleKey({ text, tag, as }: ScalarEvent): boolean {
	if (as.multiline) return false;
	// Lengths are of UTF-8; three bytes a unit is the most there can be.
	const units = text.length + tag.length;
	if (units * 3 <= MAX_SIMPLE_KEY) return true;
	if (units > MAX_SIMPLE_KEY) return false;
	return new TextEncoder().encode(text).length + tag.length <= MAX_SIMPLE_KEY;
}

function nextBreak(text: string, from: number): number {
	let at = from;
	while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
	return at;
}
