import fc from "fast-check";
import { expect, test } from "vitest";
import { isSopsError } from "../src/errors.ts";
import { comment, type EntryNode, entry, type MapNode, map, scalar } from "../src/tree/tree.ts";
import { Draft, isReadAs, key, str } from "./ini-draft.ts";
import { iniText } from "./ini-texts.ts";

const name = fc.constantFrom("a", "b", "c", "new", "#1", "-", "k = x", "é", " a", "a`b", 'a"b', "[x");
const value = fc.oneof(
	fc.constantFrom(
		"ENC[AES256_GCM,data:x==,type:str]",
		"",
		"x",
		" x",
		"a;b",
		"a\nb",
		'"x"',
		"x\\",
		"`",
		'"""',
		"'x\"",
	),
	fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r\n", '"', "'", "`", "#", ";", "\\"), maxLength: 7 }),
);
const note = fc.constantFrom(
	"ENC[AES256_GCM,data:x==,type:comment]",
	"",
	"x",
	"a\n; b",
	"a\n# b\n#c",
	"# x",
	"; x",
	"\n# b",
	"a ",
);
const step = fc.record({
	kind: fc.constantFrom(
		"set",
		"set",
		"note",
		"note",
		"insert",
		"insertNote",
		"remove",
		"addSection",
		"removeSection",
	),
	where: fc.nat(20),
	index: fc.nat(20),
	name,
	value,
	note,
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function perform(draft: Draft, { kind, where, index, name, value, note }: Step): void {
	const { entries } = draft.root;
	const at = where % entries.length;
	const section = (entries[at] as EntryNode).value as MapNode;
	const item = index % Math.max(1, section.entries.length);
	const chosen = section.entries[item];
	if (kind === "addSection") {
		const first = section.entries.length % 2 === 0 ? [comment(note, false)] : [];
		draft.insert(draft.root, at + 1, entry(name, map([...first, key(name, value)])));
	} else if (kind === "removeSection") {
		if (at > 0) draft.remove(draft.root, at);
	} else if (kind === "insert") {
		let place = index % (section.entries.length + 1);
		if (section.entries[place]?.kind === "comment") place++;
		draft.insert(section, place, key(name, value));
	} else if (chosen === undefined) return;
	else if (chosen.kind === "comment") {
		if (kind === "note" || kind === "set") draft.comment(section, item, note);
		else if (kind === "remove") draft.remove(section, item);
	} else if (kind === "set" && chosen.value.kind === "scalar") {
		chosen.value.leaf = str(value);
		draft.changes.push({ kind: "replace", node: chosen.value });
	} else if (kind === "insertNote" || kind === "note") {
		if (section.entries[item + 1]?.kind !== "comment") draft.insert(section, item + 1, comment(note, false));
	} else if (kind === "remove") {
		draft.remove(section, item, section.entries[item + 1]?.kind === "comment" ? 2 : 1);
	}
}

function opened(source: string): Draft | undefined {
	try {
		return new Draft(source);
	} catch (error) {
		if (isSopsError(error)) return undefined;
		throw error;
	}
}

test("the patched text is read as the changed tree", () => {
	let [patched, left] = [0, 0];
	fc.assert(
		fc.property(iniText, fc.array(step, { minLength: 1, maxLength: 5 }), (source, steps) => {
			const draft = opened(source);
			if (draft === undefined) return;
			for (const one of steps) perform(draft, one);
			const text = draft.text();
			if (text === undefined) left++;
			else {
				patched++;
				expect([source, text, isReadAs(text, draft)]).toEqual([source, text, true]);
			}
		}),
		{ numRuns: 5000 },
	);
	expect(patched).toBeGreaterThan(left);
});

test("values and comments that are encrypted always find a place", () => {
	const sealed = "ENC[AES256_GCM,data:a/+=,iv:b=,tag:c==,type:comment]";
	fc.assert(
		fc.property(iniText, (source) => {
			const draft = opened(source);
			// The line feed that opens a quote, or ends a key's, at the end of the file.
			if (draft === undefined || opened(`${source}\n`) === undefined) return;
			for (const section of draft.root.entries) {
				if (section.kind !== "entry" || section.value.kind !== "map") continue;
				for (const [index, item] of section.value.entries.entries()) {
					if (item.kind === "comment") draft.comment(section.value, index, sealed);
					else if (item.value.kind === "scalar") {
						item.value.leaf = str(sealed);
						draft.changes.push({ kind: "replace", node: item.value });
					}
				}
			}
			const text = draft.text();
			expect([source, text !== undefined && isReadAs(text, draft)]).toEqual([source, true]);
		}),
		{ numRuns: 2000 },
	);
});

test("large files are patched in time that grows with them", () => {
	const draft = new Draft(
		Array.from({ length: 30_000 }, (_, i) => `[s${i}]\nkey = value ; note\n`).join("\n"),
	);
	for (const item of draft.root.entries.slice(1)) {
		const section = (item as EntryNode).value as MapNode;
		(section.entries[0] as EntryNode).value = scalar(str("a;b"));
		draft.add(section, key("new", "x"));
	}
	draft.changes.push({ kind: "replace", node: scalar(str("")) });
	const first = draft.section("s0");
	for (let i = 0; i < 10_000; i++) draft.add(first, key(`more${i}`, "x"));
	expect(isReadAs(draft.text()!, draft)).toBe(true);
});
