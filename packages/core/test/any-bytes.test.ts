/// <reference lib="es2024.string" />
import { expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { decodeAnyBytes, encodeAnyBytes } from "../src/leaf/any-bytes.ts";

it("gives any bytes back", () => {
	const random = new Random(7);
	const pieces = ["a", "é", "€", "😀", "\ufeff", "\u0000", "\uffff", "\u{10ffff}"];
	for (let i = 0; i < 2000; i++) {
		const parts: Buffer[] = [];
		for (let n = random.int(12); n > 0; n--) {
			const whole = Buffer.from(random.pick(pieces));
			const cut = random.chance(30) ? whole.subarray(0, random.int(whole.length + 1)) : whole;
			parts.push(random.chance(30) ? Buffer.from([random.int(256)]) : cut);
		}
		const bytes = Uint8Array.from(Buffer.concat(parts));
		const text = decodeAnyBytes(bytes);
		expect(encodeAnyBytes(text)).toEqual(bytes);
		expect(text.isWellFormed()).toBe(Buffer.from(Buffer.from(bytes).toString()).equals(bytes));
	}
});

it("maps each byte that belongs to no character on its own", () => {
	expect(decodeAnyBytes(Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x3d))).toBe("a\udcff\udce2\udc82=");
	expect(decodeAnyBytes(Uint8Array.of(0xed, 0xa0, 0x80))).toBe("\udced\udca0\udc80");
	expect(encodeAnyBytes("\ud800x")).toEqual(new TextEncoder().encode("\ufffdx"));
});

it("takes megabytes", () => {
	const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >> 3);
	expect(Buffer.from(encodeAnyBytes(decodeAnyBytes(bytes))).equals(bytes)).toBe(true);
});
