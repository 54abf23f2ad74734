import type { webcrypto } from "node:crypto";
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { isSopsError, UsageError } from "@sopskit/core";
import { describe, expect, it } from "vitest";
import { age, generateIdentity, recipient } from "../src/index.ts";
import { X25519_ENTRY } from "./sops-entry.ts";

const { identity, entry, part } = X25519_ENTRY;
const another = await generateIdentity();
const hybrid = await generateIdentity({ type: "hybrid" });

const unwrapWith = (identities: Parameters<typeof age>[0]) =>
	age(identities).masterKey(entry.ref)!.unwrap!(entry.enc, {});

describe("age({ identities })", () => {
	it.each([
		["a bare text", identity],
		["a text with space around it", `\n  ${identity}\r\n`],
		["a key file", `# created: 2026-01-01T00:00:00Z\r\n# public key: age1…\r\n\r\n${identity}\r\n`],
		["a key file of several", `${another.keyFile}\n# the one\n${identity}\n${hybrid.keyFile}`],
		["several texts", [another.keyFile, hybrid.identity, identity]],
	])("takes %s", async (_, identities) => {
		expect(await unwrapWith({ identities })).toEqual(part);
	});

	it("takes a CryptoKey, also one that cannot be exported", async () => {
		const pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as {
			privateKey: webcrypto.CryptoKey;
			publicKey: webcrypto.CryptoKey;
		};
		const { bech32 } = await import("@scure/base");
		const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
		const key = recipient(bech32.encodeFromBytes("age", publicKey));
		const provider = age({ identities: [another.identity, pair.privateKey] });
		expect(await provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {})).toEqual(part);
		for (const wrong of [pair.publicKey, {}, 1, null, { unwrapFileKey: 1 }]) {
			expect(() => age({ identities: [wrong] as never })).toThrow(UsageError);
		}
	});

	it.each([
		["", "identity text 1 has no identity in it"],
		["# nothing\n\n", "identity text 1 has no identity in it"],
		[`${identity}\n${identity.slice(0, -1)}`, "line 2 of identity text 1: an identity with a typing error"],
		[identity.toLowerCase(), "line 1 of identity text 1: an identity must be in capital letters"],
		["AGE-SECRET-KEY-PQ-1ABC", "line 1 of identity text 1: a hybrid identity with a typing error"],
		["AGE-PLUGIN-YUBIKEY-1QGPQ", "an identity of a plugin with a typing error"],
		["-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "an SSH key: pass it as sshIdentity()"],
		["-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n", "an encrypted key file that was altered or cut"],
		[entry.enc, "a key file that is encrypted with something else than a passphrase"],
		[X25519_ENTRY.recipient, "a recipient (the public half), not an identity"],
		["hunter2", "not an age identity"],
	])("refuses %#: %s", (text, reason) => {
		let thrown: unknown;
		try {
			age({ identities: [text].concat() });
		} catch (error) {
			thrown = error;
		}
		if (!isSopsError(thrown, "key-invalid")) throw new Error("must be key-invalid");
		expect(thrown.details).toEqual({ type: "age", reason: expect.stringContaining(reason) });
		if (text.length > 5)
			expect(inspect(thrown, { showHidden: true, depth: Infinity })).not.toContain(text.slice(0, 40));
	});

	it("names the text of a list", () => {
		expect(() => age({ identities: [identity, `# one\n${identity}\nx`] })).toThrow(
			"line 3 of identity text 2",
		);
	});

	it("refuses unknown options, and options that are none", () => {
		expect(() => age({ identity } as never)).toThrow(expect.objectContaining({ code: "option-unknown" }));
		expect(() => age(null as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
		expect(() => age(identity as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
		expect(() => age({ identities: 7 } as never)).toThrow(
			expect.objectContaining({ code: "argument-invalid" }),
		);
	});

	it("gives a provider that leads to no identity, before and after use", async () => {
		const provider = age({ identities: [identity, hybrid.identity] });
		const texts = () => {
			const key = provider.masterKey(entry.ref)!;
			return [provider, key, key.unwrap]
				.map((value) => inspect(value, { showHidden: true, depth: Infinity }) + JSON.stringify(value))
				.join();
		};
		expect(texts()).not.toContain("SECRET");
		await provider.masterKey(entry.ref)!.unwrap!(entry.enc, {});
		expect(texts()).not.toContain("SECRET");
	});
});

describe("answers", () => {
	it("names what is missing", async () => {
		const id = entry.ref.id;
		expect(await unwrapWith({})).toEqual({ notMine: `no identity for ${id}; none was given` });
		expect(await unwrapWith({ identities: another.identity })).toEqual({
			notMine: `no identity for ${id}; 1 identity tried`,
		});
		expect(await unwrapWith({ identities: [another.identity, hybrid.identity] })).toEqual({
			notMine: `no identity for ${id}; 2 identities tried`,
		});
		const ssh = { type: "age", id: "ssh-ed25519 AAAA", fields: { recipient: "ssh-ed25519 AAAA" } };
		expect(await age({ identities: another.identity }).masterKey(ssh)!.unwrap!("garbage", {})).toEqual({
			notMine:
				"no identity for ssh-ed25519 AAAA; 1 identity tried; an SSH public key with a typing error or a part missing; enc is not a sound age file",
		});
	});

	it("unwraps although the entry names another recipient, as sops does", async () => {
		const ref = { type: "age", id: "nobody", fields: { recipient: "nobody" } };
		const provider = age({ identities: [another.identity, identity] });
		expect(await provider.masterKey(ref)!.unwrap!(entry.enc, {})).toEqual(part);
		const lying = { ...entry, ref };
		const foreign = {
			ref: recipient(hybrid.recipient).ref,
			enc: await recipient(hybrid.recipient).wrap!(part, {}),
		};
		expect(await provider.unwrapAny!([foreign, lying], {})).toEqual({ part, entry: lying });
	});

	it("takes the entry of our own recipient first", async () => {
		const provider = age({ identities: [identity, another.identity] });
		const mislabelled = {
			ref: recipient(hybrid.recipient).ref,
			enc: await recipient(another.recipient).wrap!(part, {}),
		};
		expect(await provider.unwrapAny!([mislabelled, entry], {})).toMatchObject({ entry });
	});

	it("does not show an identity that stands in the place of a recipient", async () => {
		const ref = { type: "age", id: identity, fields: { recipient: identity } };
		const answer = await age({ identities: another.identity }).masterKey(ref)!.unwrap!(entry.enc, {});
		expect(JSON.stringify(answer)).not.toContain(identity.slice(0, 25));
	});

	it("leaves no listener on a signal that lives on", async () => {
		const { signal } = new AbortController();
		const key = age({ identities: identity }).masterKey(entry.ref)!;
		await key.unwrap!(entry.enc, { signal });
		await key.unwrap!("", { signal }).catch(() => {});
		await key.wrap!(part, { signal });
		expect(getEventListeners(signal, "abort")).toEqual([]);
	});
});

describe("where WebCrypto has no X25519", () => {
	it("works from the text", async () => {
		const { subtle } = crypto;
		const refuse = (original: typeof subtle.importKey) =>
			function (this: unknown, ...parameters: unknown[]) {
				if ((parameters[2] as { name?: string }).name === "X25519") {
					throw new DOMException("no X25519", "NotSupportedError");
				}
				return Reflect.apply(original, subtle, parameters);
			};
		const original = subtle.importKey;
		Object.defineProperty(subtle, "importKey", { value: refuse(original), configurable: true });
		try {
			expect(await unwrapWith({ identities: [another.identity, identity] })).toEqual(part);
			expect(await unwrapWith({ identities: another.identity })).toHaveProperty("notMine");
		} finally {
			delete (subtle as { importKey?: unknown }).importKey;
		}
		expect(subtle.importKey).toBe(original);
	});
});
