import { inspect } from "node:util";
import { describeGnupg, type GnupgHome } from "@sopskit/reference/gnupg";
import * as openpgp from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import { generatePgpKey, type LockedPgpKey, pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg } from "../src/node.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const [first, second] = [await generatePgpKey(), await generatePgpKey()];
const privateKey = await openpgp.readPrivateKey({ armoredKey: first.privateKey });

const wrapFor = async (publicKey: string): Promise<string> => (await pgpRecipient(publicKey)).wrap!(part, {});
const enc = await wrapFor(first.publicKey);
const open = (options: Parameters<typeof pgp>[0], text = enc, fp = first.fingerprint) =>
	pgp(options).masterKey(pgpRef(fp))!.unwrap!(text, {});

const locked = (await openpgp.encryptKey({ privateKey, passphrase: "correct horse" })).armor();

describe("locked keys", () => {
	it("open with a passphrase, or one from a function that is asked once for each key", async () => {
		expect(await open({ privateKeys: locked, passphrase: "correct horse" })).toEqual(part);
		const asked: LockedPgpKey[] = [];
		const provider = pgp({
			privateKeys: [second.privateKey, locked],
			async passphrase(key) {
				asked.push(key);
				return "correct horse";
			},
		});
		const key = provider.masterKey(pgpRef(first.fingerprint))!;
		const parts = await Promise.all(Array.from({ length: 5 }, () => key.unwrap!(enc, {})));
		expect(parts).toEqual(Array(5).fill(part));
		await provider.masterKey(pgpRef(second.fingerprint))!.unwrap!(await wrapFor(second.publicKey), {});
		expect(asked).toEqual([{ fingerprint: first.fingerprint, userIds: ["sops"] }]);
	});

	it("wrap without it", async () => {
		const key = pgp({ privateKeys: locked }).masterKey(pgpRef(first.fingerprint))!;
		expect(await open({ privateKeys: first.privateKey }, await key.wrap!(part, {}))).toEqual(part);
	});

	it.each([
		["no passphrase", undefined, "misconfigured", "is locked"],
		["an empty one", "", "misconfigured", "is locked"],
		["a wrong one", "wrong donkey", "misconfigured", "does not open"],
		["a function that has none", (): undefined => undefined, "misconfigured", "is locked"],
		[
			"a function that throws",
			(): never => {
				throw new Error("wrong donkey");
			},
			"denied",
			"the callback failed",
		],
	] as const)("stay locked with %s", async (_, passphrase, outcome, message) => {
		const failure = await open({ privateKeys: locked, passphrase }).then(
			() => undefined,
			(error: unknown) => error,
		);
		expect(failure).toMatchObject({ outcome, message: expect.stringContaining(message) });
		expect(inspect(failure, { showHidden: true, depth: Infinity })).not.toContain("donkey");
	});

	it("do not stand in the way of another copy of the same key", async () => {
		const stub = await openpgp.readPrivateKey({ armoredKey: first.privateKey });
		for (const { keyPacket } of stub.getKeys()) (keyPacket as openpgp.SecretKeyPacket).makeDummy();
		for (const other of [locked, stub.armor()]) {
			const passphrase = (): never => {
				throw new Error("must not be asked");
			};
			expect(await open({ privateKeys: [other, first.privateKey], passphrase })).toEqual(part);
			expect(await open({ privateKeys: [first.privateKey, other], passphrase })).toEqual(part);
		}
	});

	it("do not stand in the way of open ones, of a hidden recipient too", async () => {
		const message = await openpgp.createMessage({ binary: part });
		const encryptionKeys = await openpgp.readKey({ armoredKey: second.publicKey });
		const hidden = (await openpgp.encrypt({ message, encryptionKeys, wildcard: true })) as string;
		let asked = 0;
		const passphrase = () => {
			asked += 1;
			return undefined;
		};
		const provider = pgp({ privateKeys: [locked, second.privateKey], passphrase });
		expect(await provider.masterKey(pgpRef(second.fingerprint))!.unwrap!(hidden, {})).toEqual(part);
		expect(asked).toBe(0);
	});
});

