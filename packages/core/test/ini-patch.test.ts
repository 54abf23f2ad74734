import fc from "fast-check";
import { expect, test } from "vitest";
import { isSopsError } from "../src/errors.ts";
import { ini } from "../src/formats/ini/ini.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import type { Change } from "../src/tree/change.ts";
import { sameBranches } from "../src/tree/same.ts";
import {
	type CommentNode,
	comment,
	type EntryNode,
	entry,
	type MapNode,
	map,
	scalar,
} from "../src/tree/tree.ts";
import { iniText } from "./ini-texts.ts";

type Item = EntryNode | CommentNode;

const OPTIONS = { wideIntegers: "refuse" } as const;
const str = (value: string): Leaf => ({ type: "str", value });
const key = (name: string, value: string): EntryNode => entry(name, scalar(str(value)));

/** A tree being changed, with the changes noted down as an operation would. */
class Draft {
	readonly file;
	readonly changes: Change[] = [];

	constructor(source: string) {
		this.file = ini.parse(source, OPTIONS);
	}

	get root(): MapNode {
		return this.file.branches[0]!;
	}

	section(name: string): MapNode {
		const found = this.root.entries.findLast((item) => item.kind === "entry" && item.key === name);
		return (found as EntryNode).value as MapNode;
	}

	set(section: string, name: string, leaf: Leaf | string): this {
		const item = this.section(section).entries.find((one) => one.kind === "entry" && one.key === name);
		const node = (item as EntryNode).value;
		if (node.kind === "scalar") {
			node.leaf = typeof leaf === "string" ? str(leaf) : leaf;
			this.changes.push({ kind: "replace", node });
		}
		return this;
	}

	insert(parent: MapNode, index: number, item: Item): this {
		const after = parent.entries[index - 1];
		parent.entries.splice(index, 0, item);
		this.changes.push({ kind: "insert", parent, item, after });
		return this;
	}

	add(parent: MapNode, item: Item): this {
		return this.insert(parent, parent.entries.length, item);
	}

	remove(parent: MapNode, index: number, count = 1): this {
		for (const item of parent.entries.splice(index, count))
			this.changes.push({ kind: "remove", parent, item });
		return this;
	}

	comment(parent: MapNode, index: number, text: string): this {
		const node = { ...(parent.entries[index] as CommentNode), text };
		parent.entries[index] = node;
		this.changes.push({ kind: "replace", node });
		return this;
	}

	text(): string | undefined {
		return ini.patch(this.file, this.changes, {});
	}
}

/** Texts are read as texts: leaves of other types are compared by what they are written as. */
function isReadAs(text: string, draft: Draft): boolean {
	return sameBranches(ini.parse(text, OPTIONS).branches, draft.file.branches);
}

test("without a change, the source is what it was", () => {
	expect(new Draft("\uFEFF a:1\r\n;x").text()).toBe("\uFEFF a:1\r\n;x");
});

test("a value is replaced where it stands, in the author's quotes where they can carry it", () => {
	const rows: readonly (readonly [string, string, string])[] = [
		["a=1", "2", "a=2"],
		["a = 1 ; c\r\n", "2", "a = 2 ; c\r\n"],
		["a=", "2", "a=2"],
		["a = ", "2", "a = 2"],
		["a =\n", "2", "a = 2\n"],
		["a = ;c\n", "2", "a = 2 ;c\n"],
		['a = "1"\n', "2", 'a = "2"\n'],
		["a = '1'\n", "2", "a = '2'\n"],
		["a = `1`\n", "2", "a = `2`\n"],
		['a = """1"""\n', "2", 'a = """2"""\n'],
		['a = "1"\n', "2;3", "a = `2;3`\n"],
		['a = "1"\n', "2`;3", "a = `2`;3`\n"],
		['a = "1"\n', "2\n`3", "a = `2\n`3`\n"],
		["a = 1\n", " 2", 'a = " 2"\n'],
		["a = 1\n", '"2"', 'a = `"2"`\n'],
		["a = 1\n", "2\n", "a = `2\n`\n"],
		["a = 1\n", "2\\", 'a = "2\\"\n'],
		["a = 1\\\n 2 \\\n\nb = 3", "4", "a = 4\n\nb = 3"],
		['a = """1\n2""" ; c\n', "3", "a = 3 ; c\n"],
		['a = """1\n2""" ; c\n', "3\n4", 'a = """3\n4""" ; c\n'],
		["a = 1 ; c\n", "2;3", "; c\na = `2;3`\n"],
		["# b\n  a = 1 # c\n", "2;3", "# b\n  # c\n  a = `2;3`\n"],
		["a = `1` ; lost\n", "2", "a = `2` ; lost\n"],
		["a = 1\na = 2 ; c\n", "3", "a = 1\na = 3 ; c\n"],
		["a = 1", "", "a = "],
	];
	for (const [source, value, expected] of rows) {
		const draft = new Draft(source).set("DEFAULT", "a", value);
		const text = draft.text();
		expect([source, text]).toEqual([source, expected]);
		expect([source, isReadAs(text!, draft)]).toEqual([source, true]);
	}
});

