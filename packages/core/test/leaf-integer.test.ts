// Expected values: Go 1.26.8 on linux/amd64.
import { expect, test } from "vitest";
import { parseGoInt, parseGoIntBase0, parseGoIntRadix, type WideInteger } from "../src/leaf/integer.ts";

/** The text and `Itoa(Atoi(text))`. */
const DECIMAL: readonly (readonly [string, string | undefined])[] = [
	["0", "0"],
	["-0", "0"],
	["+0", "0"],
	["5", "5"],
	["+5", "5"],
	["-5", "-5"],
	["007", "7"],
	["-007", "-7"],
	["000", "0"],
	["", undefined],
	["+", undefined],
	["-", undefined],
	["+-5", undefined],
	["--5", undefined],
	[" 5", undefined],
	["5 ", undefined],
	["1_0", undefined],
	["0x1f", undefined],
	["1.0", undefined],
	["1e3", undefined],
	["9223372036854775807", "9223372036854775807"],
	["9223372036854775808", undefined],
	["-9223372036854775808", "-9223372036854775808"],
	["-9223372036854775809", undefined],
	["+9223372036854775807", "9223372036854775807"],
	["000000000000000000000000000005", "5"],
	["-000000000000000000000000000005", "-5"],
	["99999999999999999999999999", undefined],
	["123456789012345678", "123456789012345678"],
	["-12345678901234567", "-12345678901234567"],
	["1234567890123456789", "1234567890123456789"],
	["\u0661", undefined],
];

test("decimal integers are read as Atoi reads them", () => {
	for (const [text, digits] of DECIMAL) expect([text, parseGoInt(text)]).toEqual([text, digits]);
});

/** The text and `ParseInt(text, 0, 64)`, or who else would hold it: `ParseUint(text, 0, 64)` or nobody. */
const ANY_BASE: readonly (readonly [string, string | WideInteger | undefined])[] = [
	["0", "0"],
	["-0", "0"],
	["+0", "0"],
	["5", "5"],
	["+5", "5"],
	["-5", "-5"],
	["007", "7"],
	["-007", "-7"],
	["000", "0"],
	["", undefined],
	["+", undefined],
	["-", undefined],
	["+-5", undefined],
	["--5", undefined],
	[" 5", undefined],
	["5 ", undefined],
	["1_0", "10"],
	["0x1f", "31"],
	["1.0", undefined],
	["1e3", undefined],
	["9223372036854775807", "9223372036854775807"],
	["9223372036854775808", { wide: "uint64" }],
	["-9223372036854775808", "-9223372036854775808"],
	["-9223372036854775809", { wide: "beyond" }],
	["+9223372036854775807", "9223372036854775807"],
	["000000000000000000000000000005", "5"],
	["-000000000000000000000000000005", "-5"],
	["99999999999999999999999999", { wide: "beyond" }],
	["123456789012345678", "123456789012345678"],
	["-12345678901234567", "-12345678901234567"],
	["1234567890123456789", "1234567890123456789"],
	["\u0661", undefined],
	["18446744073709551615", { wide: "uint64" }],
	["+18446744073709551615", { wide: "beyond" }],
	["18446744073709551616", { wide: "beyond" }],
	["-18446744073709551615", { wide: "beyond" }],
	["0x1F", "31"],
	["-0X1f", "-31"],
	["+0x1f", "31"],
	["0x_1f", "31"],
	["0x1__f", undefined],
	["0x", undefined],
	["0x1_", undefined],
	["0x7fffffffffffffff", "9223372036854775807"],
	["0x8000000000000000", { wide: "uint64" }],
	["-0x8000000000000000", "-9223372036854775808"],
	["+0x8000000000000000", { wide: "beyond" }],
	["0xffffffffffffffff", { wide: "uint64" }],
	["0x10000000000000000", { wide: "beyond" }],
	["-0x8000000000000001", { wide: "beyond" }],
	["0b101", "5"],
	["0B11", "3"],
	["0b", undefined],
	["0b12", undefined],
	["0b_1", "1"],
	["-0b1", "-1"],
	["0o17", "15"],
	["0O17", "15"],
	["0o8", undefined],
	["-0o7", "-7"],
	["0644", "420"],
	["-0644", "-420"],
	["0_7", "7"],
	["08", undefined],
	["09", undefined],
	["0_8", undefined],
	["_7", undefined],
	["7_", undefined],
	["7__7", undefined],
	["7_0", "70"],
	["-7_0", "-70"],
	["-_7", undefined],
	["0_", undefined],
	["00", "0"],
	["0b_", undefined],
	["01777777777777777777777", { wide: "uint64" }],
	["01000000000000000000000", { wide: "uint64" }],
	["0b1000000000000000000000000000000000000000000000000000000000000000", { wide: "uint64" }],
	["0b10000000000000000000000000000000000000000000000000000000000000000", { wide: "beyond" }],
	["1a", undefined],
	["0x1g", undefined],
	["9_223_372_036_854_775_807", "9223372036854775807"],
];

test("integers of any base are read as ParseInt reads them", () => {
	for (const [text, value] of ANY_BASE) expect([text, parseGoIntBase0(text)]).toEqual([text, value]);
});

test("digits of one base have no prefix and no underscores", () => {
	expect(parseGoIntRadix("-101", 2)).toBe("-5");
	expect(parseGoIntRadix("+17", 8)).toBe("15");
	expect(parseGoIntRadix("ff", 16)).toBe("255");
	expect(parseGoIntRadix("1777777777777777777777", 8)).toEqual({ wide: "uint64" });
	for (const text of ["", "-", "2", "1_0", "0b1", "--1"]) expect(parseGoIntRadix(text, 2)).toBeUndefined();
});

test("very long digits take no quadratic time", () => {
	const digits = "9".repeat(1_000_000);
	expect(parseGoInt(digits)).toBeUndefined();
	expect(parseGoIntBase0(digits)).toEqual({ wide: "beyond" });
	expect(parseGoInt("0".repeat(1_000_000))).toBe("0");
});
