import { CR, isBlank, isBreak, isBreakOrEnd, LF, SPACE } from "./characters.ts";

/** A mark that moves through the text: offset, line and column from 0. */
export class Cursor {
	readonly text: string;
	index = 0;
	line = 0;
	column = 0;
	/** Line breaks read since the last character that is not blank. */
	newlines = 0;

	constructor(text: string) {
		this.text = text;
		if (text.charCodeAt(0) === 0xfeff) this.index = 1;
	}

	/** The code unit at the mark, or NaN at the end. */
	get code(): number {
		return this.text.charCodeAt(this.index);
	}

	/** Over one character that is not a break. */
	step(): void {
		if (!isBlank(this.code)) this.newlines = 0;
		this.index++;
		this.column++;
	}

	/** Over one line break; CR LF is one. */
	stepLine(): void {
		this.index += this.code === CR && this.text.charCodeAt(this.index + 1) === LF ? 2 : 1;
		this.column = 0;
		this.line++;
		this.newlines++;
	}

	/** To an offset ahead, over anything. */
	advanceTo(end: number): void {
		while (this.index < end) {
			const c = this.code;
			if (c > SPACE && c < 0x85) {
				this.index++;
				this.column++;
				this.newlines = 0;
			} else if (isBreak(c)) this.stepLine();
			else this.step();
		}
	}

	/** To an offset ahead on this line; what lies between is not all blank. */
	advanceInLine(end: number): void {
		this.column += end - this.index;
		this.index = end;
		this.newlines = 0;
	}

	/** To the next line break or the end. */
	advanceToBreak(): void {
		let at = this.index;
		while (!isBreakOrEnd(this.text.charCodeAt(at))) at++;
		this.advanceInLine(at);
	}
}
