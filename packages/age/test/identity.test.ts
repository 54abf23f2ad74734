import type { webcrypto } from "node:crypto";
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { isSopsError, UsageError } from "@sopskit/core";
import { armor, Encrypter, Stanza } from "age-encryption";
import { describe, expect, it } from "vitest";
import { type AgeIdentity, age, generateIdentity, recipient, type UnwrapCall } from "../src/index.ts";
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
		[`"${identity}"`, "an identity in quotes: leave the quotes out"],
		["~/.config/sops/age/keys.txt", "what looks like a path: pass the content of the file"],
		["keys.txt", "what looks like a path"],
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

describe("identities of the caller's own", () => {
	/** Hides the file key behind one byte, as no one should. */
	const hiding = (type: string, byte: number) => ({
		wrapFileKey: (fileKey: Uint8Array) => [
			new Stanza(
				[type],
				fileKey.map((one) => one ^ byte),
			),
		],
		unwrapFileKey: (stanzas: { readonly args: string[]; readonly body: Uint8Array }[]) =>
			stanzas.find(({ args }) => args[0] === type)?.body.map((one) => one ^ byte) ?? null,
	});
	const sealed = async (recipientObject: ReturnType<typeof hiding>): Promise<string> => {
		const encrypter = new Encrypter();
		encrypter.addRecipient(recipientObject);
		return armor.encode(await encrypter.encrypt(part));
	};
	const ref = { type: "age", id: "x", fields: { recipient: "x" } };

	it("are those of age-encryption", async () => {
		const own = hiding("example.org/hiding", 5);
		const provider = age({ identities: [another.identity, own] });
		expect(await provider.masterKey(ref)!.unwrap!(await sealed(own), {})).toEqual(part);
		const other = await sealed(hiding("example.org/other", 5));
		expect(await provider.masterKey(ref)!.unwrap!(other, {})).toHaveProperty("notMine");
		const wrong = provider.masterKey(ref)!.unwrap!(await sealed(hiding("example.org/hiding", 6)), {});
		expect(await wrong).toEqual({
			notMine: "no identity for x; 2 identities tried; not an age recipient; enc is not a sound age file",
		});
	});

	it("are told what the file says, and may throw anything", async () => {
		const calls: UnwrapCall[] = [];
		const failing: AgeIdentity = {
			unwrapFileKey(stanzas, call) {
				calls.push(call);
				throw Object.assign(new Error(`secret ${stanzas.length}`), { name: "Strange" });
			},
		};
		const { signal } = new AbortController();
		const work = age({ identities: failing }).masterKey(entry.ref)!.unwrap!(entry.enc, { signal });
		await expect(work).rejects.toMatchObject({
			outcome: "failed",
			message: `no identity for ${entry.ref.id}; an identity failed with Strange`,
		});
		expect(calls[0]).toMatchObject({ recipient: entry.ref.id, signal });
		expect(new TextDecoder().decode(calls[0]!.header)).toMatch(
			/^age-encryption.org\/v1\n-> X25519 [\s\S]*\n--- \S{43}\n$/,
		);
	});

	it("are asked in an order that saves work", async () => {
		const asked: string[] = [];
		const make = (name: string, more: Partial<AgeIdentity>): AgeIdentity => ({
			unwrapFileKey() {
				asked.push(name);
				return null;
			},
			...more,
		});
		const identities = [
			make("asks", {}),
			make("silent", { silent: true }),
			make("owner", { silent: true, owns: (one) => one === entry.ref.id }),
			make("broken owner", {
				owns: () => {
					throw new Error();
				},
			}),
			make("asks and owns", { owns: async (one) => one === entry.ref.id }),
		];
		const provider = age({ identities });
		await expect(provider.masterKey(entry.ref)!.unwrap!(entry.enc, {})).rejects.toMatchObject({
			outcome: "wrong-key",
		});
		expect(asked).toEqual(["owner", "asks and owns", "silent", "asks", "broken owner"]);
		asked.length = 0;
		const foreign = { ref, enc: entry.enc };
		await provider.unwrapAny!([foreign, entry], {});
		expect(asked.slice(0, 4)).toEqual(["owner", "silent", "silent", "owner"]);
		asked.length = 0;
		const many = [
			...identities,
			...(await Promise.all([1, 2, 3].map(async () => (await generateIdentity()).identity))),
		];
		expect(
			await age({ identities: [...many, identity] }).masterKey(entry.ref)!.unwrap!(entry.enc, {}),
		).toEqual(part);
		expect(asked).not.toContain("silent");
	});

	it("may be functions, called when they are needed, and again only after a failure", async () => {
		let calls = 0;
		const supply = async () => {
			if (++calls === 1) throw new Error(identity);
			return `# from a safe\n${identity}`;
		};
		const provider = age({ identities: [another.identity, supply] });
		const mine = provider.masterKey(entry.ref)!;
		const enc = await recipient(another.recipient).wrap!(part, {});
		await provider.masterKey(recipient(another.recipient).ref)!.unwrap!(enc, {});
		expect(calls).toBe(0);
		const failure = (await mine.unwrap!(entry.enc, {}).catch((thrown: unknown) => thrown)) as Error;
		expect(failure).toMatchObject({ outcome: "failed" });
		expect(failure.message).toContain("the function for identity 2 failed (Error)");
		expect(inspect(failure, { showHidden: true, depth: Infinity })).not.toContain(identity);
		expect(await Promise.all([1, 2].map(() => mine.unwrap!(entry.enc, {})))).toEqual([part, part]);
		expect(await mine.unwrap!(entry.enc, {})).toEqual(part);
		expect(calls).toBe(2);
		for (const [content, reason] of [
			[1, "gave neither text nor bytes"],
			["", "has no identity in it"],
			["hunter2", "line 1 of the function for identity 1: not an age identity"],
		] as const) {
			const work = age({ identities: () => content as string }).masterKey(entry.ref)!.unwrap!(entry.enc, {});
			await expect(work).rejects.toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining(reason),
			});
		}
	});

	it("leave a function alone when all who wait have aborted", async () => {
		const abort = new AbortController();
		let calls = 0;
		const never = () => {
			calls++;
			return new Promise<string>(() => {});
		};
		const mine = age({ identities: never }).masterKey(entry.ref)!;
		const works = [1, 2].map(() => mine.unwrap!(entry.enc, { signal: abort.signal }));
		setTimeout(() => abort.abort(), 20);
		for (const work of works) await expect(work).rejects.toMatchObject({ outcome: "aborted" });
		expect(calls).toBe(1);
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