describe("keys that are expired, revoked or weak", () => {
	const day = 86_400_000;
	const yesterday = new Date(Date.now() - day);
	const old = { date: new Date("2020-01-01"), keyExpirationTime: 3600 };
	const userIDs = { name: "old" };
	const generate = (
		options: object,
	): Promise<{ privateKey: openpgp.PrivateKey; publicKey: openpgp.PublicKey }> =>
		openpgp.generateKey({ type: "ecc", curve: "curve25519Legacy", userIDs, format: "object", ...options });

	/** A message to a key of today's or of another time. */
	async function encryptedTo(key: openpgp.PublicKey, options: object = {}): Promise<string> {
		const message = await openpgp.createMessage({ binary: part });
		return (await openpgp.encrypt({ message, encryptionKeys: key, ...options })) as string;
	}

	/** Refused for encrypting, with these words, and good for what was encrypted before. */
	async function refusedButReads(key: openpgp.PrivateKey, earlier: string, words: RegExp): Promise<void> {
		const fp = key.getFingerprint().toUpperCase();
		const bound = pgp({ privateKeys: key.armor() }).masterKey(pgpRef(fp))!;
		expect(await bound.unwrap!(earlier, {})).toEqual(part);
		await expect(bound.wrap!(part, {})).rejects.toMatchObject({
			outcome: "refused",
			message: expect.stringMatching(words),
		});
	}

	it("an expired key", async () => {
		const { privateKey, publicKey } = await generate(old);
		const earlier = await encryptedTo(publicKey, { date: new Date("2020-01-01T00:10:00Z") });
		await refusedButReads(privateKey, earlier, /^the key \w{40} expired on 2020-01-01/);
	});

	it("an expired key that was renewed since, with the new public half", async () => {
		const { privateKey } = await generate(old);
		const renewed = await openpgp.reformatKey({ privateKey, userIDs, format: "object" });
		const fp = privateKey.getFingerprint();
		for (const publicKeys of [renewed.publicKey.armor(), [renewed.publicKey.write()]]) {
			const key = pgp({ privateKeys: privateKey.armor(), publicKeys }).masterKey(pgpRef(fp))!;
			expect(await key.unwrap!(await key.wrap!(part, {}), {})).toEqual(part);
		}
	});

	it("a key with an expired subkey", async () => {
		const { privateKey, publicKey } = await generate({
			date: old.date,
			subkeys: [{ keyExpirationTime: 3600 }],
		});
		const earlier = await encryptedTo(publicKey, { date: new Date("2020-01-01T00:10:00Z") });
		await refusedButReads(privateKey, earlier, /has no subkey to encrypt with: .*expired on 2020-01-01/);
	});

	it("a revoked key, also where only another copy of it is revoked", async () => {
		const { privateKey, publicKey } = await generate({ date: yesterday });
		const earlier = await encryptedTo(publicKey);
		const revoked = await openpgp.revokeKey({ key: privateKey, format: "object" });
		await refusedButReads(revoked.privateKey, earlier, /is revoked/);
		const both = pgp({ privateKeys: privateKey.armor(), publicKeys: revoked.publicKey!.armor() });
		const key = both.masterKey(pgpRef(privateKey.getFingerprint()))!;
		await expect(key.wrap!(part, {})).rejects.toMatchObject({ outcome: "refused" });
		expect(await key.unwrap!(earlier, {})).toEqual(part);
	});

	it("a key with a revoked subkey", async () => {
		const { privateKey, publicKey } = await generate({ date: yesterday });
		const earlier = await encryptedTo(publicKey);
		privateKey.subkeys[0] = await privateKey.subkeys[0]!.revoke(
			privateKey.keyPacket as openpgp.SecretKeyPacket,
			{},
			undefined,
			openpgp.config,
		);
		await refusedButReads(privateKey, earlier, /has no subkey to encrypt with: .*is revoked/);
	});

	it("a key without a subkey to encrypt with", async () => {
		const { privateKey } = await generate({ subkeys: [] });
		const key = pgp({ privateKeys: privateKey.armor() }).masterKey(pgpRef(privateKey.getFingerprint()))!;
		await expect(key.wrap!(part, {})).rejects.toMatchObject({ outcome: "refused" });
	});

	it("an RSA key of 1024 bits", async () => {
		const config = { minRSABits: 1024 };
		const { privateKey, publicKey } = await generate({ type: "rsa", rsaBits: 1024, config });
		const earlier = await encryptedTo(publicKey, { config });
		await refusedButReads(privateKey, earlier, /RSA key of 1024 bits/);
	});
});

