// Expected trees: gopkg.in/ini.v1 1.67.3 behind stores/ini of sops 3.13.3; the reference answers the same rows below.
import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it, test } from "vitest";
import { isSopsError, type SopsError } from "../src/errors.ts";
import { ini } from "../src/formats/ini/ini.ts";
import type { EntryNode, MapNode } from "../src/tree/tree.ts";
import { oracleTree } from "./oracle-tree.ts";

const OPTIONS = { wideIntegers: "refuse" } as const;

/** Sections as lists of `key = value` and `# comment`. */
type Read = readonly (readonly [section: string, ...items: string[]])[];

function read(text: string): Read {
	return ini.parse(text, OPTIONS).branches[0]!.entries.map((section) => {
		const { key, value } = section as EntryNode;
		const items = (value as MapNode).entries.map((item) => {
			if (item.kind === "comment") return `# ${item.text}`;
			return `${item.key} = ${item.value.kind === "scalar" ? item.value.leaf.value : "?"}`;
		});
		return [key, ...items];
	});
}

function failure(text: string): SopsError {
	try {
		ini.parse(text, OPTIONS);
	} catch (thrown) {
		if (isSopsError(thrown)) return thrown;
		throw thrown;
	}
	throw new Error(`accepted: ${text}`);
}

const VALUES: readonly (readonly [line: string, ...items: string[]])[] = [
	["a = x", "a = x"],
	["a=x", "a = x"],
	["a: x = y", "a = x = y"],
	["  a  \t=\tx \u00a0", "a = x"],
	["a =", "a = "],
	["a.b c = 1", "a.b c = 1"],
	["pw = a;b", "pw = a", "# b"],
	["pw = a # b ; c", "pw = a", "# b ; c"],
	['pw = "p#ss"', 'pw = "p', '# ss"'],
	["a = ;;  x", "a = ", "# x"],
	["a = \\;x", "a = \\", "# x"],
	['a = "x"', "a = x"],
	["a = 'x'", "a = x"],
	["a = \"x'", "a = \"x'"],
	['a = "x"y"', 'a = "x"y"'],
	['a = ""', "a = "],
	['a = " x "', "a =  x "],
	['a = "x" ; c', "a = x", "# c"],
	['a = "\\"x\\""', 'a = "\\"x\\""'],
	["a = `x#y`", "a = x#y"],
	["a = `x` ; lost", "a = x"],
	["a = `x`y` z", "a = x`y"],
	['a = """x;y"""', "a = x;y"],
	['a = """"""', "a = "],
	['a = """x""""', 'a = x"'],
	['a = """', 'a = """'],
	["a = `x\n  y`", "a = x\n  y"],
	['a = """x\r\n[y]\n# z\n"""', "a = x\r\n[y]\n# z\n"],
	["a = `x\ny` # c", "a = x\ny", "# c"],
	["a = `x\ny` \\\n z` c", "a = x\ny` \\\n z"],
	["a = x\\\ny", "a = xy"],
	["a = x \\\n  y \\\n\t z", "a = x y z"],
	["a = x\\\n\nb = 1", "a = x", "b = 1"],
	["a = x\\", "a = x"],
	["a = x ; c \\\n y", "a = x ; c y"],
	['a = "x" \\\n "y"', 'a = "x" "y"'],
	['"a" = x', "a = x"],
	['"a = b" = x', "a = b = x"],
	['`a"b` = x', 'a"b = x'],
	['"""a`b""" = x', "a`b = x"],
	['"a" junk = x', "a = x"],
	["'a' = x", "'a' = x"],
	["- = x\n-= y", "#1 = x", "#2 = y"],
	['"-" = x\n"#1" = y', "#1 = y"],
	["\uFEFFa = x", "a = x"],
	["a = 1\r\n; c\r\n; d\r\nb = 2\r\n", "a = 1", "b = 2", "# c\r\n; d"],
	["a = 1\nb = 2\na = 3", "a = 3", "b = 2"],
	["; c\na = 1\na = 2", "a = 2"],
	["# c\na = 1", "a = 1", "# c"],
	["# c\n\n  ;d\na = 1 # e", "a = 1", "# c\n;d\n# e"],
	["#\n# c\na = 1", "a = 1", "# \n# c"],
	["##  c #"],
	[";# c\na = 1", "a = 1", "# # c"],
	["; \na = 1", "a = 1", "# "],
	["a = 1\n# lost", "a = 1"],
	["\v\f a = 1", "a = 1"],
	["a = \u2003x\u0085", "a = x"],
	["a = %(b)s\nb = 1", "a = %(b)s", "b = 1"],
];

const SECTIONS: readonly (readonly [text: string, read: Read])[] = [
	["", [["DEFAULT"]]],
	["\uFEFF", [["DEFAULT"]]],
	["\n \t\n# c", [["DEFAULT"]]],
	["[a]\nx=1\n[b]\n", [["DEFAULT"], ["a", "x = 1"], ["b"]]],
	[
		"x=0\n[DEFAULT]\nx=1",
		[
			["DEFAULT", "x = 0"],
			["DEFAULT", "x = 1"],
		],
	],
	["[a]\nx=1\n[a]\nx=2", [["DEFAULT"], ["a", "x = 1"], ["a", "x = 2"]]],
	["# c\n [a] ; d\n", [["DEFAULT"], ["a", "# c\n; d"]]],
	[
		"x=1\n# of a\n[a]\n# of y\ny=2",
		[
			["DEFAULT", "x = 1"],
			["a", "# of a", "y = 2", "# of y"],
		],
	],
	["[ a ]", [["DEFAULT"], [" a "]]],
	["[a]b]", [["DEFAULT"], ["a]b"]]],
	["[a] junk", [["DEFAULT"], ["a"]]],
	["[a] ; b]", [["DEFAULT"], ["a] ; b"]]],
	['["a#"]', [["DEFAULT"], ['"a#"']]],
	["[a] # c", [["DEFAULT"], ["a", "# c"]]],
	["[a]\n-=1\n[b]\n-=2", [["DEFAULT"], ["a", "#1 = 1"], ["b", "#1 = 2"]]],
];

