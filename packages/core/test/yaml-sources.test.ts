import { describe, expect, it } from "vitest";
import { generateYaml, randomShape } from "../../../tools/fuzz/generate/yaml.ts";
import { Random } from "../../../tools/fuzz/random.ts";
import { isSopsError } from "../src/errors.ts";
import type { YamlSource } from "../src/formats/yaml/compose-text.ts";
import { parseYaml } from "../src/formats/yaml/yaml.ts";
import { VECTORS } from "./vector-files.ts";

/** All that a source gives: nodes with their spans, findings, or the code and place of the refusal. */
function read(text: string, source: YamlSource): { readonly scannedBy?: YamlSource; readonly says: unknown } {
	try {
		const { scannedBy, branches, findings } = parseYaml(text, source);
		return { scannedBy, says: { branches, findings } };
	} catch (error) {
		if (!isSopsError(error)) throw error;
		return { says: { code: error.code, details: error.details } };
	}
}

/** Compares both sources, and tells which one carried the text when the line scanner was asked. */
function carriedBy(text: string): YamlSource | undefined {
	const fast = read(text, "lines");
	const full = read(text, "lexer");
	if (full.scannedBy !== undefined) expect(full.scannedBy).toBe("lexer");
	expect(fast.says).toEqual(full.says);
	return fast.scannedBy;
}

/** What sops writes and the line scanner does not know. */
const HANDED_OVER: readonly string[] = ["yaml/aliases"];

describe("on vectors", () => {
	for (const { name, format, plain, encrypted, decrypted, damaged } of VECTORS) {
		if (format !== "yaml") continue;
		it(`${name}: both see the same in what sops wrote`, () => {
			expect(carriedBy(encrypted)).toBe(HANDED_OVER.includes(name) ? "lexer" : "lines");
			carriedBy(decrypted);
			carriedBy(plain);
		});
		if (damaged.length > 0) {
			it(`${name}: damaged twins`, () => {
				for (const twin of damaged) carriedBy(twin.text);
			});
		}
	}
});

describe("on what only one of them knows", () => {
	for (const text of [
		"a: [1, 2]\n",
		"a: {b: c}\n",
		"a: &x 1\nb: *x\n",
		"a: !!str 1\n",
		'a: "b\\\n  c"\n',
		"? a\n: b\n",
		"a: b\n  c\n",
		"a: 'one\n  two'\n",
		"%YAML 1.1\n---\na: 1\n",
		"a: 1\n...\n",
		"a: 1\r\nb: 2\r\n",
		"a:\t1\n",
		"a: @b\n",
	]) {
		it(`lines hand over ${JSON.stringify(text)}`, () => {
			expect(carriedBy(text)).not.toBe("lines");
		});
	}
	for (const text of [
		"a: 1\n",
		"a:\n  - b: 1\n    c: |\n      text\n      more\n  - - d\n",
		"# head\na: 1 # line\n# foot\n\n# other\nb:\n",
		"a: 'it''s'\n",
		'a: "plain: text # not a comment"\n',
		"a: {}\nb: []\n",
		"a: |+\n  kept\n\n\nb: |-\n  cut\n",
		"---\na: 1\n---\nb: 2\n",
		"a:\n- b\n- c\n",
		"a: http://x.y/z#w\n",
		"a: b: c\n",
		"a: 1\na: 2\n",
		"- a\n",
		"",
		"# only\n",
		"a: 1\n b: 2\n",
	]) {
		it(`both agree on ${JSON.stringify(text)}`, () => {
			carriedBy(text);
		});
	}
	it("of these, lines carry the ordinary ones", () => {
		expect(carriedBy("a:\n  - b: 1\n    c: |\n      text\n  - - d\n")).toBe("lines");
		expect(carriedBy("# head\na: 1 # line\n# foot\n\n# other\nb:\n")).toBe("lines");
		expect(carriedBy("a: \"plain\"\nb: 'quoted'\nc: {}\nd: []\n---\ne: 1\n")).toBe("lines");
	});
});

describe("on generated documents", () => {
	const SEEDS = 600;
	it(`${SEEDS} seeds`, () => {
		const carried = { lines: 0, lexer: 0, refused: 0 };
		for (let seed = 1; seed <= SEEDS; seed++) {
			const random = new Random(seed);
			const text = generateYaml(random, randomShape(random), new Map());
			try {
				carried[carriedBy(text) ?? "refused"]++;
			} catch (error) {
				throw new Error(`the sources differ on seed ${seed}:\n${text}`, { cause: error });
			}
		}
		// Neither source alone is tested by these documents.
		expect(carried.lines).toBeGreaterThan(SEEDS / 20);
		expect(carried.lexer).toBeGreaterThan(SEEDS / 20);
	});

	it("the same after one character was changed, dropped or doubled", () => {
		let compared = 0;
		for (let seed = 1; seed <= 300; seed++) {
			const random = new Random(seed);
			const text = generateYaml(random, randomShape(random), new Map());
			const at = random.int(text.length);
			const other = random.pick([..."\n\t :-#'\"[]{}|>&*!%?,.x"]);
			for (const next of ["", other, text[at]! + text[at]!]) {
				const changed = text.slice(0, at) + next + text.slice(at + 1);
				try {
					carriedBy(changed);
					compared++;
				} catch (error) {
					throw new Error(`the sources differ on seed ${seed}, ${JSON.stringify(changed)}`, { cause: error });
				}
			}
		}
		expect(compared).toBe(900);
	});
});
