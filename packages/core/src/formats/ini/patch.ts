import { isSopsError } from "../../errors.ts";
import { trim } from "../../leaf/blank.ts";
import type { Change } from "../../tree/change.ts";
import type { EntryNode, MapNode } from "../../tree/tree.ts";
import type { ParsedFile } from "../codec.ts";
import { endOf, patchSection } from "./patch-section.ts";
import { BYTE_ORDER_MARK, readStatements, type SourceFile, type SourceSection } from "./statement.ts";
import { Style, startOf } from "./style.ts";
import { wantedSection } from "./wanted.ts";

/**
 * The source changed to say what the tree of the file says now; every byte that need not change stays. What
 * changed is found by comparing both, so the list of changes only tells whether there is anything to do.
 *
 * - A value keeps its quotes if they can carry it, a comment its place and mark.
 * - A key that went takes its comment along, a section all its lines.
 * - A new key stands behind the one before it, a new section behind the statements of the one before it, set
 *   like those around.
 * - Equal keys all get the value that counts, and comments behind the last statement go when a section comes behind
 *   it: the tree has neither, and what is to be encrypted may stand in them
 *   (docs/decisions/0011-nothing-unread-stays-in-clear.md).
 *
 * @returns `undefined` if some of it has no place in an INI text: sections in another order, a comment
 * without a statement, a text that no quotes can carry
 */
export function patchIni(file: ParsedFile, changes: readonly Change[]): string | undefined {
	if (changes.length === 0) return file.source;
	const [root] = file.branches;
	if (root === undefined || file.branches.length > 1) return undefined;
	const bare = file.source.replace(BYTE_ORDER_MARK, "") === "";
	const isEnded = bare || file.source.endsWith("\n");
	const lineBreak = /\r?\n/.exec(file.source)?.[0] ?? "\n";
	const source = isEnded ? file.source : file.source + lineBreak;
	const statements = readEnded(source, isEnded);
	const text = statements && new Patch(source, statements).apply(root);
	if (text === undefined) return undefined;
	return isEnded || !text.endsWith(lineBreak) ? text : text.slice(0, -lineBreak.length);
}

/** `undefined` when the line break at the end opens a quote: `"""` alone is a value only where the file ends. */
function readEnded(source: string, isEnded: boolean): SourceFile | undefined {
	if (isEnded) return readStatements(source);
	try {
		return readStatements(source);
	} catch (error) {
		if (isSopsError(error)) return undefined;
		throw error;
	}
}

/** The lines behind the last statement without the comments among them. */
function blankLines(trail: string): string {
	return (trail.match(/[^\n]*\n|[^\n]+$/g) ?? []).filter((line) => trim(line) === "").join("");
}

class Patch {
	readonly #source: string;
	readonly #file: SourceFile;
	readonly #style: Style;
	/** The sections by where their names begin, which is the span of their entries. */
	readonly #indexes = new Map<number, number>();
	#out: string;
	/** What stands between the last section that was written and the next one. */
	#trail = "";
	/** The last section that stayed. */
	#last = -1;
	/** Something must be set apart from what comes next. */
	#isNewAhead = false;

	constructor(source: string, file: SourceFile) {
		this.#source = source;
		this.#file = file;
		this.#style = new Style(source, file);
		this.#out = source.slice(0, file.start);
		for (const [index, { header }] of file.sections.entries()) {
			this.#indexes.set(header?.name.start ?? file.start, index);
		}
	}

	apply(root: MapNode): string | undefined {
		for (const item of root.entries) {
			if (item.kind === "comment" || item.value.kind !== "map") return undefined;
			const index = this.#indexes.get(item.start) ?? -1;
			const isKept = index > this.#last && this.#file.sections[index]?.name === item.key;
			// The section without a header is there, and first, whatever the text.
			if (this.#last < 0 && index !== 0) return undefined;
			if (!(isKept ? this.#keep(index, item.value) : this.#add(item, item.value))) return undefined;
		}
		if (this.#last < 0) return undefined;
		// Of what followed the last section, nothing parts it from another one any more.
		const isEnd = this.#last === this.#file.sections.length - 1;
		return isEnd ? this.#out + this.#trail : this.#out;
	}

	#keep(index: number, value: MapNode): boolean {
		const section = this.#file.sections[index]!;
		const wanted = wantedSection(value);
		const start = this.#startOf(index);
		const text = wanted && patchSection(this.#source, start, section, wanted, this.#style);
		if (text === undefined) return false;
		const isParted = this.#trail !== "" || !this.#style.isParted;
		this.#out += this.#trail;
		if (this.#isNewAhead && !isParted) this.#out += this.#style.lineBreak;
		this.#out += text;
		this.#trail = this.#source.slice(endOf(section, start), this.#startOf(index + 1));
		this.#last = index;
		this.#isNewAhead = section.keys.length === 0 && section.header === undefined && text !== "";
		return true;
	}

	#add(item: EntryNode, value: MapNode): boolean {
		const wanted = wantedSection(value);
		const text = wanted && this.#style.section(item.key, wanted);
		if (text === undefined) return false;
		if (this.#last === this.#file.sections.length - 1) this.#trail = blankLines(this.#trail);
		const isFirst = this.#out.length === this.#file.start;
		const isOpen = this.#lastSection()?.keys.at(-1)?.value.open ?? false;
		if (!isFirst && (this.#style.isParted || isOpen)) this.#out += this.#style.lineBreak;
		this.#out += text;
		this.#isNewAhead = true;
		return true;
	}

	#lastSection(): SourceSection | undefined {
		return this.#file.sections[this.#last];
	}

	/** Where a section begins, or where the file ends. */
	#startOf(index: number): number {
		const section = this.#file.sections[index];
		if (section === undefined) return this.#source.length;
		return Math.max(startOf(section), this.#file.start);
	}
}
