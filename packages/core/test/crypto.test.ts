import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Crypto, Gcm } from "../src/crypto/crypto.ts";
import { crypto as node } from "../src/crypto/node.ts";
import { crypto as portable } from "../src/crypto/portable.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) % 256);
const plain = (array: Uint8Array | undefined): number[] | undefined => array && [...array];

const base64 = (array: Uint8Array): string => Buffer.from(array).toString("base64");

/** Opens ciphertext with its tag behind it. */
function open(gcm: Gcm, iv: Uint8Array, sealed: Uint8Array, additionalData: string): Uint8Array | undefined {
	const end = Math.max(0, sealed.length - 16);
	const parts = { data: base64(sealed.subarray(0, end)), iv: base64(iv), tag: base64(sealed.subarray(end)) };
	const opened = gcm.openBase64(parts, additionalData);
	return opened === "syntax" ? undefined : opened;
}

it("each backend says which it is", () => {
	expect([node.backend, portable.backend]).toEqual(["node", "noble"]);
});

it("noble has no IVs below 8 bytes: it opens none, and the node backend opens them", () => {
	const iv = bytes(7);
	const sealed = node.gcm(key).seal(iv, "text", "");
	expect(plain(open(node.gcm(key), iv, sealed, ""))).toEqual(plain(new TextEncoder().encode("text")));
	expect(open(portable.gcm(key), iv, sealed, "")).toBeUndefined();
});

const backends: readonly [string, Crypto, Crypto][] = [
	["node", node, portable],
	["noble", portable, node],
];
for (const [name, crypto, other] of backends) {
	describe(name, () => {
		it("keeps its key when the caller overwrites the bytes: an edit seals after that", () => {
			const given = key.slice();
			const gcm = crypto.gcm(given);
			given.fill(0);
			expect(plain(gcm.seal(bytes(32), "text", "a:"))).toEqual(
				plain(other.gcm(key).seal(bytes(32), "text", "a:")),
			);
		});

		for (const ivLength of [8, 11, 12, 13, 16, 32, 64]) {
			it(`seals with an IV of ${ivLength} bytes as OpenSSL does, and opens what the other sealed`, () => {
				for (const length of [0, 1, 15, 16, 17, 1000]) {
					const iv = bytes(ivLength);
					const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
					cipher.setAAD(Buffer.from("a:ключ:"));
					const expected = [...cipher.update(bytes(length)), ...cipher.final(), ...cipher.getAuthTag()];
					const sealed = crypto.gcm(key).seal(iv, bytes(length), "a:ключ:");
					expect(plain(sealed)).toEqual(expected);
					expect(plain(open(other.gcm(key), iv, sealed, "a:ключ:"))).toEqual(plain(bytes(length)));
				}
			});
		}

		it("seals text as UTF-8", () => {
			const iv = bytes(32);
			const text = "Zażółć 😀";
			expect(plain(crypto.gcm(key).seal(iv, text, ""))).toEqual(
				plain(crypto.gcm(key).seal(iv, new TextEncoder().encode(text), "")),
			);
		});

		it("opens nothing that was changed anywhere", () => {
			const iv = bytes(32);
			const gcm = crypto.gcm(key);
			const sealed = gcm.seal(iv, "text", "a:");
			const flipped = (of: Uint8Array, at: number): Uint8Array =>
				of.map((byte, i) => (i === at ? byte ^ 1 : byte));
			expect(plain(open(gcm, iv, sealed, "a:"))).toEqual(plain(new TextEncoder().encode("text")));
			for (let at = 0; at < sealed.length; at++)
				expect(open(gcm, iv, flipped(sealed, at), "a:")).toBeUndefined();
			for (let at = 0; at < iv.length; at++) expect(open(gcm, flipped(iv, at), sealed, "a:")).toBeUndefined();
			for (let end = 0; end < sealed.length; end++)
				expect(open(gcm, iv, sealed.subarray(0, end), "a:")).toBeUndefined();
			expect(open(gcm, iv, sealed, "b:")).toBeUndefined();
			expect(open(gcm, new Uint8Array(0), sealed, "a:")).toBeUndefined();
			expect(open(crypto.gcm(flipped(key, 0)), iv, sealed, "a:")).toBeUndefined();
		});

		it("hashes text and bytes in parts", () => {
			const hash = crypto.sha512();
			hash.update("Zażółć ");
			hash.update(bytes(300));
			hash.update("");
			const expected = createHash("sha512").update("Zażółć ").update(bytes(300)).digest();
			expect(plain(hash.digest())).toEqual(plain(expected));
		});

		it("gives other random bytes each time", () => {
			const drawn = Array.from({ length: 50 }, () => crypto.random(32).join());
			expect(new Set(drawn).size).toBe(50);
			expect(crypto.random(2048)).toHaveLength(2048);
			expect(crypto.random(0)).toHaveLength(0);
		});

		it("writes base64", () => {
			for (const length of [0, 1, 2, 3, 31, 32, 33, 70_000]) {
				const text = Buffer.from(bytes(length)).toString("base64");
				expect(crypto.toBase64(bytes(length))).toBe(text);
			}
			// A view into a larger buffer.
			expect(crypto.toBase64(bytes(10).subarray(2, 5))).toBe(
				Buffer.from(bytes(10).slice(2, 5)).toString("base64"),
			);
		});

		it("refuses what is not standard base64 with padding, as Go does", () => {
			const gcm = crypto.gcm(key);
			const sealed = gcm.seal(bytes(32), "x", "");
			const good = {
				data: base64(sealed.subarray(0, 1)),
				iv: base64(bytes(32)),
				tag: base64(sealed.subarray(1)),
			};
			for (const text of [
				"A",
				"AA",
				"AAA",
				"AA=",
				"AAAA=",
				"AA==AA==",
				"A-_A",
				"AA ==",
				"AAA\n=",
				"AAAA\n",
				"*AAA",
				"=AAA",
			])
				for (const part of ["data", "iv", "tag"])
					expect(gcm.openBase64({ ...good, [part]: text }, ""), JSON.stringify(text)).toBe("syntax");
			expect(plain(gcm.openBase64(good, "") as Uint8Array)).toEqual([120]);
			// Spare bits that are not zero are accepted there.
			const spare = `${good.data[0]}${String.fromCharCode(good.data.charCodeAt(1) + 1)}==`;
			expect(plain(gcm.openBase64({ ...good, data: spare }, "") as Uint8Array)).toEqual([120]);
		});
	});
}
