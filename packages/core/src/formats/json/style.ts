import type { ListNode, MapNode } from "../../tree/tree.ts";
import type { EmitOptions, ParsedFile } from "../codec.ts";
import { indentUnit, type Layout } from "./emit.ts";

/** Where something stands in the source. */
export interface Placed {
	readonly start: number;
	readonly end: number;
}

/** How the author set the file. */
export class Style {
	/** Empty if the root stands on one line. */
	readonly lineBreak: string;
	readonly unit: string;
	readonly #source: string;
	readonly #comma: string;
	readonly #colon: string;

	constructor(file: ParsedFile, options: EmitOptions) {
		this.#source = file.source;
		const [root] = file.branches;
		const lead = root === undefined || root.start < 0 ? "" : blanksAt(file.source, root.start + 1);
		const isEmpty = root === undefined || file.source.charAt(root.start + 1 + lead.length) === "}";
		const found = /\r\n|\n|\r/.exec(isEmpty ? file.source : lead);
		this.lineBreak = found?.[0] ?? (isEmpty ? "\n" : "");
		const outer = root === undefined || root.start < 0 ? "" : this.indentAt(root.start);
		const inner = lineIndent(lead);
		this.unit =
			!isEmpty && this.lineBreak !== "" && inner.length > outer.length && inner.startsWith(outer)
				? inner.slice(outer.length)
				: indentUnit(options.indent);
		const first = root?.entries.find((item) => item.kind === "entry" && item.start >= 0);
		const colon =
			first === undefined ? undefined : COLON.exec(file.source.slice(first.end, first.end + 100))?.[0];
		this.#colon = colon ?? ": ";
		this.#comma = colon === ":" && this.lineBreak === "" ? "," : ", ";
	}

	/** The layout of what is set behind a separator: on lines if that breaks the line. */
	layout(separator: string): Layout {
		const lineBreak = /\r\n|\n|\r/.exec(separator)?.[0] ?? "";
		return { lineBreak, unit: this.unit, comma: this.#comma, colon: this.#colon };
	}

	/** The layout of a value in a container, judged by whether its items stand on lines of their own. */
	layoutIn(container: MapNode | ListNode): Layout {
		return this.layout(blanksAt(this.#source, container.start + 1));
	}

	/** The indentation of the line that a place is on. */
	indentAt(at: number): string {
		let start = at;
		while (start > 0 && !isLineBreak(this.#source.charCodeAt(start - 1))) start--;
		return /^[ \t]*/.exec(this.#source.slice(start, at))![0];
	}

	/**
	 * What the author puts between two items around a place, with blank lines left out.
	 *
	 * @param items - all items of the container, at least one
	 * @param index - how many of them are before the place
	 */
	separatorAt(container: MapNode | ListNode, items: readonly Placed[], index: number): string {
		const pair = Math.min(Math.max(index, 1), items.length - 1);
		const left = items[pair - 1];
		const right = items[pair];
		if (left !== undefined && right !== undefined && pair > 0) {
			return withoutBlankLines(this.#source.slice(left.end, right.start));
		}
		const lead = blanksAt(this.#source, container.start + 1);
		return /[\r\n]/.test(lead) ? `,${withoutBlankLines(lead)}` : this.#comma;
	}
}

const COLON = /^[ \t]*:[ \t]*/;

function isLineBreak(c: number): boolean {
	return c === 0x0a || c === 0x0d;
}

function blanksAt(source: string, at: number): string {
	const blanks = /[ \t\r\n]*/y;
	blanks.lastIndex = at;
	return blanks.exec(source)![0];
}

/** The indentation that the last line of a text begins with; empty without a line break. */
export function lineIndent(text: string): string {
	const last = /[\r\n]([^\r\n]*)$/.exec(text);
	return last === null ? "" : last[1]!.replace(/[^ \t]/g, " ");
}

function withoutBlankLines(separator: string): string {
	return separator.replace(/(\r\n|\n|\r(?!\n))(?:[ \t]*(?:\r\n|\n|\r))+/g, "$1");
}
