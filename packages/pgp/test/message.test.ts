import { decryptDocument, encryptDocument } from "@sopskit/core";
import { describeGnupg } from "@sopskit/reference/gnupg";
import * as openpgp from "openpgp";
import { describe, expect, it } from "vitest";
import { generatePgpKey, pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg } from "../src/node.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const mine = await generatePgpKey();
const theirs = await generatePgpKey();
const publicKey = await openpgp.readKey({ armoredKey: mine.publicKey });
const stranger = await openpgp.readKey({ armoredKey: theirs.publicKey });
const ref = pgpRef(mine.fingerprint);
const key = pgp({ privateKeys: mine.privateKey }).masterKey(ref)!;

const { enums } = openpgp;
const literal = () => openpgp.createMessage({ binary: part });
async function armored(packets: openpgp.PacketList<openpgp.AnyPacket>): Promise<string> {
	const text: unknown = openpgp.armor(
		...([enums.armor.message, packets.write(), undefined, undefined, undefined, true] as const),
	);
	// AEAD packets are written as a stream of the library's own.
	if (typeof text === "string") return text;
	return (text as { readToEnd(join: (parts: string[]) => string): Promise<string> }).readToEnd((parts) =>
		parts.join(""),
	);
}

/** A message whose data packet is made here, of a kind that openpgp reads and does not write itself. */
async function messageOf(
	dataPacket: (
		sessionKey: Uint8Array,
		content: openpgp.PacketList<openpgp.AnyPacket>,
	) => Promise<openpgp.AnyPacket>,
): Promise<string> {
	const sessionKey = crypto.getRandomValues(new Uint8Array(32));
	const message = await openpgp.encryptSessionKey({
		data: sessionKey,
		algorithm: "aes256",
		encryptionKeys: publicKey,
		format: "object",
	});
	const packets = message.packets;
	packets.push(await dataPacket(sessionKey, (await literal()).packets));
	return armored(packets);
}

/** The AEAD packet of GnuPG 2.3 and later (tag 20). */
const aead = (mode: openpgp.enums.aead): Promise<string> =>
	messageOf(async (sessionKey, content) => {
		const packet = Object.assign(new openpgp.AEADEncryptedDataPacket(), {
			aeadAlgorithm: mode,
			cipherAlgorithm: enums.symmetric.aes256,
			packets: content,
		});
		await (packet as never as { encrypt(...args: unknown[]): Promise<void> }).encrypt(
			enums.symmetric.aes256,
			sessionKey,
			openpgp.config,
		);
		return packet;
	});

/** Encrypted as before 2000 (tag 9): nobody notices a change. */
const withoutIntegrity = (): Promise<string> =>
	messageOf(async (sessionKey, content) => {
		const packet = Object.assign(new openpgp.SymmetricallyEncryptedDataPacket(), { packets: content });
		await (packet as never as { encrypt(...args: unknown[]): Promise<void> }).encrypt(
			enums.symmetric.aes256,
			sessionKey,
			openpgp.config,
		);
		return packet;
	});

describe("the forms of messages that are read", () => {
	const encrypt = async (options: object): Promise<string> =>
		(await openpgp.encrypt({ message: await literal(), encryptionKeys: publicKey, ...options })) as string;
	const compressed = (preferredCompressionAlgorithm: openpgp.enums.compression) => async () => {
		const { privateKey } = mine;
		// A message is compressed only for keys that ask for it.
		const reformatted = await openpgp.reformatKey({
			privateKey: await openpgp.readPrivateKey({ armoredKey: privateKey }),
			userIDs: { name: "zip" },
			format: "object",
			config: { preferredCompressionAlgorithm },
		});
		return encrypt({ encryptionKeys: reformatted.publicKey, config: { preferredCompressionAlgorithm } });
	};
	const forms: Readonly<Record<string, () => Promise<string>>> = {
		"SEIPD version 1": () => encrypt({}),
		"SEIPD version 2, OCB": async () => {
			const sessionKey = {
				data: crypto.getRandomValues(new Uint8Array(32)),
				algorithm: "aes256",
				aeadAlgorithm: "ocb",
			};
			return encrypt({ sessionKey });
		},
		"AEAD packet of GnuPG 2.3, OCB": () => aead(enums.aead.ocb),
		"AEAD packet of GnuPG 2.3, EAX": () => aead(enums.aead.eax),
		"compressed with ZIP": compressed(enums.compression.zip),
		"compressed with ZLIB": compressed(enums.compression.zlib),
		"a hidden recipient": () => encrypt({ wildcard: true }),
		"several hidden recipients": () => encrypt({ encryptionKeys: [stranger, publicKey], wildcard: true }),
		"several recipients, ours last": () => encrypt({ encryptionKeys: [stranger, publicKey] }),
		"a recipient and a passphrase": () => encrypt({ passwords: "shared" }),
		"signed by somebody": async () =>
			encrypt({ signingKeys: await openpgp.readPrivateKey({ armoredKey: theirs.privateKey }) }),
		"header fields, as old programs wrote them": () =>
			encrypt({ config: { showVersion: true, showComment: true } }),
		"line feeds at the end": async () => `${await encrypt({})}\n\n`,
		"lines that end in CRLF": async () => (await encrypt({})).replaceAll("\n", "\r\n"),
		"no line feed at the end": async () => (await encrypt({})).trimEnd(),
	};
	it.each(Object.keys(forms))("%s", async (form) => {
		expect(await key.unwrap!(await forms[form]!(), {})).toEqual(part);
	});
});

