// The reference: stores/json of sops 3.13.3 with Go 1.26.8.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { isSopsError, type SopsError } from "../src/errors.ts";
import type { ParseOptions } from "../src/formats/codec.ts";
import { json } from "../src/formats/json/json.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import type { ListNode, MapNode, ValueNode } from "../src/tree/tree.ts";

const REFUSE: ParseOptions = { wideIntegers: "refuse" };
const ROUND: ParseOptions = { wideIntegers: "round" };

function root(text: string, options = REFUSE): MapNode {
	return json.parse(text, options).branches[0]!;
}

function value(text: string, options = REFUSE): ValueNode {
	const [item] = root(`{"a":${text}}`, options).entries;
	if (item?.kind !== "entry") throw new Error("no entry");
	return item.value;
}

function leaf(text: string, options = REFUSE): Leaf | undefined {
	const node = value(text, options);
	return node.kind === "scalar" ? node.leaf : undefined;
}

function failure(text: string, options = REFUSE): SopsError {
	try {
		json.parse(text, options);
	} catch (thrown) {
		if (isSopsError(thrown)) return thrown;
		throw thrown;
	}
	throw new Error(`accepted: ${text}`);
}

test("numbers are ints where int64 holds them, and floats elsewhere", () => {
	const rows: readonly (readonly [string, Leaf])[] = [
		["0", { type: "int", value: "0" }],
		["-0", { type: "int", value: "0" }],
		["9223372036854775807", { type: "int", value: "9223372036854775807" }],
		["-9223372036854775808", { type: "int", value: "-9223372036854775808" }],
		["1.0", { type: "float", value: 1 }],
		["1e2", { type: "float", value: 100 }],
		["-0.0", { type: "float", value: -0 }],
		["1E-400", { type: "float", value: 0 }],
		["1.7976931348623157e308", { type: "float", value: Number.MAX_VALUE }],
	];
	for (const [text, expected] of rows) expect([text, leaf(text)]).toEqual([text, expected]);
});

test("an integer beyond 64 bit is refused or rounded", () => {
	const text = '{"x":[0,{"y":9223372036854775808}]}';
	expect(failure(text)).toMatchObject({ code: "integer-out-of-range", details: { path: ["x", 1, "y"] } });
	const file = json.parse(text, ROUND);
	expect(file.findings).toMatchObject([{ code: "integer-rounded", path: ["x", 1, "y"] }]);
	expect(leaf("-9223372036854775809", ROUND)).toEqual({ type: "float", value: -(2 ** 63) });
	expect(failure(`{"a":1${"0".repeat(400)}}`, ROUND).code).toBe("syntax-invalid");
});

test("strings are read with their escapes", () => {
	const rows: readonly (readonly [string, string])[] = [
		['""', ""],
		['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u00e9"', '"\\/\b\f\n\r\tAéé'],
		['"\\ud83d\\ude00"', "\u{1F600}"],
		['"\\ud83d"', "\uFFFD"],
		['"\\ude00\\ud83d"', "\uFFFD\uFFFD"],
		['"\\ud83d\\ud83d\\ude00"', "\uFFFD\u{1F600}"],
		['"\\ud83dx"', "\uFFFDx"],
		['"\\u0000\u007f\u2028\uFEFF"', "\0\u007f\u2028\uFEFF"],
		['"\ud83d"', "\uFFFD"],
	];
	for (const [text, expected] of rows) {
		expect([text, leaf(text)]).toEqual([text, { type: "str", value: expected }]);
	}
});

test("a surrogate without a partner is replaced in the source too, where it keeps its place", () => {
	const file = json.parse('{"\ud83d":"\ude00"}', REFUSE);
	expect(file.source).toBe('{"\uFFFD":"\uFFFD"}');
});

test("words are leaves", () => {
	expect(leaf("true")).toEqual({ type: "bool", value: true });
	expect(leaf("false")).toEqual({ type: "bool", value: false });
	expect(leaf("null")).toEqual({ type: "null", value: null });
});

test("keys keep their order, their names and their duplicates", () => {
	const text = '{"b":1,"1":2,"__proto__":{"constructor":3},"b":4,"0":[{"x":1,"x":2}]}';
	const file = json.parse(text, REFUSE);
	const keys = file.branches[0]!.entries.map((item) => (item.kind === "entry" ? item.key : ""));
	expect(keys).toEqual(["b", "1", "__proto__", "b", "0"]);
	expect(file.findings).toMatchObject([
		{ code: "key-duplicate", path: ["b"] },
		{ code: "key-duplicate", path: ["0", 0, "x"] },
	]);
});

test("duplicates are found in large objects, and not all of them are told", () => {
	const keys = Array.from({ length: 300 }, (_, i) => `"k${i % 290}":${i}`);
	const paths = json.parse(`{${keys.join(",")}}`, REFUSE).findings.map((finding) => finding.path);
	expect(paths).toEqual(Array.from({ length: 10 }, (_, i) => [`k${i}`]));
	expect(json.parse(`{${'"a":1,'.repeat(999)}"a":1}`, REFUSE).findings).toHaveLength(100);
});

