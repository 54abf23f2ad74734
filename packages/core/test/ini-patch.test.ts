import { expect, test } from "vitest";
import type { Leaf } from "../src/leaf/leaf.ts";
import { comment, type EntryNode, entry, map } from "../src/tree/tree.ts";
import { Draft, isReadAs, key } from "./ini-draft.ts";

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
		["a = 1\na = 2 ; c\n", "3", "a = 3\na = 3 ; c\n"],
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
		["[s]\na = 1\nb = 2\na = 3\n", "[s]\na = 3\nb = 2\nnew = x\na = 3\n"],
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

// docs/decisions/0011-nothing-unread-stays-in-clear.md
test("text that is in no tree does not stay where values are encrypted", () => {
	const draft = new Draft("a = 1 ; first\nb = 2\n; second\na = 3\n\n; lost\n \u0085; lost, too\n  \n;last");
	draft.add(draft.root, entry("sops", map([key("mac", "x")])));
	expect(draft.text()).toBe("a = 3\nb = 2\n; second\na = 3\n\n[sops]\nmac = x\n\n  ");
});

test("a new section stands at the end, aligned unless the author does not align", () => {
	const sops = (): EntryNode => entry("sops", map([key("mac", "x"), key("version", "3")]));
	const rows: readonly (readonly [string, string])[] = [
		["", "[sops]\nmac     = x\nversion = 3\n"],
		["a = 1", "a = 1\n\n[sops]\nmac     = x\nversion = 3"],
		[
			"[s]\r\na=1\r\n[t]\r\nb=2\r\n; lost\r\n",
			"[s]\r\na=1\r\n[t]\r\nb=2\r\n[sops]\r\nmac    =x\r\nversion=3\r\n",
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
		(draft) => draft.add(draft.root, entry("x\ny", map())),
		(draft) => draft.remove(draft.section("s"), 0),
	];
	for (const [row, change] of rows.entries()) {
		const draft = new Draft("a = 1\n[s]\n- = 1\n- = 2\n");
		change(draft);
		expect([row, draft.text()]).toEqual([row, undefined]);
	}
});
