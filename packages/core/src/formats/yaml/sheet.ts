import { isBreak } from "./characters.ts";

/**
 * The text that an emitter writes, and what go-yaml v3 keeps in mind of it to know when a space or a line is due
 * (go.yaml.in/yaml/v3 3.0.4, emitterc.go).
 */
export class Sheet {
	/** Columns that a new line begins with; below zero before anything is nested. */
	indent = -1;
	column = 0;
	/** What was written last parts words. */
	whitespace = true;
	/** Only indentation stands on the line so far. */
	indention = true;
	/** Indentation at which the next line must leave a blank line above, to part it from a foot comment. */
	footIndent = -1;
	private readonly parts: string[] = [];

	toString(): string {
		return this.parts.join("");
	}

	comment(comment: string): void {
		let breaks = false;
		let pound = false;
		let at = 0;
		while (at < comment.length) {
			if (isBreak(comment.charCodeAt(at))) {
				this.lineBreak(comment[at]!);
				breaks = true;
				pound = false;
				at++;
				continue;
			}
			if (breaks) this.startLine();
			if (!pound && comment[at] !== "#") this.put("# ");
			pound = true;
			const end = nextBreak(comment, at);
			this.put(comment.slice(at, end));
			at = end;
			this.indention = false;
			breaks = false;
		}
		if (!breaks) this.endLine();
		this.whitespace = true;
	}

	/** @param fresh - whether the first line starts with its indentation; quoted text starts behind its quote */
	lines(text: string, fresh: boolean): void {
		let at = 0;
		let breaks = fresh;
		while (at < text.length) {
			if (isBreak(text.charCodeAt(at))) {
				this.lineBreak(text[at]!);
				breaks = true;
				at++;
				continue;
			}
			if (breaks) this.startLine();
			const end = nextBreak(text, at);
			this.put(text.slice(at, end));
			at = end;
			this.indention = false;
			breaks = false;
		}
	}

	/** Goes to where a line begins, on a new one unless this one has nothing but indentation. */
	startLine(): void {
		const indent = Math.max(this.indent, 0);
		if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace))
			this.endLine();
		if (this.footIndent === indent) this.endLine();
		if (this.column < indent) {
			this.parts.push(" ".repeat(indent - this.column));
			this.column = indent;
		}
		this.whitespace = true;
		this.footIndent = -1;
	}

	indicator(text: string, needsSpace: boolean, isSpace: boolean, isIndention = false): void {
		if (needsSpace && !this.whitespace) this.put(" ");
		this.put(text);
		this.whitespace = isSpace;
		this.indention = this.indention && isIndention;
	}

	put(text: string): void {
		this.parts.push(text);
		this.column += text.length;
	}

	endLine(): void {
		this.lineBreak("\n");
	}

	lineBreak(character: string): void {
		this.parts.push(character);
		this.column = 0;
		this.indention = true;
	}
}

function nextBreak(text: string, from: number): number {
	let at = from;
	while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
	return at;
}
