import { inspect } from "node:util";
import { decryptDocument, isSopsError } from "@sopskit/core";
import * as openpgp from "openpgp";
import { describe, expect, it } from "vitest";
import { generatePgpKey, pgp, pgpRecipient, pgpRecipients, pgpRef, pgpRefs } from "../src/index.ts";
import { SOPS_ENTRIES } from "./sops-entry.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const [first, second] = [await generatePgpKey(), await generatePgpKey()];
const privateKey = await openpgp.readPrivateKey({ armoredKey: first.privateKey });

const wrapFor = async (publicKey: string): Promise<string> => (await pgpRecipient(publicKey)).wrap!(part, {});
const enc = await wrapFor(first.publicKey);
const secondBinary = (await openpgp.readPrivateKey({ armoredKey: second.privateKey })).write();
const open = (options: Parameters<typeof pgp>[0], text = enc, fp = first.fingerprint) =>
	pgp(options).masterKey(pgpRef(fp))!.unwrap!(text, {});

describe("the forms of keys", () => {
	it.each([
		["an armored text", first.privateKey],
		["a text with words around it", `My key:\n\n${first.privateKey}\nbye`],
		["a text of several keys", second.privateKey + first.privateKey],
		["public and private keys in one", first.publicKey + second.publicKey + first.privateKey],
		["lines that end in CRLF", first.privateKey.replaceAll("\n", "\r\n")],
		["several texts", [second.privateKey, first.privateKey]],
		["binary", privateKey.write()],
		["a Buffer of armored text", Buffer.from(first.privateKey)],
		["binary, several keys", Buffer.concat([secondBinary, privateKey.write()])],
	])("%s", async (_, privateKeys) => {
		expect(await open({ privateKeys })).toEqual(part);
	});

	it.each([
		["", "it is empty"],
		["hunter2hunter2", "it is a single line; give the content"],
		["hunter2\nhunter2", "there is no armored OpenPGP key in it"],
		[first.privateKey.slice(0, -30), "has no end"],
		[first.publicKey, "it holds public keys only"],
		[enc, "it is an encrypted message"],
		["AGE-SECRET-KEY-1QQQ", "age identity"],
		[new Uint8Array(), "it is empty"],
		[new Uint8Array([0, 0, 0, 32, 1, 1, 0, 2, 0x4b, 0x42, 0x58, 0x66]), "keybox"],
		[new Uint8Array([0xd2, 1, 1]), "does not begin with an OpenPGP key"],
	])("refuses %#", (text, reason) => {
		let thrown: unknown;
		try {
			pgp({ privateKeys: [first.privateKey, text] });
		} catch (error) {
			thrown = error;
		}
		if (!isSopsError(thrown, "key-invalid")) throw new Error("must be key-invalid");
		expect(thrown.details).toEqual({
			type: "pgp",
			reason: expect.stringMatching(new RegExp(`^private key text 2: .*${reason}`)),
		});
		if (typeof text === "string" && text.length > 10)
			expect(inspect(thrown, { showHidden: true, depth: Infinity })).not.toContain(text.slice(0, 60));
	});

	it("refuses a private key where public ones belong", async () => {
		expect(() => pgp({ publicKeys: first.privateKey })).toThrow("it holds a private key");
		await expect(pgpRecipient(first.privateKey)).rejects.toMatchObject({ code: "key-invalid" });
	});

	it("says on first use that the packets of a key are damaged", async () => {
		const lines = first.privateKey.split("\n");
		const broken = [...lines.slice(0, 3), ...lines.slice(4)].join("\n");
		await expect(open({ privateKeys: [second.privateKey, broken] })).rejects.toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("private key text 2"),
		});
		const publicLines = first.publicKey.split("\n");
		const brokenPublic = [...publicLines.slice(0, 2), ...publicLines.slice(3)].join("\n");
		await expect(pgpRecipient(brokenPublic)).rejects.toMatchObject({ code: "key-invalid" });
	});

	it("refuses unknown options, and options that are none", () => {
		expect(() => pgp({ privateKey: "" } as never)).toThrow(
			'pgp() does not know the option "privateKey". It knows: privateKeys, publicKeys, passphrase.',
		);
		for (const wrong of [null, "x", [], 1])
			expect(() => pgp(wrong as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
		expect(() => pgp({ privateKeys: 7 as never })).toThrow(
			expect.objectContaining({ code: "argument-invalid" }),
		);
		expect(() => pgp({ passphrase: 7 as never })).toThrow(
			expect.objectContaining({ code: "argument-invalid" }),
		);
	});

	it("gives a provider that leads to no key, before and after use", async () => {
		const provider = pgp({ privateKeys: first.privateKey, passphrase: "open sesame" });
		const secrets = ["open sesame", first.privateKey.split("\n")[3]!];
		const look = () => {
			const shown = inspect([provider, provider.masterKey(pgpRef(first.fingerprint))], {
				showHidden: true,
				depth: Infinity,
			});
			for (const secret of secrets) expect(shown).not.toContain(secret);
		};
		look();
		await provider.masterKey(pgpRef(first.fingerprint))!.unwrap!(enc, {});
		look();
	});
});

