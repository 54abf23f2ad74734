import { applyEdits, type Edit } from "./edit.ts";
import { patchHeader, patchKey, removeAbove } from "./patch-statement.ts";
import type { KeyStatement, SourceSection } from "./statement.ts";
import type { Style } from "./style.ts";
import type { WantedSection } from "./wanted.ts";

/**
 * The text of a section from `start` up to the end of its last statement, changed to say what is wanted.
 * `undefined` if it cannot. Keys are told by their names: those in another order than before are new.
 */
export function patchSection(
	source: string,
	start: number,
	section: SourceSection,
	wanted: WantedSection,
	style: Style,
): string | undefined {
	const edits = sectionEdits(source, start, section, wanted, style);
	return edits && applyEdits(source, start, endOf(section, start), edits);
}

/** Where the last statement of a section ends. */
export function endOf({ header, keys }: SourceSection, start: number): number {
	return keys.at(-1)?.next ?? header?.next ?? start;
}

function sectionEdits(
	source: string,
	start: number,
	section: SourceSection,
	wanted: WantedSection,
	style: Style,
): Edit[] | undefined {
	const { header } = section;
	// What would be a comment of the section without a header belongs to its first key.
	if (header === undefined && wanted.comment !== undefined) return undefined;
	const headerEdits = header === undefined ? [] : patchHeader(source, header, wanted.comment, style);
	if (headerEdits === undefined) return undefined;

	const before = byName(section.keys);
	const stayed = new Set<string>();
	const inserts: Edit[] = [];
	const edits: Edit[] = [...headerEdits];
	let last: KeyStatement | undefined;
	for (const key of wanted.keys) {
		// Of equal keys the first one has the place, all get the value that counts, and the last one its comment.
		const statements = before.get(key.name);
		const first = statements?.[0];
		if (statements !== undefined && first !== undefined && first.start > (last?.start ?? -1)) {
			for (const statement of statements) {
				const comment = statement === statements.at(-1) ? key.comment : undefined;
				const changed = patchKey(source, statement, key.value, comment, style);
				if (changed === undefined) return undefined;
				edits.push(...changed);
			}
			stayed.add(key.name);
			last = first;
			continue;
		}
		const line = style.keyIn(section, last, key);
		if (line === undefined) return undefined;
		const at = last?.next ?? header?.next ?? start;
		// A value that would go on in the next line goes on in an empty one.
		const text = last?.value.open && inserts.at(-1)?.start !== at ? style.lineBreak + line : line;
		inserts.push({ start: at, end: at, text });
	}
	let isCountedLost = false;
	for (const key of section.keys) {
		if (stayed.has(key.name)) {
			// The count of keys without a name would be another one.
			if (key.isCounted && isCountedLost) return undefined;
			continue;
		}
		isCountedLost ||= key.isCounted;
		edits.push(...removeAbove(key.comment), { start: key.line, end: key.next, text: "" });
	}
	// A new key stands before the comment that the next one got.
	return [...inserts, ...edits];
}

function byName(keys: readonly KeyStatement[]): Map<string, KeyStatement[]> {
	const groups = new Map<string, KeyStatement[]>();
	for (const key of keys) {
		const group = groups.get(key.name);
		if (group === undefined) groups.set(key.name, [key]);
		else group.push(key);
	}
	return groups;
}
