import type { Reference, Tree } from "@sopskit/reference";
import { OracleError } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isSopsError } from "../src/errors.ts";
import { emitIni } from "../src/formats/ini/emit.ts";
import { parseIni } from "../src/formats/ini/parse.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import { type Branches, comment, entry, list, map, scalar } from "../src/tree/tree.ts";
import { iniText } from "./ini-texts.ts";
import { oracleTree } from "./oracle-tree.ts";

/** What someone answers: a result, or that they refuse; a panic of the reference is not an answer. */
type Answer<T> = T | "refused" | "panic";

async function ask<T>(question: Promise<T>): Promise<Answer<T>> {
	try {
		return await question;
	} catch (error) {
		if (!(error instanceof OracleError)) throw error;
		return error.panic ? "panic" : "refused";
	}
}

function attempt<T>(work: () => T): Answer<T> {
	try {
		return work();
	} catch (error) {
		if (isSopsError(error)) return "refused";
		throw error;
	}
}

async function compareText(reference: Reference, text: string): Promise<Answer<Tree>> {
	const loaded = await ask(reference.oracle.call("load", { format: "ini", text }));
	const file = attempt(() => parseIni(text));
	if (typeof loaded === "string" || file === "refused" || file === "panic") {
		expect([text, file === "refused" ? file : "read"]).toEqual([
			text,
			typeof loaded === "string" ? loaded : "read",
		]);
		return "refused";
	}
	expect([text, oracleTree(file.branches)]).toEqual([text, loaded.tree]);
	const written = await ask(reference.oracle.call("roundtrip", { format: "ini", text }));
	if (written !== "panic") {
		expect([text, attempt(() => emitIni(file.branches))]).toEqual([
			text,
			typeof written === "string" ? written : written.text,
		]);
	}
	return loaded.tree;
}

const word = fc.oneof(
	fc.constantFrom(
		"DEFAULT",
		"default",
		"a",
		"b",
		"é",
		"-",
		"#1",
		" a",
		"a b ",
		"a=b",
		"a:b",
		'a"b',
		"a`b",
		"a]",
		"[a",
		"",
		"\n",
	),
	fc.string({ unit: fc.constantFrom("a", "=", '"', "`", " ", "#", "é", "]"), maxLength: 5 }),
);
const text = fc.oneof(
	fc.constantFrom("", "x", " x", "x ", '"x"', "'x'", "`x`", "a;b", "a#b", "a\nb", 'a\n"""b', "x\\", "<nil>"),
	fc.string({
		unit: fc.constantFrom("a", "\n", "\r", '"', "`", " ", "#", ";", "\\", "\u00a0"),
		maxLength: 8,
	}),
);
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
	{ weight: 4, arbitrary: text.map((value): Leaf => ({ type: "str", value })) },
	fc.double().map((value): Leaf => ({ type: "float", value })),
	fc.double({ min: -1e7, max: 1e7 }).map((value): Leaf => ({ type: "float", value: Math.round(value) })),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n): Leaf => ({ type: "int", value: String(n) })),
	fc.constantFrom<Leaf>(
		{ type: "null", value: null },
		{ type: "bool", value: true },
		{ type: "bool", value: false },
		{ type: "time", value: "2001-12-14T21:59:43.123456789-05:00" },
		{ type: "time", value: "2001-12-14T21:59:43+24:30" },
		{ type: "time", value: "2001-12-14T21:59:43Z" },
	),
);
const commentNode = fc
	.oneof(text, fc.constantFrom("; x", "#x", "x\n;y", " x\n y "))
	.map((value) => comment(value, false));
const section = fc
	.array(
		fc.oneof(
			{ weight: 3, arbitrary: fc.tuple(word, leaf).map(([key, value]) => entry(key, scalar(value))) },
			commentNode,
		),
		{ maxLength: 5 },
	)
	.map((entries) => map(entries));
const tree: fc.Arbitrary<Branches> = fc.array(
	fc
		.array(
			fc.oneof(
				{ weight: 5, arbitrary: fc.tuple(word, section).map(([key, value]) => entry(key, value)) },
				commentNode,
			),
			{ maxLength: 4 },
		)
		.map((entries) => map(entries)),
	{ maxLength: 2 },
);

describeReference("INI as the reference reads and writes it", (reference) => {
	it("reads the same trees from texts, and writes them the same", async () => {
		let read = 0;
		await fc.assert(
			fc.asyncProperty(iniText, async (source) => {
				if ((await compareText(reference, source)) !== "refused") read++;
			}),
			{ numRuns: 3000 },
		);
		expect(read).toBeGreaterThan(1500);
	});

	it("reads the same from any text of the characters that mean something", async () => {
		const soup = fc.string({
			unit: fc.constantFrom(
				...[
					"a",
					"=",
					":",
					"#",
					";",
					'"',
					'"""',
					"'",
					"`",
					"\\",
					"[",
					"]",
					"-",
					" ",
					"\t",
					"\n",
					"\n",
					"\r\n",
				],
				...["\u00a0", "\u0085", "\uFEFF", "é", "\v", "a = ", "\n[a]\n"],
			),
			maxLength: 40,
		});
		await fc.assert(
			fc.asyncProperty(soup, async (source) => {
				await compareText(reference, source);
			}),
			{ numRuns: 3000 },
		);
	});

	it("writes any tree as the reference does", async () => {
		let written = 0;
		await fc.assert(
			fc.asyncProperty(tree, async (branches) => {
				const theirs = await ask(
					reference.oracle.call("emit", { format: "ini", tree: oracleTree(branches) }),
				);
				if (theirs === "panic") return;
				const expected = theirs === "refused" ? theirs : theirs.text;
				expect(attempt(() => emitIni(branches))).toBe(expected);
				if (theirs !== "refused") written++;
			}),
			{ numRuns: 2000 },
		);
		expect(written).toBeGreaterThan(500);
	});

	it("refuses what the reference would write as Go prints its values", async () => {
		for (const value of [list([scalar({ type: "str", value: "x" })]), map()]) {
			const branches = [map([entry("a", map([entry("b", value)]))])];
			const { text: theirs } = await reference.oracle.call("emit", {
				format: "ini",
				tree: oracleTree(branches),
			});
			expect(theirs).toContain("b = [");
			expect(attempt(() => emitIni(branches))).toBe("refused");
		}
	});
});
