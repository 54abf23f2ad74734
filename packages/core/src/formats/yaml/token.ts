/** The tokens of YAML's grammar as libyaml cuts them; KEY and the BLOCK-*-START tokens are found in hindsight. */
export type TokenType =
	| "stream-end"
	| "version-directive"
	| "tag-directive"
	| "document-start"
	| "document-end"
	| "block-sequence-start"
	| "block-mapping-start"
	| "block-end"
	| "flow-sequence-start"
	| "flow-sequence-end"
	| "flow-mapping-start"
	| "flow-mapping-end"
	| "block-entry"
	| "flow-entry"
	| "key"
	| "value"
	| "alias"
	| "anchor"
	| "tag"
	| "scalar";

export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

export interface Token {
	readonly type: TokenType;
	/** UTF-16 offsets into the source. For `block-end`, `start` is moved before comments that belong to the parent. */
	readonly start: number;
	readonly end: number;
	/** A scalar's content, an anchor's or alias's name, a tag as written, a directive's text. */
	readonly value: string;
	readonly style: ScalarStyle;
}

/** One line of a comment, with its `#`; an empty text marks an empty line between two of them. */
export interface CommentLine {
	readonly text: string;
	readonly start: number;
}

export type Comments = readonly CommentLine[];

export const NO_COMMENTS: Comments = [];

/**
 * Comments between two tokens, cut the way go-yaml cuts them: `head` for the token that follows, `foot` for
 * what came before, `line` for the token on the same line.
 */
export interface CommentGroup {
	/** The first token that starts here or later takes the group. */
	readonly anchor: number;
	readonly start: number;
	readonly startLine: number;
	readonly startColumn: number;
	/** Where the white space that led to this group began, and where the look-ahead behind it ended. */
	readonly scanFrom: number;
	readonly scanTo: number;
	readonly head: Comments;
	readonly line: Comments;
	readonly foot: Comments;
}