describe("public keys", () => {
	it("wrap by fingerprint", async () => {
		const provider = pgp({ publicKeys: [second.publicKey, first.publicKey] });
		const wrapped = await provider.masterKey(pgpRef(first.fingerprint))!.wrap!(part, {});
		expect(await open({ privateKeys: first.privateKey }, wrapped)).toEqual(part);
		expect(await provider.masterKey(pgpRef(first.fingerprint))!.unwrap!(wrapped, {})).toEqual({
			notMine: expect.stringContaining("none was given"),
		});
	});

	it("give one master key each", async () => {
		const keys = await pgpRecipients([first.publicKey + second.publicKey, first.publicKey]);
		expect(keys.map(({ ref }) => ref.id)).toEqual([first.fingerprint, second.fingerprint]);
		expect(keys[0]!.ref.fields).toEqual({ fp: first.fingerprint });
		expect(keys[0]!.unwrap).toBeUndefined();
		await expect(pgpRecipient(first.publicKey + second.publicKey)).rejects.toThrow("2 keys");
		await expect(pgpRecipient([first.publicKey] as never)).rejects.toMatchObject({
			code: "argument-invalid",
		});
		await expect(pgpRecipients(undefined as never)).rejects.toMatchObject({ code: "argument-invalid" });
	});

	it("that are not there are named, with what to do", async () => {
		const key = pgp({ publicKeys: first.publicKey }).masterKey(pgpRef(second.fingerprint))!;
		await expect(key.wrap!(part, {})).rejects.toMatchObject({
			outcome: "misconfigured",
			message: `no public key for ${second.fingerprint}; pass it as publicKeys`,
		});
	});
});