test("a value of another type is written as the reference writes it", () => {
	const rows: readonly (readonly [Leaf, string])[] = [
		[{ type: "int", value: "5" }, "a = 5"],
		[{ type: "float", value: 5 }, "a = 5.0"],
		[{ type: "null", value: null }, "a = <nil>"],
	];
	for (const [leaf, expected] of rows)
		expect(new Draft("a = 1").set("DEFAULT", "a", leaf).text()).toBe(expected);
});

test("a comment is replaced where it stands", () => {
	const rows: readonly (readonly [string, string, string])[] = [
		["[s]\na = 1 ;; x", "y", "[s]\na = 1 ;; y"],
		["[s]\n  # x\n\na = 1", "y", "[s]\n  # y\n\na = 1"],
		["[s]\n# x\n ;z\na = 1 # w\n", "y", "[s]\n# y\na = 1\n"],
		["[s]\na = 1 # x\n", "y\n# z", "[s]\n# y\n# z\na = 1\n"],
		["[s]\na = 1 # x\n", "# y", "[s]\na = 1 ; # y\n"],
		["[s]\na = 1 # x\n", "", "[s]\na = 1 # \n"],
		["[s]\n# x\na = 1\n", "", "[s]\n#\na = 1\n"],
	];
	for (const [source, text, expected] of rows) {
		const draft = new Draft(source);
		draft.comment(draft.section("s"), 1, text);
		const patched = draft.text();
		expect([source, patched]).toEqual([source, expected]);
		expect([source, isReadAs(patched!, draft)]).toEqual([source, true]);
	}
	const header = new Draft("# a\n[s] ; x\n");
	header.comment(header.section("s"), 0, "ENC[y]");
	expect(header.text()).toBe("# ENC[y]\n[s]\n");
	const behind = new Draft("[s] ; x\n");
	expect(behind.comment(behind.section("s"), 0, "y").text()).toBe("[s] ; y\n");
	const bracket = new Draft("a=1\n [s] ; x\n");
	expect(bracket.comment(bracket.section("s"), 0, "[y]").text()).toBe("a=1\n ; [y]\n [s]\n");
});

test("comments come and go", () => {
	const come = new Draft("[s]\n  a = 1");
	come.insert(come.section("s"), 0, comment("of s", false)).add(come.section("s"), comment("of a", false));
	expect(come.text()).toBe("; of s\n[s]\n  ; of a\n  a = 1");
	const go = new Draft("# x\n[s] # y\n# z\na = 1 ; w\n# lost");
	go.remove(go.section("s"), 2).remove(go.section("s"), 0);
	expect(go.text()).toBe("[s]\na = 1\n# lost");
	const quoted = new Draft("a = \\;x\n");
	quoted.remove(quoted.section("DEFAULT"), 1);
	expect(quoted.text()).toBe('a = "\\"\n');
});

test("a new key stands behind the one before it, set as that is", () => {
	const rows: readonly (readonly [string, string])[] = [
		["[s]\na=1\n", "[s]\na=1\nnew=x\n"],
		["[s]\r\n\ta: 1", "[s]\r\n\ta: 1\r\n\tnew: x"],
		["[s]\nab     = 1\nabcdef = 1\n", "[s]\nab     = 1\nabcdef = 1\nnew    = x\n"],
		["[s]\na = 1\n# lost\n", "[s]\na = 1\nnew = x\n# lost\n"],
		["[s]\n\n# of t\n[t]\n", "[s]\nnew = x\n\n# of t\n[t]\n"],
		["[s]", "[s]\nnew = x"],
		["b=1\n[s]", "b=1\n[s]\nnew=x"],
		["[s]\na = b\\\n", "[s]\na = b\\\n\nnew = x\n"],
		["[s]\na = b\\", "[s]\na = b\\\n\nnew = x"],
		["[s]\na = 1\nb = 2\na = 3\n", "[s]\na = 1\nb = 2\nnew = x\na = 3\n"],
	];
	for (const [source, expected] of rows) {
		const draft = new Draft(source);
		draft.add(draft.section("s"), key("new", "x"));
		const text = draft.text();
		expect([source, text]).toEqual([source, expected]);
		expect([source, isReadAs(text!, draft)]).toEqual([source, true]);
	}
});

