import { HASH, isBlank, isBreak, isBreakOrEnd } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import { type CommentGroup, type CommentLine, type Comments, NO_COMMENTS, type Token } from "./token.ts";

/** How far go-yaml looks for the next comment through blanks and breaks. */
const LOOKAHEAD = 512;
const CLOSE_LIST = 93;
const CLOSE_MAP = 125;

/** What the cutting of comments depends on beside the text. */
export interface Surroundings {
	/** The token before the comments. */
	readonly before: Token | undefined;
	readonly indent: number;
	readonly inFlow: boolean;
	/** Where the white space that led here began. */
	readonly scanFrom: number;
	readonly scanFromLine: number;
}

/** Reads comments and cuts them into groups as go-yaml does (go.yaml.in/yaml/v3 3.0.4, scannerc.go). */
export class CommentReader {
	readonly groups: CommentGroup[] = [];
	private readonly cursor: Cursor;

	constructor(cursor: Cursor) {
		this.cursor = cursor;
	}

	/** A comment on the line of the token that was just read; it goes to the token at `anchor`. */
	readLine(anchor: number): void {
		const { cursor } = this;
		if (cursor.newlines > 0) return;
		let at = cursor.index;
		const limit = at + LOOKAHEAD;
		while (at < limit && isBlank(cursor.text.charCodeAt(at))) at++;
		if (at >= limit || cursor.text.charCodeAt(at) !== HASH) return;
		cursor.column += at - cursor.index;
		cursor.index = at;
		const { line, column } = cursor;
		const lines = [this.readText()];
		this.groups.push({ ...group(anchor, at, line, column), line: lines });
	}

	/**
	 * The comments from the mark up to the next lexeme, cut into feet of what came and a head of what comes: an
	 * empty line or a change of indentation parts them.
	 */
	readGap({ before, indent, inFlow, scanFrom, scanFromLine }: Surroundings): void {
		const { cursor } = this;
		const nextIndent = Math.max(indent, 0);
		let anchor = before?.start ?? 0;
		let groupFrom = scanFrom;
		let start = -1;
		let startLine = 0;
		let startColumn = 0;
		let recentEmpty = false;
		let firstEmpty = cursor.newlines <= 1;
		let { line, column } = cursor;
		let content: CommentLine[] = [];

		// A comment must start on this line to be a foot of what came before.
		let footLine = -1;
		if (scanFromLine > 0) {
			footLine = cursor.line - cursor.newlines + 1;
			if (cursor.newlines === 0 && cursor.column > 1) footLine++;
		}

		const cut = (kind: "head" | "foot", to: number): void => {
			const made = group(kind === "foot" ? anchor : start, start, startLine, startColumn);
			this.groups.push({ ...made, scanFrom: groupFrom, scanTo: to, [kind]: content });
			content = [];
			groupFrom = to;
			anchor = to;
		};

		let peek = 0;
		for (; peek < LOOKAHEAD; peek++) {
			column++;
			const c = cursor.text.charCodeAt(cursor.index + peek);
			if (isBlank(c)) continue;
			const closesFlow = inFlow && (c === CLOSE_LIST || c === CLOSE_MAP);
			if (closesFlow || isBreakOrEnd(c)) {
				if (closesFlow || !recentEmpty) {
					const dedented = startColumn - 1 < nextIndent;
					const isFoot =
						closesFlow || (firstEmpty && ((startLine === footLine && before?.type !== "value") || dedented));
					if (!isFoot) {
						if (content.length > 0 && !Number.isNaN(c)) content.push({ text: "", start: -1 });
					} else if (content.length > 0) {
						if (dedented) anchor = start;
						cut("foot", cursor.index + peek);
					}
				}
				if (!isBreak(c)) break;
				firstEmpty = false;
				recentEmpty = true;
				column = 0;
				line++;
				continue;
			}
			// At another indentation a comment is a foot of what came rather than a head of what comes.
			if (content.length > 0 && column - 1 < nextIndent && column !== startColumn)
				cut("foot", cursor.index + peek);
			if (c !== HASH) break;

			const from = cursor.index + peek;
			if (content.length === 0) {
				start = from;
				startLine = line;
				startColumn = column;
			}
			recentEmpty = false;
			cursor.advanceTo(from);
			content.push(this.readText());
			peek = 0;
			column = 0;
			line = cursor.line;
		}
		if (content.length > 0) cut("head", cursor.index + peek - 1);
	}

	private readText(): CommentLine {
		const start = this.cursor.index;
		this.cursor.advanceToBreak();
		return { text: this.cursor.text.slice(start, this.cursor.index), start };
	}
}

function group(anchor: number, start: number, startLine: number, startColumn: number): CommentGroup {
	const none: Comments = NO_COMMENTS;
	return {
		anchor,
		start,
		startLine,
		startColumn,
		scanFrom: 0,
		scanTo: 0,
		head: none,
		line: none,
		foot: none,
	};
}