describe("fingerprints", () => {
	it("are refs with their spaces removed, and nothing else", () => {
		expect(pgpRef("85D7 7543 B3D6 24B6 3CEA  9E6D BC17 301B 491B 3F21")).toEqual({
			type: "pgp",
			id: "85D77543B3D624B63CEA9E6DBC17301B491B3F21",
			fields: { fp: "85D77543B3D624B63CEA9E6DBC17301B491B3F21" },
		});
		expect(pgpRef("0xbc17301b491b3f21!").id).toBe("0xbc17301b491b3f21!");
		expect(pgpRefs(" ")).toEqual([]);
		expect(pgpRefs(`${first.fingerprint}, ${second.fingerprint}`).map(({ id }) => id)).toEqual([
			first.fingerprint,
			second.fingerprint,
		]);
	});

	it.each([
		["", "the fp is empty"],
		["491B3F21", "short key id"],
		["ann@example.org", "mail address"],
		["85D77543B3D624B63CEA9E6DBC17301B491B3F2", "40 hexadecimal digits"],
		["1.2345678901234568e+39", "must be in quotes in YAML"],
		["+Inf", "must be in quotes in YAML"],
	])("%j is refused", (text, reason) => {
		expect(() => pgpRef(text)).toThrow(reason);
		expect(() => pgpRefs(`${first.fingerprint},${text}`)).toThrow(
			expect.objectContaining({ code: "key-invalid" }),
		);
	});

	it("must be texts", () => {
		expect(() => pgpRef(1234 as never)).toThrow("put it in quotes");
		expect(() => pgpRefs(undefined as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
	});

	it("that became a number in YAML are explained", async () => {
		const entry = SOPS_ENTRIES.throughGo.entry;
		const file = (fp: string): string =>
			[
				"a: ENC[AES256_GCM,data:0Q==,iv:bzDDY2STtfoIYySHA7wIhkGZw2MfBzFobn7sqD9dLbM=,tag:mv4Ww4HSDh9ryKlrYRBwAw==,type:int]",
				"sops:",
				'    lastmodified: "2026-11-23T07:01:08Z"',
				'    mac: ""',
				"    pgp:",
				'        - created_at: "2026-11-23T07:01:08Z"',
				"          enc: |-",
				...entry.enc.split("\n").map((line) => `            ${line}`.trimEnd()),
				`          fp: ${fp}`,
				"    version: 3.13.3",
				"",
			].join("\n");
		for (const fp of [
			"1234567890123456789012345678901234567890",
			"12345678901234567890123456789012345678e9",
		]) {
			const failure = await decryptDocument(file(fp), {
				format: "yaml",
				providers: [pgp({ privateKeys: first.privateKey })],
			}).catch((error: unknown) => error);
			if (!isSopsError(failure, "data-key-unavailable")) throw failure;
			expect(failure.details.attempts[0]!.hint).toContain("must be in quotes in YAML");
		}
	});

	it("with a trailing ! name one subkey", async () => {
		const { privateKey: one } = await openpgp.generateKey({
			type: "ecc",
			curve: "curve25519Legacy",
			userIDs: { name: "two" },
			date: new Date("2026-01-01"),
			format: "object",
		});
		const two = await one.addSubkey({ type: "ecc", curve: "nistP256", date: new Date("2026-02-01") });
		const primary = two.getFingerprint();
		const [older, newer] = two.subkeys as [openpgp.Subkey, openpgp.Subkey];
		const provider = pgp({ privateKeys: two.write() });
		const recipientOf = async (fp: string): Promise<string> => {
			const wrapped = await provider.masterKey(pgpRef(fp))!.wrap!(part, {});
			const message = await openpgp.readMessage({ armoredMessage: wrapped });
			return message.getEncryptionKeyIDs()[0]!.toHex();
		};
		expect(await recipientOf(`${older.getFingerprint()}!`)).toBe(older.getKeyID().toHex());
		expect(await recipientOf(`${older.getKeyID().toHex()}!`)).toBe(older.getKeyID().toHex());
		expect(await recipientOf(`${newer.getFingerprint()}!`)).toBe(newer.getKeyID().toHex());
		// The newest, as the reference.
		expect(await recipientOf(older.getFingerprint())).toBe(newer.getKeyID().toHex());
		expect(await recipientOf(primary)).toBe(newer.getKeyID().toHex());
		// Whichever subkey a message names.
		for (const fp of [`${older.getFingerprint()}!`, primary]) {
			const key = provider.masterKey(pgpRef(fp))!;
			expect(await key.unwrap!(await key.wrap!(part, {}), {})).toEqual(part);
		}
		await expect(recipientOf(`${primary}!`)).rejects.toMatchObject({
			outcome: "refused",
			message: expect.stringContaining("asks for this key alone"),
		});
	});
});

describe("generatePgpKey()", () => {
	it("refuses what it does not know", async () => {
		for (const [options, code] of [
			[{ type: "rsa" }, "argument-invalid"],
			[{ name: "two\nlines" }, "argument-invalid"],
			[{ name: "" }, "argument-invalid"],
			[{ name: "Ann <ann@example.org>" }, "argument-invalid"],
			[{ email: "ann" }, "argument-invalid"],
			[{ passphrase: "x" }, "option-unknown"],
		] as const) {
			await expect(generatePgpKey(options as never)).rejects.toMatchObject({ code });
		}
	});
});
