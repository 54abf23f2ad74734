// Expected values: `ToBytes` and the typing of `Decrypt` in sops 3.13.3 (Go 1.26.8).
import { expect, test } from "vitest";
import { canonicalText, leafFromSealed, type SealableLeaf } from "../src/leaf/canonical.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import { decodeUtf8, splitAtInvalidUtf8 } from "../src/leaf/utf8.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the canonical text is what the MAC hashes", () => {
	const raw = Uint8Array.of(0xff, 0x00);
	const rows: readonly (readonly [SealableLeaf, string | Uint8Array | undefined])[] = [
		[{ type: "str", value: "\uFEFFä" }, "\uFEFFä"],
		[{ type: "str", value: raw }, raw],
		[{ type: "int", value: "-9223372036854775808" }, "-9223372036854775808"],
		[{ type: "float", value: 1e21 }, "1000000000000000000000"],
		[{ type: "float", value: -0 }, "-0"],
		[{ type: "float", value: Number.NaN }, "NaN"],
		[{ type: "bool", value: true }, "True"],
		[{ type: "bool", value: false }, "False"],
		[{ type: "time", value: "2024-01-05T00:00:00Z" }, "2024-01-05T00:00:00Z"],
		[{ type: "time", value: "2024-01-05T00:00:00+24:00" }, undefined],
	];
	for (const [leaf, text] of rows) expect([leaf, canonicalText(leaf)]).toEqual([leaf, text]);
});

test("decrypted bytes become a leaf by their type", () => {
	const rows: readonly (readonly [string, string, Leaf | undefined])[] = [
		["str", "\uFEFFé", { type: "str", value: "\uFEFFé" }],
		["int", "+007", { type: "int", value: "7" }],
		["int", "-0", { type: "int", value: "0" }],
		["int", "1.0", undefined],
		["float", "-0", { type: "float", value: -0 }],
		["float", "1_0.5", { type: "float", value: 10.5 }],
		["float", "nan", { type: "float", value: Number.NaN }],
		["float", "1e400", undefined],
		["bool", "T", { type: "bool", value: true }],
		["bool", "yes", undefined],
		["time", "2024-01-05T1:00:00,50+01:60", { type: "time", value: "2024-01-05T01:00:00.5+02:00" }],
		["time", "2024-01-05T01:00:00+24:00", undefined],
		["time", "2024-01-05", undefined],
		["bytes", "x", undefined],
		["comment", "x", undefined],
		["null", "", undefined],
		["__proto__", "x", undefined],
	];
	for (const [type, text, leaf] of rows)
		expect([type, text, leafFromSealed(type, bytes(text))]).toEqual([type, text, leaf]);
});

test("a sealed text that is not UTF-8 stays bytes, another type is damaged", () => {
	const raw = Uint8Array.of(0x61, 0xe2, 0x80);
	expect(leafFromSealed("str", raw)).toEqual({ type: "str", value: raw });
	for (const type of ["int", "float", "bool", "time"]) expect(leafFromSealed(type, raw)).toBeUndefined();
});

test("invalid UTF-8 is cut out byte for byte, as Go replaces it", () => {
	const rows: readonly (readonly [readonly number[], readonly string[]])[] = [
		[[], [""]],
		[[0x61, 0x62], ["ab"]],
		[
			[0x61, 0xff, 0x62],
			["a", "b"],
		],
		[
			[0xe2, 0x80],
			["", "", ""],
		],
		[[0xf0, 0x9f, 0x98, 0x80], ["\u{1F600}"]],
		[
			[0xf0, 0x9f, 0x98],
			["", "", "", ""],
		],
		[
			[0xed, 0xa0, 0x80],
			["", "", "", ""],
		],
		[
			[0xc0, 0xaf],
			["", "", ""],
		],
		[
			[0xf4, 0x90, 0x80, 0x80],
			["", "", "", "", ""],
		],
		[
			[0xe0, 0x80, 0x41],
			["", "", "A"],
		],
		[[0xef, 0xbf, 0xbd], ["\uFFFD"]],
	];
	for (const [input, parts] of rows) {
		expect([input, splitAtInvalidUtf8(Uint8Array.from(input))]).toEqual([input, parts]);
		expect(decodeUtf8(Uint8Array.from(input)) !== undefined).toBe(parts.length === 1);
	}
});