test("a new key before others leaves them their comments", () => {
	const draft = new Draft("# of s\n[s]\n# of a\na = 1\n");
	draft.insert(draft.section("s"), 1, key("b = #", "x;y"));
	draft.insert(draft.section("s"), 2, comment("of b", false));
	expect(draft.text()).toBe('# of s\n[s]\n# of b\n"b = #" = `x;y`\n# of a\na = 1\n');
	const first = new Draft("# of s\n[s]\n");
	first.add(first.section("DEFAULT"), key("a", "x"));
	expect(first.text()).toBe("a = x\n\n# of s\n[s]\n");
});

test("a new section stands at the end, aligned unless the author does not align", () => {
	const sops = (): EntryNode => entry("sops", map([key("mac", "x"), key("version", "3")]));
	const rows: readonly (readonly [string, string])[] = [
		["", "[sops]\nmac     = x\nversion = 3\n"],
		["a = 1", "a = 1\n\n[sops]\nmac     = x\nversion = 3"],
		[
			"[s]\r\na=1\r\n[t]\r\nb=2\r\n; lost\r\n",
			"[s]\r\na=1\r\n[t]\r\nb=2\r\n[sops]\r\nmac    =x\r\nversion=3\r\n; lost\r\n",
		],
		["[s]\na=1\nbc=2\n", "[s]\na=1\nbc=2\n\n[sops]\nmac=x\nversion=3\n"],
		["a = b\\", "a = b\\\n\n[sops]\nmac     = x\nversion = 3"],
	];
	for (const [source, expected] of rows) {
		const draft = new Draft(source);
		draft.add(draft.root, sops());
		const text = draft.text();
		expect([source, text]).toEqual([source, expected]);
		expect([source, isReadAs(text!, draft)]).toEqual([source, true]);
	}
	const between = new Draft("[a]\nx = 1\n\n; of b\n[b]\ny = 1\n");
	between.insert(between.root, 2, entry("m", map([comment("of m", false), key("z", "2")])));
	expect(between.text()).toBe("[a]\nx = 1\n\n; of m\n[m]\nz = 2\n\n; of b\n[b]\ny = 1\n");
});

test("a key goes with its comment and its earlier values, a section with all its lines", () => {
	const draft = new Draft(
		"[s]\n# of a\na = 1 ; old\n\nb = 2\na = 3 ; of a\n[t]\nc = 4\n\n# of u\n[u]\nd = 5\n# lost\n",
	);
	draft.remove(draft.section("s"), 0, 2).remove(draft.root, 3);
	expect(draft.text()).toBe("[s]\n\nb = 2\n[t]\nc = 4\n");
});

test("what has no place in an INI text gives no text", () => {
	const rows: readonly ((draft: Draft) => void)[] = [
		(draft) => draft.add(draft.root, comment("x", false)),
		(draft) => draft.add(draft.root, key("a", "x")),
		(draft) => draft.insert(draft.root, 0, entry("first", map())),
		(draft) => draft.remove(draft.root, 0),
		(draft) => draft.insert(draft.section("DEFAULT"), 0, comment("x", false)),
		(draft) => draft.add(draft.section("DEFAULT"), entry("x", map())),
		(draft) => draft.add(draft.section("DEFAULT"), key("a", "2")),
		(draft) => draft.add(draft.section("DEFAULT"), key("-", "2")),
		(draft) => draft.add(draft.section("DEFAULT"), key("", "2")),
		(draft) => draft.add(draft.section("DEFAULT"), comment(" x", false)),
		(draft) => draft.add(draft.section("DEFAULT"), comment("x\ny", false)),
		(draft) =>
			draft
				.add(draft.section("DEFAULT"), comment("x", false))
				.add(draft.section("DEFAULT"), comment("y", false)),
		(draft) => draft.set("DEFAULT", "a", '`"""\n`"""\n'),
		(draft) => draft.set("DEFAULT", "a", { type: "str", value: Uint8Array.of(0xff) }),
		(draft) => draft.add(draft.root, entry("x\ny", map())),
		(draft) => draft.remove(draft.section("s"), 0),
	];
	for (const [row, change] of rows.entries()) {
		const draft = new Draft("a = 1\n[s]\n- = 1\n- = 2\n");
		change(draft);
		expect([row, draft.text()]).toEqual([row, undefined]);
	}
});

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
	for (let i = 0; i < 10_000; i++) draft.add(draft.section("s0"), key(`more${i}`, "x"));
	expect(isReadAs(draft.text()!, draft)).toBe(true);
});
