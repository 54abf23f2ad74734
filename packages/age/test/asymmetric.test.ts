import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { asymmetric as node } from "../src/asymmetric/node.ts";
import { asymmetric as portable } from "../src/asymmetric/portable.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

describe.each([node, portable])("$backend", (backend) => {
	it("agrees as RFC 7748 does (section 6.1)", async () => {
		const alice = await backend.fromScalar(
			bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
		);
		expect(Buffer.from(alice.publicKey).toString("hex")).toBe(
			"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		);
		const bob = bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
		expect(Buffer.from((await alice.agree(bob))!).toString("hex")).toBe(
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
		);
	});

	it("takes no point of low order, and no scalar that it could keep", async () => {
		const key = await backend.generate();
		for (const low of [new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0))]) {
			expect(await key.agree(low)).toBeUndefined();
		}
		const scalar = new Uint8Array(randomBytes(32));
		const own = await backend.fromScalar(scalar);
		const before = await own.agree(key.publicKey);
		scalar.fill(0);
		expect(await own.agree(key.publicKey)).toEqual(before);
	});
});

describe("both", () => {
	it("agree with each other, also where WebCrypto has no X25519", async () => {
		const scalar = new Uint8Array(randomBytes(32));
		const peer = await node.generate();
		const expected = await (await node.fromScalar(scalar)).agree(peer.publicKey);
		expect(await (await portable.fromScalar(scalar)).agree(peer.publicKey)).toEqual(expected);
		const { subtle } = crypto;
		Object.defineProperty(subtle, "importKey", {
			value: () => Promise.reject(new DOMException("no X25519", "NotSupportedError")),
			configurable: true,
		});
		try {
			const key = await portable.fromScalar(scalar);
			expect(key.publicKey).toEqual((await node.fromScalar(scalar)).publicKey);
			expect(await key.agree(peer.publicKey)).toEqual(expected);
			expect(await key.agree(new Uint8Array(32))).toBeUndefined();
			scalar.fill(0);
			expect(await key.agree(peer.publicKey)).toEqual(expected);
			expect((await portable.generate()).publicKey).toHaveLength(32);
		} finally {
			delete (subtle as { importKey?: unknown }).importKey;
		}
	});
});
