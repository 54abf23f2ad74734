// Expected values: Go 1.26.8 on linux/amd64.
import { expect, test } from "vitest";
import {
	formatRfc3339Seconds,
	isMarshalableTime,
	parseMetadataTime,
	parseRfc3339,
	parseYamlTimestamp,
} from "../src/leaf/time.ts";

/**
 * The text; as a plain scalar of go-yaml 3.0.4, printed by `Format(RFC3339Nano)`; `UnmarshalText` and
 * `MarshalText`; `Parse(RFC3339)` and `Format(RFC3339)`.
 */
const READINGS: readonly (readonly [string, string | undefined, string | undefined, string | undefined])[] = [
	["2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
	[
		"2001-12-14T21:59:43.1-05:00",
		"2001-12-14T21:59:43.1-05:00",
		"2001-12-14T21:59:43.1-05:00",
		"2001-12-14T21:59:43-05:00",
	],
	[
		"2001-12-14T21:59:43.100-05:00",
		"2001-12-14T21:59:43.1-05:00",
		"2001-12-14T21:59:43.1-05:00",
		"2001-12-14T21:59:43-05:00",
	],
	["2001-12-14T21:59:43,5Z", "2001-12-14T21:59:43.5Z", "2001-12-14T21:59:43.5Z", "2001-12-14T21:59:43Z"],
	["2001-12-14T21:59:43.Z", undefined, undefined, undefined],
	[
		"2001-12-14T21:59:43.1234567899Z",
		"2001-12-14T21:59:43.123456789Z",
		"2001-12-14T21:59:43.123456789Z",
		"2001-12-14T21:59:43Z",
	],
	["2001-12-14T21:59:43.0000000009Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
	["2001-12-14T21:59:43.000Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
	["2001-12-14T1:59:43Z", "2001-12-14T01:59:43Z", "2001-12-14T01:59:43Z", "2001-12-14T01:59:43Z"],
	["2001-12-14T21:5:43Z", "2001-12-14T21:05:43Z", undefined, undefined],
	["2001-12-14T21:59:3Z", "2001-12-14T21:59:03Z", undefined, undefined],
	["2001-1-14T21:59:43Z", "2001-01-14T21:59:43Z", undefined, undefined],
	["2001-12-4T21:59:43Z", "2001-12-04T21:59:43Z", undefined, undefined],
	["2001-12-14t21:59:43Z", "2001-12-14T21:59:43Z", undefined, undefined],
	["2001-12-14T21:59:43z", undefined, undefined, undefined],
	["2001-12-14 21:59:43Z", undefined, undefined, undefined],
	["2001-12-14T21:59:43", undefined, undefined, undefined],
	["2001-12-14 21:59:43", "2001-12-14T21:59:43Z", undefined, undefined],
	["2001-12-14   1:2:3.4", "2001-12-14T01:02:03.4Z", undefined, undefined],
	["2001-12-14 1:2:3,4", "2001-12-14T01:02:03.4Z", undefined, undefined],
	["2001-12-14 1:2", undefined, undefined, undefined],
	["2001-12-14", "2001-12-14T00:00:00Z", undefined, undefined],
	["2001-1-2", "2001-01-02T00:00:00Z", undefined, undefined],
	["2001-1-", undefined, undefined, undefined],
	["2001-1", undefined, undefined, undefined],
	["2001-12-14 ", undefined, undefined, undefined],
	["2001-12-14T", undefined, undefined, undefined],
	["2001-12-14T21:59:43+00:00", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
	["2001-12-14T21:59:43-00:00", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
	[
		"2001-12-14T21:59:43+23:59",
		"2001-12-14T21:59:43+23:59",
		"2001-12-14T21:59:43+23:59",
		"2001-12-14T21:59:43+23:59",
	],
	["2001-12-14T21:59:43+23:60", "2001-12-14T21:59:43+24:00", undefined, "2001-12-14T21:59:43+24:00"],
	["2001-12-14T21:59:43+24:00", "2001-12-14T21:59:43+24:00", undefined, "2001-12-14T21:59:43+24:00"],
	["2001-12-14T21:59:43-24:60", "2001-12-14T21:59:43-25:00", undefined, "2001-12-14T21:59:43-25:00"],
	["2001-12-14T21:59:43+25:00", undefined, undefined, undefined],
	[
		"2001-12-14T21:59:43+01:60",
		"2001-12-14T21:59:43+02:00",
		"2001-12-14T21:59:43+02:00",
		"2001-12-14T21:59:43+02:00",
	],
	["2001-12-14T21:59:43+01:61", undefined, undefined, undefined],
	["2001-12-14T21:59:43+0100", undefined, undefined, undefined],
	["2001-12-14T21:59:43+01", undefined, undefined, undefined],
	["2001-12-14T21:59:43+1:00", undefined, undefined, undefined],
	["2001-12-14T24:00:00Z", undefined, undefined, undefined],
	["2001-12-14T23:60:00Z", undefined, undefined, undefined],
	["2001-12-14T23:59:60Z", undefined, undefined, undefined],
	["2023-02-29T00:00:00Z", undefined, undefined, undefined],
	["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
	["1900-02-29T00:00:00Z", undefined, undefined, undefined],
	["2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"],
	["2001-04-31T00:00:00Z", undefined, undefined, undefined],
	["2001-00-01T00:00:00Z", undefined, undefined, undefined],
	["2001-13-01T00:00:00Z", undefined, undefined, undefined],
	["2001-01-00T00:00:00Z", undefined, undefined, undefined],
	["2001-01-32T00:00:00Z", undefined, undefined, undefined],
	["0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"],
	["0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"],
	[
		"9999-12-31T23:59:59.999999999Z",
		"9999-12-31T23:59:59.999999999Z",
		"9999-12-31T23:59:59.999999999Z",
		"9999-12-31T23:59:59Z",
	],
	["10000-01-01T00:00:00Z", undefined, undefined, undefined],
	["999-01-01T00:00:00Z", undefined, undefined, undefined],
	["-001-01-01T00:00:00Z", undefined, undefined, undefined],
	["+2001-01-01T00:00:00Z", undefined, undefined, undefined],
	["", undefined, undefined, undefined],
	[" 2001-12-14T21:59:43Z", undefined, undefined, undefined],
	["2001-12-14T21:59:43Z ", undefined, undefined, undefined],
	["2001-12-14T21:59:43Z\n", undefined, undefined, undefined],
	["2001-12-14T21:59:43 +01:00", undefined, undefined, undefined],
	["2001-12-14 21:59:43 -5", undefined, undefined, undefined],
	["2001-2-30", undefined, undefined, undefined],
	["2024-2-29", "2024-02-29T00:00:00Z", undefined, undefined],
	["2023-2-29", undefined, undefined, undefined],
	["0001-1-1", "0001-01-01T00:00:00Z", undefined, undefined],
];

test("times are read and written again as Go does", () => {
	for (const [text, yaml, sealed, metadata] of READINGS) {
		expect([text, parseYamlTimestamp(text), parseRfc3339(text), parseMetadataTime(text)]).toEqual([
			text,
			yaml,
			sealed,
			metadata,
		]);
	}
});

test("an offset of a day is a time that Go does not marshal", () => {
	expect(isMarshalableTime("2001-12-14T21:59:43+24:00")).toBe(false);
	expect(isMarshalableTime("2001-12-14T21:59:43-25:00")).toBe(false);
	expect(isMarshalableTime("2001-12-14T21:59:43+23:59")).toBe(true);
	expect(isMarshalableTime("2001-12-24T21:59:43Z")).toBe(true);
});

test("now is written in UTC with seconds", () => {
	expect(formatRfc3339Seconds(new Date("2024-01-05T01:02:03.999+01:00"))).toBe("2024-01-05T00:02:03Z");
	expect(formatRfc3339Seconds(new Date(-1))).toBe("1969-12-31T23:59:59Z");
	expect(() => formatRfc3339Seconds(new Date(Number.NaN))).toThrow(RangeError);
	expect(() => formatRfc3339Seconds(new Date(8.64e15))).toThrow(RangeError);
});