test("spans cover keys with their quotes, values and brackets", () => {
	const text = ' {\r\n\t"k\\u0041" : [ "x" , -1.5e3, {} ] ,"e":{ "f":null} }\n';
	const file = json.parse(text, REFUSE);
	const found: string[] = [];
	const visit = (node: MapNode | ListNode): void => {
		found.push(text.slice(node.start, node.end));
		for (const item of node.kind === "map" ? node.entries : node.items) {
			if (item.kind === "entry") found.push(text.slice(item.start, item.end));
			const child = item.kind === "entry" ? item.value : item;
			if (child.kind === "map" || child.kind === "list") visit(child);
			else found.push(text.slice(child.start, child.end));
		}
	};
	visit(file.branches[0]!);
	expect(found).toEqual([
		'{\r\n\t"k\\u0041" : [ "x" , -1.5e3, {} ] ,"e":{ "f":null} }',
		'"k\\u0041"',
		'[ "x" , -1.5e3, {} ]',
		'"x"',
		"-1.5e3",
		"{}",
		'"e"',
		'{ "f":null}',
		'"f"',
		"null",
	]);
	expect(file.source).toBe(text);
});

test("an empty file and another root are refused", () => {
	for (const text of ["", " \r\n\t"]) expect([text, failure(text).code]).toEqual([text, "document-empty"]);
	expect(failure("[1]").details).toEqual({ found: "list" });
	for (const text of ["1", '"a"', "null", "99999999999999999999"])
		expect([text, failure(text).details]).toEqual([text, { found: "value" }]);
});

test("what is not JSON is refused with its place and a reason", () => {
	const rows: readonly (readonly [string, number, number, string])[] = [
		["\uFEFF{}", 1, 1, "a byte order mark is not allowed"],
		["nul", 1, 1, "expected the word null"],
		["{", 1, 2, "the file ends too early"],
		['{"a"', 1, 5, "the file ends too early"],
		['{"a":', 1, 6, "the file ends too early"],
		['{"a":1', 1, 7, "the file ends too early"],
		['{"a":[1,', 1, 9, "the file ends too early"],
		['{\n "a": "b\n}', 2, 9, "a control character in a string needs an escape"],
		['{"a":"b', 1, 6, "a string is not closed"],
		['{"a":"b\\', 1, 8, "unknown escape in a string"],
		['{"a":"\\x"}', 1, 7, "unknown escape in a string"],
		['{"a":"\\\'"}', 1, 7, "unknown escape in a string"],
		['{"a":"\\u12g4"}', 1, 7, "expected four hexadecimal digits in the escape"],
		['{"a":1,}', 1, 8, "expected a key in double quotes"],
		['{"a":[1,]}', 1, 9, "expected a value before the closing bracket"],
		['{"a":[,1]}', 1, 7, "expected a value"],
		['{"a":}', 1, 6, "expected a value before the closing bracket"],
		["{'a':1}", 1, 2, "expected a key in double quotes"],
		["{\"a\":'b'}", 1, 6, "strings need double quotes"],
		["{a:1}", 1, 2, "expected a key in double quotes"],
		['{"a" 1}', 1, 6, "expected a colon behind the key"],
		['{"a":1 "b":2}', 1, 8, "expected a comma or a closing brace"],
		['{"a":[1 2]}', 1, 9, "expected a comma or a closing bracket"],
		['{"a":[1}', 1, 8, "expected a comma or a closing bracket"],
		['{"a":1]', 1, 7, "expected a comma or a closing brace"],
		['{\r\n// c\r\n"a":1}', 2, 1, "expected a key in double quotes"],
		['{"a":/* c */1}', 1, 6, "comments are not allowed"],
		['{"a":01}', 1, 6, "a number does not start with a zero"],
		['{"a":-}', 1, 7, "expected a digit"],
		['{"a":1.}', 1, 8, "expected a digit behind the decimal point"],
		['{"a":1e+}', 1, 9, "expected a digit in the exponent"],
		['{"a":.5}', 1, 6, "expected a value"],
		['{"a":NaN}', 1, 6, "expected a value"],
		['{"a":1e309}', 1, 6, "a number is too large for a 64-bit float"],
		['{"a":True}', 1, 6, "expected a value"],
		['{"a":1\u00a0}', 1, 7, "expected a comma or a closing brace"],
		["{} {}", 1, 4, "something follows the root object"],
		["{}\r\r\n}", 3, 1, "something follows the root object"],
	];
	for (const [text, line, column, reason] of rows) {
		const error = failure(text);
		expect([text, error.code, error.details]).toEqual([
			text,
			"syntax-invalid",
			{ format: "json", line, column, reason },
		]);
	}
});

test("an error shows nothing of the file", () => {
	for (const text of [
		'{"a":"hunter2',
		'{"a":hunter2}',
		'{"a":"hunter2\n"}',
		'{"hunter2":99999999999999999999 x',
		"{}hunter2",
	]) {
		const error = failure(text, ROUND);
		expect(inspect(error, { showHidden: true, depth: Infinity }) + error.stack).not.toContain("unter");
	}
});

test("ten thousand levels are read and written, one more is refused", () => {
	const nest = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;
	const file = json.parse(nest(10_000), REFUSE);
	expect(json.emit(file.branches, { indent: 0 })).toHaveLength(9 * 9_999 + 3);
	expect(failure(nest(10_001))).toMatchObject({ code: "depth-exceeded", details: { limit: 10_000 } });
	expect(failure(`{"a":${"[".repeat(1_000_000)}`).code).toBe("depth-exceeded");
	expect(() => json.emit(file.branches, { indent: 8 })).toThrow(
		expect.objectContaining({ code: "size-exceeded" }),
	);
});
