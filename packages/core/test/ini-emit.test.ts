// Expected texts: stores/ini of sops 3.13.3 with gopkg.in/ini.v1 1.67.3; the reference answers the same rows below.
import { describeReference } from "@sopskit/reference/suite";
import { expect, it, test } from "vitest";
import { ini } from "../src/formats/ini/ini.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import {
	type Branches,
	comment,
	type EntryNode,
	entry,
	list,
	type MapNode,
	map,
	scalar,
} from "../src/tree/tree.ts";
import { oracleTree } from "./oracle-tree.ts";

const str = (value: string | Uint8Array): Leaf => ({ type: "str", value });
const key = (name: string, leaf: Leaf | string): EntryNode =>
	entry(name, scalar(typeof leaf === "string" ? str(leaf) : leaf));
const section = (name: string, ...items: MapNode["entries"]): EntryNode => entry(name, map(items));
const note = (text: string) => comment(text, false);

const VALUES: readonly (readonly [leaf: Leaf, text: string])[] = [
	[str(""), ""],
	[str("x y"), "x y"],
	[str(" x"), '" x"'],
	[str("x\u00a0"), '"x\u00a0"'],
	[str("a;b"), "`a;b`"],
	[str("a#b"), "`a#b`"],
	[str("a\nb"), '"""a\nb"""'],
	[str("a`b"), '"""a`b"""'],
	// What is read back as something else.
	[str('"x"'), '"x"'],
	[str("'x'"), "'x'"],
	[str("x\\"), "x\\"],
	[str('a\n"""'), '"""a\n""""""'],
	[str('"""'), '"""'],
	[{ type: "int", value: "-9223372036854775808" }, "-9223372036854775808"],
	[{ type: "float", value: 1 }, "1.0"],
	[{ type: "float", value: -0 }, "-0.0"],
	[{ type: "float", value: 999999 }, "999999.0"],
	[{ type: "float", value: 1e6 }, "1E+06"],
	[{ type: "float", value: 1.5e-7 }, "1.5E-07"],
	[{ type: "float", value: Number.NaN }, "NaN"],
	[{ type: "float", value: Infinity }, "+Inf"],
	[{ type: "float", value: -Infinity }, "-Inf"],
	[{ type: "bool", value: true }, "true"],
	[{ type: "bool", value: false }, "false"],
	[{ type: "null", value: null }, "<nil>"],
	[{ type: "time", value: "2001-12-14T21:59:43.1-05:00" }, "2001-12-14T21:59:43-05:00"],
];

const TREES: readonly (readonly [branches: Branches, text: string])[] = [
	[[], ""],
	[[map()], ""],
	[[map([section("DEFAULT")])], ""],
	[[map([section("DEFAULT", key("a", "1"))])], "a = 1\n"],
	[[map([section("default", key("a", "1"))])], "a = 1\n"],
	[[map([section("a"), section("DEFAULT", key("a", "1"))])], "[a]\n\n[DEFAULT]\na = 1\n"],
	[[map([section("DEFAULT", key("a", "1")), section("b")])], "a = 1\n\n[b]\n"],
	[[map([section("a", key("x", "1")), section("a", key("x", "2"))])], "[a]\nx = 1\n\n[a]\nx = 2\n"],
	[[map([section("a")]), map([section("b")])], "[a]\n\n[b]\n"],
	[[map([section(" a]\n")])], "[ a]\n]\n"],
	[[map([section("a", key("x", "1"), key("long", "2"), key("é", ""))])], "[a]\nx    = 1\nlong = 2\né   = \n"],
	[
		[map([section("a", key("x=y", "1"), key('x"y', "2"), key("x`y", "3"), key("#1", "4"), key("-", "5"))])],
		'[a]\n`x=y`     = 1\n`x"y`     = 2\n"""x`y""" = 3\n#1        = 4\n-         = 5\n',
	],
	[[map([section("a", key("x", "1"), key("y", "2"), key("x", "3"))])], "[a]\nx = 3\ny = 2\n"],
	[[map([note("x"), section("a", note("c"), key("x", "1"), note("d"))])], "; c\n[a]\n; d\nx = 1\n"],
	[[map([section("DEFAULT", note("c"))])], "; c\n"],
	[
		[map([section("a", note(" c\n# d \n;;e"), key("x", "1"), note(" c \n# d "))])],
		";  c\n# d\n; ;e\n[a]\n; c\n# d\nx = 1\n",
	],
	[
		[map([section("a", key("x", "1"), note("lost"), note("c"), key("y", "2"), note(""))])],
		"[a]\n; c\nx = 1\ny = 2\n",
	],
	[[map([section("a", note("c"), note("lost"), key("x", "1"))])], "; c\n[a]\nx = 1\n"],
];

const valued = (leaf: Leaf): Branches => [map([section("s", key("k", leaf))])];

test("values are written as Go prints them, in the quotes that ini.v1 finds they need", () => {
	for (const [leaf, text] of VALUES)
		expect([leaf, ini.emit(valued(leaf), {})]).toEqual([leaf, `[s]\nk = ${text}\n`]);
});

test("sections, keys and comments are set in ini.v1's pretty format", () => {
	for (const [branches, text] of TREES) expect([text, ini.emit(branches, {})]).toEqual([text, text]);
});

test("what INI cannot hold is an error that names the path", () => {
	const rows: readonly (readonly [EntryNode, readonly string[]])[] = [
		[key("a", "x"), ["a"]],
		[entry("a", list()), ["a"]],
		[section("a", entry("b", list())), ["a", "b"]],
		[section("a", entry("b", map())), ["a", "b"]],
		[section("a", key("", "x")), ["a", ""]],
		[section(""), [""]],
	];
	for (const [item, path] of rows) {
		expect(() => ini.emit([map([item])], {})).toThrow(
			expect.objectContaining({ code: "value-unsupported", details: expect.objectContaining({ path }) }),
		);
	}
});

test("an empty line of a comment, where the reference panics, is a mark that is read as it was", () => {
	const text = "#\n# c\na=1\n";
	const file = ini.parse(text, { wideIntegers: "refuse" });
	const written = ini.emit(file.branches, {});
	expect(written).toBe(";\n# c\na = 1\n");
	expect(oracleTree(ini.parse(written, { wideIntegers: "refuse" }).branches)).toEqual(
		oracleTree(file.branches),
	);
});

describeReference("the same rows, for the reference", (reference) => {
	it("writes the same", async () => {
		for (const branches of [...VALUES.map(([leaf]) => valued(leaf)), ...TREES.map(([tree]) => tree)]) {
			const { text } = await reference.oracle.call("emit", { format: "ini", tree: oracleTree(branches) });
			expect(ini.emit(branches, {})).toBe(text);
		}
	});

	it("panics on an empty line of a comment", async () => {
		const work = reference.oracle.call("roundtrip", { format: "ini", text: "#\n# c\na=1\n" });
		await expect(work).rejects.toMatchObject({ panic: true });
	});
});