describeGnupg("keys as gpg exports them", (newHome) => {
	let home: GnupgHome;
	beforeAll(() => {
		home = newHome();
	});

	it("with a passphrase, and with the subkeys alone", async () => {
		const passphrase = "gpg has a pass phrase: ü";
		const options = { primary: "ed25519", subkey: "cv25519" };
		const fingerprint = home.generate({ name: "locked", ...options, passphrase });
		const secret = ["--pinentry-mode", "loopback", "--passphrase", passphrase];
		const sealed = home.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
		for (const what of ["--export-secret-keys", "--export-secret-subkeys"]) {
			const privateKeys = home.gpg([...secret, "--armor", what, fingerprint]).toString("latin1");
			expect(await open({ privateKeys, passphrase }, sealed, fingerprint)).toEqual(part);
			await expect(open({ privateKeys, passphrase: "no" }, sealed, fingerprint)).rejects.toMatchObject({
				outcome: "misconfigured",
			});
		}
	});

	it("without the secret that a message needs, as for a smart card", async () => {
		const fingerprint = home.generate({ name: "stub", primary: "rsa2048", subkey: "rsa2048" });
		const [primary, subkey] = home.fingerprints("stub@example.org") as [string, string];
		const sealed = home.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
		const listing = home
			.gpg(["--with-colons", "--with-keygrip", "--list-secret-keys", fingerprint])
			.toString();
		const grip = [...listing.matchAll(/^grp:+([0-9A-F]+):/gm)][1]![1]!;
		expect(subkey).not.toBe(primary);
		const { rmSync } = await import("node:fs");
		rmSync(`${home.path}/private-keys-v1.d/${grip}.key`);
		const privateKeys = home.exportPrivate(fingerprint);
		await expect(open({ privateKeys }, sealed, fingerprint)).rejects.toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("is not in the key text"),
		});
	});

	it("of DSA and ElGamal: read, and not encrypted to in process", async () => {
		const fingerprint = home.generate({ name: "nineties", primary: "dsa2048", subkey: "elg2048" });
		const sealed = home.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
		const inProcess = pgp({ privateKeys: home.exportPrivate(fingerprint) }).masterKey(pgpRef(fingerprint))!;
		expect(await inProcess.unwrap!(sealed, {})).toEqual(part);
		await expect(inProcess.wrap!(part, {})).rejects.toMatchObject({ outcome: "refused" });
		const throughGpg = gpg({ environment: home.environment }).masterKey(pgpRef(fingerprint))!;
		expect(await inProcess.unwrap!(await throughGpg.wrap!(part, {}), {})).toEqual(part);
	});

	it("expired and revoked, where gpg refuses and reads as we do", async () => {
		const options = { primary: "rsa2048", subkey: "rsa2048" };
		const expired = home.generate({ name: "expired", ...options, expires: "2020-06-01" });
		const then = ["--faked-system-time", "20200102T000000", "--trust-model", "always"];
		const sealed = home.gpg([...then, "-ear", expired], part).toString("latin1");
		const revoked = home.generate({ name: "revoked", ...options });
		const before = home.gpg(["--trust-model", "always", "-ear", revoked], part).toString("latin1");
		const { readFileSync } = await import("node:fs");
		const certificate = readFileSync(`${home.path}/openpgp-revocs.d/${revoked}.rev`, "utf8");
		home.gpg(["--import"], certificate.replace(/^:(?=-----)/gm, ""));
		for (const [fingerprint, message, words] of [
			[expired, sealed, "expired"],
			[revoked, before, "is revoked"],
		] as const) {
			for (const provider of [
				pgp({ privateKeys: home.exportPrivate(fingerprint) }),
				gpg({ environment: home.environment }),
			]) {
				const key = provider.masterKey(pgpRef(fingerprint))!;
				expect(await key.unwrap!(message, {})).toEqual(part);
				await expect(key.wrap!(part, {})).rejects.toMatchObject({
					outcome: "refused",
					message: expect.stringContaining(words),
				});
			}
		}
	});
});