const FAULTS: readonly (readonly [text: string, line: number, column: number, reason: string])[] = [
	["word", 1, 1, "a line has neither = nor :"],
	["a = 1\r\n  word\r\n", 2, 3, "a line has neither = nor :"],
	['"a"', 1, 1, "a line has neither = nor :"],
	["= x", 1, 1, "a key is empty"],
	['"" = x', 1, 1, "a key is empty"],
	['"a = x', 1, 1, "the quote around a key is not closed"],
	["`a = x", 1, 1, "the quote around a key is not closed"],
	["\n[a", 2, 1, "the bracket of a section is not closed"],
	["[]", 1, 1, "a section has no name"],
	["a = `x\ny", 1, 4, "the quote around a value is not closed"],
	['a = """\n', 1, 4, "the quote around a value is not closed"],
	["a = `x\ny` \\", 1, 4, "the quote around a value is not closed"],
];

test("keys and values are read as ini.v1 does", () => {
	for (const [text, ...items] of VALUES) expect([text, read(text)]).toEqual([text, [["DEFAULT", ...items]]]);
});

test("sections stay apart, and the one without a header is always first", () => {
	for (const [text, expected] of SECTIONS) expect([text, read(text)]).toEqual([text, expected]);
});

test("what is not INI is refused with its place and a reason", () => {
	for (const [text, line, column, reason] of FAULTS) {
		const error = failure(text);
		expect([text, error.code, error.details]).toEqual([
			text,
			"syntax-invalid",
			{ format: "ini", line, column, reason },
		]);
	}
});

test("an error shows nothing of the file", () => {
	for (const text of ["hunter2", "[hunter2", "a = `hunter2", "`hunter2 = 1", "=hunter2"]) {
		const error = failure(text);
		expect(inspect(error, { showHidden: true, depth: Infinity }) + error.stack).not.toContain("unter");
	}
});

test("equal keys and sections are told, and not all of them", () => {
	const found = (text: string) => ini.parse(text, OPTIONS).findings;
	expect(found("[a]\nb=1\nb=2\n[c]\nb=3\n[a]\n[DEFAULT]")).toMatchObject([
		{ code: "key-duplicate", path: ["a", "b"] },
		{ code: "key-duplicate", path: ["a"] },
	]);
	expect(found("a=1\n[DEFAULT]")).toMatchObject([{ code: "key-duplicate", path: ["DEFAULT"] }]);
	expect(found("a=1\n".repeat(1000))).toHaveLength(100);
});

test("spans cover keys, values with their quotes, comments with their marks, and sections", () => {
	const text =
		'\uFEFFx= 1\n# c\n\n ; d \n [a b] \n"k" = \'v\' ; e\nl = x\\\n y\nm =\nn = """p\nq""" #r\n# lost\n';
	const file = ini.parse(text, OPTIONS);
	const found: string[] = [];
	for (const section of file.branches[0]!.entries as EntryNode[]) {
		found.push(text.slice(section.start, section.end), text.slice(section.value.start, section.value.end));
		for (const item of (section.value as MapNode).entries) {
			found.push(text.slice(item.start, item.end));
			if (item.kind === "entry") found.push(text.slice(item.value.start, item.value.end));
		}
	}
	expect(found).toEqual([
		...["", "x= 1", "x", "1"],
		...["a b", '[a b] \n"k" = \'v\' ; e\nl = x\\\n y\nm =\nn = """p\nq""" #r', "# c\n\n ; d"],
		...['"k"', "'v'", "; e", "l", "x\\\n y", "m", "", "n", '"""p\nq"""', "#r"],
	]);
	const [root] = file.branches;
	expect([root!.start, root!.end]).toEqual([0, text.length]);
});

test("large files are read in time that grows with them", () => {
	const lines = Array.from({ length: 100_000 }, (_, i) => `key${i} = value${i}`);
	expect(read(lines.join("\n"))[0]).toHaveLength(100_001);
	expect(read(`a = ${"x\\\n".repeat(100_000)}`)[0]![1]).toHaveLength(100_004);
	expect(read(`a = \`${"x\n".repeat(100_000)}\``)[0]![1]).toHaveLength(200_004);
	expect(read(`[a]\n${"# c\n".repeat(100_000)}b = 1`)[1]).toHaveLength(3);
});

describeReference("the same rows, for the reference", (reference) => {
	it("reads the same", async () => {
		for (const text of [...VALUES, ...SECTIONS].map(([first]) => first)) {
			const { tree } = await reference.oracle.call("load", { format: "ini", text });
			expect([text, oracleTree(ini.parse(text, OPTIONS).branches)]).toEqual([text, tree]);
		}
	});

	it("refuses the same", async () => {
		for (const [text] of FAULTS) {
			await expect(reference.oracle.call("load", { format: "ini", text })).rejects.toThrow();
		}
	});
});
