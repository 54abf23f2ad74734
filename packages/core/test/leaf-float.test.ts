// Expected values: Go 1.26.8 on linux/amd64.
import { expect, test } from "vitest";
import { formatFloatJson, formatFloatPlain, formatFloatShortest, parseGoFloat } from "../src/leaf/float.ts";

/** The number; `FormatFloat(n, 'f', -1, 64)`; `FormatFloat(n, 'g', -1, 64)`; `json.Marshal(n)`. */
const FORMATS: readonly (readonly [number, string, string, string])[] = [
	[0, "0", "0", "0"],
	[-0, "-0", "-0", "-0"],
	[1, "1", "1", "1"],
	[-1.5, "-1.5", "-1.5", "-1.5"],
	[100000, "100000", "100000", "100000"],
	[999999, "999999", "999999", "999999"],
	[1e6, "1000000", "1e+06", "1000000"],
	[1234567.5, "1234567.5", "1.2345675e+06", "1234567.5"],
	[123456789012345680000, "123456789012345680000", "1.2345678901234568e+20", "123456789012345680000"],
	[1e20, "100000000000000000000", "1e+20", "100000000000000000000"],
	[1e21, "1000000000000000000000", "1e+21", "1e+21"],
	[-1.5e22, "-15000000000000000000000", "-1.5e+22", "-1.5e+22"],
	[1e-4, "0.0001", "0.0001", "0.0001"],
	[1e-5, "0.00001", "1e-05", "0.00001"],
	[1.25e-5, "0.0000125", "1.25e-05", "0.0000125"],
	[1e-6, "0.000001", "1e-06", "0.000001"],
	[9.9e-7, "0.00000099", "9.9e-07", "9.9e-7"],
	[-1e-7, "-0.0000001", "-1e-07", "-1e-7"],
	[0.1, "0.1", "0.1", "0.1"],
	[1e15, "1000000000000000", "1e+15", "1000000000000000"],
	[9007199254740992, "9007199254740992", "9.007199254740992e+15", "9007199254740992"],
	[4.35, "4.35", "4.35", "4.35"],
	[
		1e100,
		"10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
		"1e+100",
		"1e+100",
	],
];

test("floats are written with the digits and exponents of Go", () => {
	for (const [n, plain, shortest, json] of FORMATS) {
		expect([n, formatFloatPlain(n), formatFloatShortest(n), formatFloatJson(n)]).toEqual([
			n,
			plain,
			shortest,
			json,
		]);
	}
});

test("the smallest and the largest float are written without an exponent", () => {
	expect(formatFloatPlain(5e-324)).toBe(`0.${"0".repeat(323)}5`);
	expect(formatFloatPlain(-Number.MAX_VALUE)).toBe(`-17976931348623157${"0".repeat(292)}`);
	expect(formatFloatShortest(5e-324)).toBe("5e-324");
	expect(formatFloatShortest(Number.MAX_VALUE)).toBe("1.7976931348623157e+308");
});

test("what is not finite has words, and no JSON", () => {
	for (const [n, word] of [
		[Infinity, "+Inf"],
		[-Infinity, "-Inf"],
		[Number.NaN, "NaN"],
	] as const) {
		expect(formatFloatPlain(n)).toBe(word);
		expect(formatFloatShortest(n)).toBe(word);
		expect(formatFloatJson(n)).toBeUndefined();
	}
});

/** The text and `ParseFloat(text, 64)`; `undefined` for an error, also that of the range. */
const READINGS: readonly (readonly [string, number | undefined])[] = [
	["0", 0],
	["-0", -0],
	["+1.5", 1.5],
	[".5", 0.5],
	["5.", 5],
	[".", undefined],
	["", undefined],
	["+", undefined],
	["1e", undefined],
	["1e+5", 100000],
	["1E5", 100000],
	["-1e-400", -0],
	["1e400", undefined],
	["-1e400", undefined],
	["1.7976931348623157e308", 1.7976931348623157e308],
	["1.7976931348623159e308", undefined],
	["4.9e-324", 5e-324],
	["2e-324", 0],
	["1_0.5", 10.5],
	["1__0", undefined],
	["_1", undefined],
	["1_", undefined],
	["1_.5", undefined],
	["1._5", undefined],
	["1_e5", undefined],
	["1e1_0", 10000000000],
	["1e_1", undefined],
	["0_1", 1],
	["0x1p-2", 0.25],
	["0X1P+3", 8],
	["0x_1p4", 16],
	["0x1_0p0", 16],
	["0x1p1_0", 1024],
	["0x1_p1", undefined],
	["0x1.8", undefined],
	["0x1.8p", undefined],
	["0x1.8p1", 3],
	["0x.8p0", 0.5],
	["0x.p1", undefined],
	["0x", undefined],
	["-0x0p0", -0],
	["0x1p1024", undefined],
	["0x1.fffffffffffff7p1023", 1.7976931348623157e308],
	["0x1.fffffffffffff8p1023", undefined],
	["0x1p-1074", 5e-324],
	["0x1p-1075", 0],
	["0x1.00001p-1075", 5e-324],
	["0x1p-1076", 0],
	["0x1.00000000000008p0", 1],
	["0x1.000000000000080001p0", 1.0000000000000002],
	["0x1.00000000000018p0", 1.0000000000000004],
	["0x3.fffffffffffffep-1075", 1e-323],
	["0b1p1", undefined],
	["0b1", undefined],
	["0o7", undefined],
	[" 1", undefined],
	["1 ", undefined],
	["1.2.3", undefined],
	["1f", undefined],
	["0xg", undefined],
	["\u0661", undefined],
	["inf", Infinity],
	["+Inf", Infinity],
	["-INF", -Infinity],
	["infinity", Infinity],
	["-Infinity", -Infinity],
	["infinit", undefined],
	["nan", Number.NaN],
	["NaN", Number.NaN],
	["+nan", undefined],
	["-nan", undefined],
	["1e99999999999", undefined],
	["0e99999999999", 0],
];

test("floats are read as ParseFloat reads them", () => {
	for (const [text, n] of READINGS) expect([text, parseGoFloat(text)]).toEqual([text, n]);
});
