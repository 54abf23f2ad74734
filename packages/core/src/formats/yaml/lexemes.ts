import { Lexer } from "yaml";

// Control tokens of `yaml`'s lexer: a plain or block scalar follows; document, flow error.
const SCALAR_FOLLOWS = "\x1f";
const DOCUMENT_MODE = "\x02";
const FLOW_ERROR = "\x18";

/** The lexemes of `yaml`'s lexer with their offsets; white space and comments are left out. */
export class Lexemes {
	/** Whether the lexeme found last is a plain scalar. */
	plain = false;
	/** Whether the lexer ended a flow collection before its bracket. */
	flowCut = false;
	private readonly source: Iterator<string>;
	private offset = 0;
	readonly text: string;

	constructor(text: string) {
		this.source = new Lexer().lex(text);
		this.text = text;
	}

	/** Whether the lexer was not shown what stands there, which is no blank and no comment. */
	isCovered(at: number): boolean {
		return this.text[at] === " " || this.text[at] === "#";
	}

	/** The end of the lexeme that starts at `at`, or -1 when none does. */
	seek(at: number): number {
		let scalar = false;
		while (this.offset < this.text.length) {
			const next = this.source.next();
			if (next.done) return -1;
			const lexeme = next.value;
			if (lexeme === SCALAR_FOLLOWS) {
				scalar = true;
				continue;
			}
			if (lexeme === DOCUMENT_MODE) continue;
			if (lexeme === FLOW_ERROR) {
				this.flowCut = true;
				continue;
			}
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
