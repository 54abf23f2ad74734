// Expected texts: stores/json of sops 3.13.3 with Go 1.26.8.
import { expect, test } from "vitest";
import { json } from "../src/formats/json/json.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import { comment, entry, list, type MapNode, map, scalar } from "../src/tree/tree.ts";
import { UsageError } from "../src/usage-error.ts";

const str = (value: string | Uint8Array): Leaf => ({ type: "str", value });
const one = (leaf: Leaf): MapNode => map([entry("a", scalar(leaf))]);
const emitted = (leaf: Leaf): string =>
	json.emit([one(leaf)], {}).slice('{\n\t"a": '.length, -"\n}\n".length);

const SAMPLE = map([
	entry("a", list([scalar({ type: "int", value: "1" }), list(), map(), list([scalar(str("x"))])])),
	entry("b", map([entry("c", scalar({ type: "null", value: null }))])),
]);

test("indentation is a tab, or as many spaces as asked for", () => {
	expect(json.emit([SAMPLE], {})).toBe(
		'{\n\t"a": [\n\t\t1,\n\t\t[],\n\t\t{},\n\t\t[\n\t\t\t"x"\n\t\t]\n\t],\n\t"b": {\n\t\t"c": null\n\t}\n}\n',
	);
	expect(json.emit([SAMPLE], { indent: -1 })).toBe(json.emit([SAMPLE], {}));
	expect(json.emit([SAMPLE], { indent: 2 })).toBe(json.emit([SAMPLE], {}).replaceAll("\t", "  "));
	expect(json.emit([SAMPLE], { indent: 0 })).toBe(json.emit([SAMPLE], {}).replaceAll("\t", ""));
	expect(json.emit([map()], {})).toBe("{}\n");
	for (const indent of [-2, 1.5, Number.NaN])
		expect(() => json.emit([SAMPLE], { indent })).toThrow(UsageError);
});

test("strings and keys are escaped as json.Marshal does", () => {
	let controls = "";
	for (let unit = 0; unit < 0x20; unit++) controls += String.fromCharCode(unit);
	expect(emitted(str(`${controls}\u007f\u0080`))).toBe(
		'"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\u007f\u0080"',
	);
	expect(emitted(str("<a href='/'>&\"\\"))).toBe('"\\u003ca href=\'/\'\\u003e\\u0026\\"\\\\"');
	expect(emitted(str("\u2027\u2028\u2029\u202a é \u{1F600} \uFEFF \uFFFD"))).toBe(
		'"\u2027\\u2028\\u2029\u202a é \u{1F600} \uFEFF \uFFFD"',
	);
	expect(emitted(str("\ud83d|\ude00"))).toBe('"\uFFFD|\uFFFD"');
	expect(json.emit([map([entry("<\n", map())])], {})).toBe('{\n\t"\\u003c\\n": {}\n}\n');
});

test("of bytes that are not UTF-8, each that belongs to no character is an escape", () => {
	expect(emitted(str(Uint8Array.of(0x61, 0xff, 0xe2, 0x80, 0x3c)))).toBe('"a\\ufffd\\ufffd\\ufffd\\u003c"');
	expect(emitted(str(Uint8Array.of(0xc3, 0xa9)))).toBe('"é"');
});

test("numbers, words and times are written as Go does", () => {
	const rows: readonly (readonly [Leaf, string])[] = [
		[{ type: "int", value: "-9223372036854775808" }, "-9223372036854775808"],
		[{ type: "float", value: 1 }, "1"],
		[{ type: "float", value: -0 }, "-0"],
		[{ type: "float", value: 1e20 }, "100000000000000000000"],
		[{ type: "float", value: 1e21 }, "1e+21"],
		[{ type: "float", value: 0.000001 }, "0.000001"],
		[{ type: "float", value: 0.00000012 }, "1.2e-7"],
		[{ type: "bool", value: true }, "true"],
		[{ type: "bool", value: false }, "false"],
		[{ type: "null", value: null }, "null"],
		[{ type: "time", value: "2001-12-14T21:59:43.1-05:00" }, '"2001-12-14T21:59:43.1-05:00"'],
	];
	for (const [leaf, text] of rows) expect([leaf, emitted(leaf)]).toEqual([leaf, text]);
});

test("what JSON cannot hold is an error that names the path", () => {
	for (const leaf of [
		{ type: "float", value: Number.NaN },
		{ type: "float", value: -Infinity },
		{ type: "time", value: "2001-12-14T21:59:43+24:00" },
	] as const) {
		const tree = map([comment("c", false), entry("a", list([comment("c", false), map(), one(leaf)]))]);
		expect(() => json.emit([tree], {})).toThrow(
			expect.objectContaining({
				code: "value-unsupported",
				details: expect.objectContaining({ path: ["a", 1, "a"] }),
			}),
		);
	}
	expect(() => json.emit([], {})).toThrow(expect.objectContaining({ code: "document-empty" }));
});

test("comments are dropped, also where nothing else is", () => {
	const tree = map([
		comment("1", false),
		entry("a", list([comment("2", false)])),
		comment("3", true),
		entry("b", map([comment("4", false)])),
		comment("5", false),
		entry("c", list([comment("6", false), scalar(str("x")), comment("7", false)])),
	]);
	expect(json.emit([tree], {})).toBe('{\n\t"a": [],\n\t"b": {},\n\t"c": [\n\t\t"x"\n\t]\n}\n');
});

test("only the first document is written, as the reference does", () => {
	expect(json.emit([map(), SAMPLE], {})).toBe("{}\n");
});
