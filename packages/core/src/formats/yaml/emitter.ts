import { isBreak } from "./characters.ts";
import { Sheet } from "./sheet.ts";
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
	private readonly sheet = new Sheet();
	private state: State = "document-content";
	private readonly states: State[] = [];
	private readonly indents: number[] = [];
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
		return this.sheet.toString();
	}

	documentStart(): void {
		if (this.documents++ > 0) {
			this.sheet.startLine();
			this.sheet.indicator("---", true, false);
			this.sheet.startLine();
		}
		this.state = "document-content";
	}

	documentEnd(): void {
		this.sheet.footIndent = 0;
		this.writeFootComment();
		this.sheet.footIndent = -1;
		this.sheet.startLine();
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
			this.sheet.indicator("{", true, true);
			this.increaseIndent(true);
			this.writeHeadComment();
			this.sheet.indent = this.indents.pop()!;
			this.sheet.indicator("}", false, false);
			this.writeLineComment();
			this.writeFootComment();
		} else {
			this.writeHeadComment();
			this.sheet.indent = this.indents.pop()!;
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
			this.sheet.indicator("[", true, true);
			this.increaseIndent(true);
			this.sheet.indent = this.indents.pop()!;
			if (this.sheet.column === 0) this.sheet.startLine();
			this.sheet.indicator("]", false, false);
			this.writeLineComment();
			this.writeFootComment();
		} else this.sheet.indent = this.indents.pop()!;
		this.state = this.states.pop()!;
	}

	scalar(event: ScalarEvent, comments: EventComments = NOTHING): void {
		this.take(comments);
		const commentsFollow = this.startNode("scalar", event);
		this.writeTag(event.tag);
		this.increaseIndent(true);
		this.writeScalar(event);
		this.sheet.indent = this.indents.pop()!;
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
				this.sheet.indicator(":", false, false);
				this.valueStart(kind);
				return true;
			case "mapping-value":
				this.sheet.startLine();
				this.sheet.indicator(":", true, false, true);
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
		this.sheet.startLine();
		this.sheet.indicator("-", true, false, true);
		this.states.push("sequence-item");
	}

	private keyStart(key: ScalarEvent): void {
		this.writeHeadComment();
		this.sheet.startLine();
		if (this.line !== "") {
			this.keyLine = this.line;
			this.line = "";
		}
		if (isSimpleKey(key)) {
			this.states.push("mapping-simple-value");
			return;
		}
		this.sheet.indicator("?", true, false, true);
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
		this.indents.push(this.sheet.indent);
		const best = this.bestIndent;
		if (this.sheet.indent < 0) this.sheet.indent = flow ? best : 0;
		else if (this.states[this.states.length - 1] === "sequence-item") this.sheet.indent += 2;
		else this.sheet.indent = best * Math.floor((this.sheet.indent + best) / best);
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
			this.sheet.startLine();
			this.sheet.comment(this.tail);
			this.tail = "";
			this.sheet.footIndent = Math.max(this.sheet.indent, 0);
		}
		if (this.head === "") return;
		this.sheet.startLine();
		this.sheet.comment(this.head);
		this.head = "";
	}

	private writeLineComment(breakWithout = false): void {
		if (this.line === "") {
			if (breakWithout) this.sheet.endLine();
			return;
		}
		if (!this.sheet.whitespace) this.sheet.put(" ");
		this.sheet.comment(this.line);
		this.line = "";
	}

	private writeFootComment(): void {
		if (this.foot === "") return;
		this.sheet.startLine();
		this.sheet.comment(this.foot);
		this.foot = "";
		this.sheet.footIndent = Math.max(this.sheet.indent, 0);
	}

	// — scalars —

	private writeTag(tag: string): void {
		if (tag === "") return;
		if (!this.sheet.whitespace) this.sheet.put(" ");
		this.sheet.put(tag);
		this.sheet.whitespace = false;
		this.sheet.indention = false;
	}

	private writeScalar({ text, as }: ScalarEvent): void {
		switch (as.style) {
			case "plain":
				if (!this.sheet.whitespace && text !== "") this.sheet.put(" ");
				this.sheet.put(text);
				if (text !== "") this.sheet.whitespace = false;
				this.sheet.indention = false;
				return;
			case "single":
				this.sheet.indicator("'", true, false);
				// The only breaks that get here are LS and PS.
				this.sheet.lines(text.replaceAll("'", "''"), false);
				this.sheet.indicator("'", false, false);
				this.sheet.whitespace = false;
				this.sheet.indention = false;
				return;
			case "double":
				if (!this.sheet.whitespace) this.sheet.put(" ");
				this.sheet.put(doubleQuoted(text));
				this.sheet.whitespace = false;
				this.sheet.indention = false;
				return;
			case "literal":
				this.sheet.indicator("|", true, false);
				this.sheet.put(this.blockHints(text));
				this.writeLineComment(true);
				this.sheet.whitespace = true;
				this.sheet.lines(text, true);
				return;
		}
	}

	private blockHints(text: string): string {
		const first = text.charCodeAt(0);
		const hint = first === 32 || isBreak(first) ? String(this.bestIndent) : "";
		const last = text.length - 1;
		if (!isBreak(text.charCodeAt(last))) return `${hint}-`;
		return last === 0 || isBreak(text.charCodeAt(last - 1)) ? `${hint}+` : hint;
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