describe("what is no sound message", () => {
	const damaged = (message: string) => ({ outcome: "damaged", message: expect.stringContaining(message) });

	it("a message in clear is not believed", async () => {
		const enc = (await literal()).armor();
		await expect(key.unwrap!(enc, {})).rejects.toMatchObject(damaged("not encrypted"));
	});

	it("a message without protection of its integrity is not believed", async () => {
		await expect(key.unwrap!(await withoutIntegrity(), {})).rejects.toMatchObject(damaged("integrity"));
	});

	it("a message for a passphrase is not one for a key", async () => {
		const enc = await openpgp.encrypt({ message: await literal(), passwords: "p" });
		await expect(key.unwrap!(enc as string, {})).rejects.toMatchObject(damaged("passphrase"));
	});

	it("a message with nothing in it is an error, not an empty data key", async () => {
		const message = await openpgp.createMessage({ binary: new Uint8Array() });
		const enc = (await openpgp.encrypt({ message, encryptionKeys: publicKey })) as string;
		await expect(key.unwrap!(enc, {})).rejects.toMatchObject(damaged("holds nothing"));
	});

	it("a message with anything but a data key in it is damaged, to the caller of an operation", async () => {
		const keyGroups = [[await pgpRecipient(mine.publicKey)]];
		const { text } = await encryptDocument('{ "a": 1 }', { format: "json", keyGroups });
		const file = JSON.parse(text);
		for (const length of [1, 31, 33, 64]) {
			file.sops.pgp[0].enc = await keyGroups[0]![0]!.wrap!(new Uint8Array(length), {});
			const providers = [pgp({ privateKeys: mine.privateKey })];
			const failure = await decryptDocument(JSON.stringify(file), { format: "json", providers }).catch(
				(error: unknown) => error,
			);
			expect(failure).toMatchObject({
				code: "data-key-unavailable",
				details: { attempts: [{ outcome: "damaged", hint: expect.stringContaining(`${length} bytes`) }] },
			});
		}
	});

	it.each(["public", "private"] as const)("a %s key in the place of a message", async (half) => {
		await expect(key.unwrap!(mine[`${half}Key`], {})).rejects.toMatchObject(damaged("not an armored"));
	});

	it("a message that inflates without end is not inflated", async () => {
		const reformatted = await openpgp.reformatKey({
			privateKey: await openpgp.readPrivateKey({ armoredKey: mine.privateKey }),
			userIDs: { name: "zip" },
			format: "object",
			config: { preferredCompressionAlgorithm: enums.compression.zlib },
		});
		const enc = (await openpgp.encrypt({
			message: await openpgp.createMessage({ binary: new Uint8Array(10_000_000) }),
			encryptionKeys: reformatted.publicKey,
			config: { preferredCompressionAlgorithm: enums.compression.zlib },
		})) as string;
		expect(enc.length).toBeLessThan(100_000);
		await expect(key.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "damaged" });
	});

	it("for somebody else: wrong-key where the fp is ours, and not ours where it is not", async () => {
		const enc = await (await pgpRecipient(theirs.publicKey)).wrap!(part, {});
		const keyId = stranger.subkeys[0]!.getKeyID().toHex().toUpperCase();
		await expect(key.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "wrong-key",
			message: expect.stringContaining(keyId),
		});
		const other = pgp({ privateKeys: mine.privateKey }).masterKey(pgpRef(theirs.fingerprint))!;
		expect(await other.unwrap!(enc, {})).toEqual({ notMine: expect.stringContaining(theirs.fingerprint) });
	});
});

describeGnupg("beside gpg", (newHome) => {
	const home = newHome();
	const fingerprint = home.generate({ name: "of-gpg", primary: "ed25519", subkey: "cv25519" });
	const key = pgp({ privateKeys: home.exportPrivate(fingerprint) }).masterKey(pgpRef(fingerprint))!;
	const options = { home: home.path, environment: { PATH: process.env.PATH } };
	const throughGpg = gpg(options).masterKey(pgpRef(fingerprint))!;

	it.each([
		[[]],
		[["--throw-keyids"]],
		[["--cipher-algo", "AES192"]],
		[["--cipher-algo", "3DES"]],
		[["--compress-algo", "bzip2"]],
		[["--compress-algo", "none"]],
		[["--comment", "hello", "--emit-version"]],
	])("reads what gpg writes with %j", async (options) => {
		const args = [...options, "--trust-model", "always", "-ear", fingerprint];
		const enc = home.gpg(args, part).toString("latin1");
		expect(await throughGpg.unwrap!(enc, {})).toEqual(part);
		expect(await key.unwrap!(enc, {})).toEqual(part);
	});

	it("does not believe through gpg either what is in clear, or not protected", async () => {
		const clear = (await literal()).armor();
		expect(new Uint8Array(home.gpg(["-d"], clear))).toEqual(part); // gpg itself takes it
		await expect(throughGpg.unwrap!(clear, {})).rejects.toMatchObject({ outcome: "damaged" });
		const enc = await withoutIntegrity();
		home.gpg(["--import"], mine.privateKey);
		const ours = gpg(options).masterKey(ref)!;
		await expect(ours.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "damaged" });
	});
});
