import { commentPrefix } from "./comment.ts";
import { fitKey, fitLines, fitValue, isHeader } from "./fit.ts";
import type { KeyStatement, SourceFile, SourceSection } from "./statement.ts";
import type { WantedKey, WantedSection } from "./wanted.ts";

/** What stands between a key and its value. */
interface Separator {
	/** Before the delimiter, for a key of some length. */
	before(length: number): string;
	/** The delimiter and what follows it. */
	readonly rest: string;
}

/** How the author set the file, for what is new in it. */
export class Style {
	readonly lineBreak: string;
	/** How a comment begins. */
	readonly mark: string;
	/** Whether empty lines part the sections. */
	readonly isParted: boolean;
	readonly #source: string;
	readonly #isAligned: boolean;
	readonly #firstKey: KeyStatement | undefined;
	readonly #columns = new Map<SourceSection, Column>();

	constructor(source: string, file: SourceFile) {
		this.#source = source;
		this.lineBreak = /\r?\n/.exec(source)?.[0] ?? "\n";
		const comments = file.sections.flatMap(({ header, keys }) => [
			header?.comment,
			...keys.map((key) => key.comment),
		]);
		const first = comments.find((comment) => comment !== undefined);
		this.mark = first === undefined ? "; " : commentPrefix(first.raw);
		const starts = file.sections.slice(1).map((section) => startOf(section));
		const followers = starts.filter((start) => start > file.start);
		this.isParted =
			followers.length === 0 ||
			followers.some((start) => /\n\r?\n$/.test(source.slice(Math.max(0, start - 3), start)));
		for (const section of file.sections) this.#columns.set(section, columnOf(section));
		this.#isAligned = ![...this.#columns.values()].includes("ragged");
		this.#firstKey = file.sections.flatMap((section) => section.keys)[0];
	}

	/** The line of a new key in a section, with its comment. @param near - the key it stands behind */
	keyIn(section: SourceSection, near: KeyStatement | undefined, key: WantedKey): string | undefined {
		const like = near ?? section.keys[0];
		const indent = like === undefined ? "" : this.#source.slice(like.line, like.start);
		const column = this.#columns.get(section);
		const separator = this.#separatorOf(like ?? this.#firstKey);
		return this.#key(key, indent, {
			before: (length) =>
				typeof column === "number"
					? " ".repeat(Math.max(column - length, separator.before(0) === "" ? 0 : 1))
					: separator.before(length),
			rest: separator.rest,
		});
	}

	/** A new section. */
	section(name: string, wanted: WantedSection): string | undefined {
		const comment = this.comment(wanted.comment, "");
		if (comment === undefined || !isHeader(`[${name}]`, name, (found) => found === undefined)) {
			return undefined;
		}
		const separator = this.#separatorOf(this.#firstKey);
		const width = wanted.keys.reduce((most, key) => Math.max(most, fitKey(key.name)?.length ?? 0), 0);
		let out = `${comment}[${name}]${this.lineBreak}`;
		for (const key of wanted.keys) {
			const line = this.#key(key, "", {
				before: (length) => (this.#isAligned ? " ".repeat(width - length) : "") + separator.before(length),
				rest: separator.rest,
			});
			if (line === undefined) return undefined;
			out += line;
		}
		return out;
	}

	/** Lines of comments as the author marks them; none for no comment. */
	comment(text: string | undefined, indent: string, before: string = this.mark): string | undefined {
		return text === undefined ? "" : fitLines(text, before, indent, this.lineBreak);
	}

	#key(key: WantedKey, indent: string, separator: Separator): string | undefined {
		const comment = this.comment(key.comment, indent);
		const name = fitKey(key.name);
		const value = fitValue(key.value, "", "", (found) => found === undefined);
		if (comment === undefined || name === undefined || value === undefined) return undefined;
		return `${comment}${indent}${name}${separator.before(name.length)}${separator.rest}${value}${this.lineBreak}`;
	}

	/** As at some key, but without what only aligns it. */
	#separatorOf(like: KeyStatement | undefined): Separator {
		if (like === undefined) return { before: () => " ", rest: "= " };
		const before = this.#source.slice(like.end, like.delimiter);
		const blank =
			before === "" || /[^ \t]/.test(before) || before.startsWith(" ") ? before.slice(0, 1) : before;
		const after = /^[ \t]*/.exec(this.#source.slice(like.delimiter + 1, like.next))![0];
		return {
			before: () => (/[ \t]/.test(blank) ? blank : before === "" ? "" : " "),
			rest: this.#source.charAt(like.delimiter) + after,
		};
	}
}

/** Where a section begins, its comment included. */
export function startOf({ header }: SourceSection): number {
	return header === undefined ? 0 : (header.comment?.above[0]?.line ?? header.line);
}

/** The column of all delimiters of a section; `ragged` if it differs, `undefined` if nothing can be told. */
type Column = number | "ragged" | undefined;

function columnOf({ keys }: SourceSection): Column {
	const lengths = new Set(keys.map((key) => key.end - key.start));
	if (lengths.size < 2) return undefined;
	const columns = new Set(keys.map((key) => key.delimiter - key.start));
	return columns.size === 1 ? [...columns][0] : "ragged";
}
