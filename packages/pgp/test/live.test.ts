import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decryptDocument, encryptDocument, type KeyProvider } from "@sopskit/core";
import { describeGnupg, type GnupgHome } from "@sopskit/reference/gnupg";
import { describeReference } from "@sopskit/reference/suite";
import { generateKey } from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import { generatePgpKey, pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg, pgpKeyring } from "../src/node.ts";
import { generateKind, KEY_KINDS, type KeyKind } from "./key-kinds.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const kinds = Object.keys(KEY_KINDS) as KeyKind[];

describeGnupg("with the real gpg", (newHome) => {
	let home: GnupgHome;
	beforeAll(() => {
		home = newHome();
	});

	describe.each(kinds)("%s", (kind) => {
		let fingerprint: string;
		let inProcess: KeyProvider;
		beforeAll(() => {
			fingerprint = generateKind(home, kind);
			inProcess = pgp({ privateKeys: home.exportPrivate(fingerprint) });
		});

		it("unwraps what gpg wrapped, and the other way round", async () => {
			const key = inProcess.masterKey(pgpRef(fingerprint))!;
			const theirs = home.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
			expect(await key.unwrap!(theirs, {})).toEqual(part);
			const recipient = await pgpRecipient(home.exportPublic(fingerprint));
			expect(recipient.ref.id).toBe(fingerprint);
			const ours = await recipient.wrap!(part, {});
			expect(new Uint8Array(home.gpg(["-d"], ours))).toEqual(part);
			expect(await key.unwrap!(ours, {})).toEqual(part);
		});

		it("unwraps and wraps through gpg too, each reading the other", async () => {
			const key = gpg({ environment: home.environment }).masterKey(pgpRef(fingerprint))!;
			const enc = await key.wrap!(part, {});
			expect(await key.unwrap!(enc, {})).toEqual(part);
			const same = inProcess.masterKey(pgpRef(fingerprint))!;
			expect(await same.unwrap!(enc, {})).toEqual(part);
			expect(await key.unwrap!(await same.wrap!(part, {}), {})).toEqual(part);
		});

		it("finds damage, in both ways", async () => {
			const same = inProcess.masterKey(pgpRef(fingerprint))!;
			const enc = await same.wrap!(part, {});
			const last = enc.split("\n").at(-3)!;
			const damaged = enc.replace(last, `${last[0] === "A" ? "B" : "A"}${last.slice(1)}`);
			for (const provider of [inProcess, gpg({ environment: home.environment })]) {
				const key = provider.masterKey(pgpRef(fingerprint))!;
				await expect(key.unwrap!(damaged, {})).rejects.toMatchObject({ outcome: "damaged" });
			}
		});
	});

	it("says that a key on a curve that openpgp cannot check on Node is for gpg, which then does it", async () => {
		const fingerprint = home.generate({
			name: "brainpool",
			primary: "brainpoolP256r1",
			subkey: "brainpoolP256r1",
		});
		const privateKeys = home.exportPrivate(fingerprint);
		const key = pgp({ privateKeys }).masterKey(pgpRef(fingerprint))!;
		const enc = await gpg({ environment: home.environment }).masterKey(pgpRef(fingerprint))!.wrap!(part, {});
		const failure = { outcome: "misconfigured", message: expect.stringContaining("brainpoolP256r1") };
		await expect(key.unwrap!(enc, {})).rejects.toMatchObject(failure);
		await expect(key.wrap!(part, {})).rejects.toMatchObject(failure);
		const both = pgpKeyring({ environment: home.environment, privateKeys }).masterKey(pgpRef(fingerprint))!;
		expect(await both.unwrap!(enc, {})).toEqual(part);
		expect(await both.unwrap!(await both.wrap!(part, {}), {})).toEqual(part);
	});

	it.each(["curve25519", "rsa4096"] as const)("makes keys that gpg takes for its own: %s", async (type) => {
		const fresh = newHome();
		const made = await generatePgpKey({ type, name: "Ann Example", email: "ann@example.org" });
		fresh.gpg(["--import"], made.privateKey);
		const listing = fresh.gpg(["--with-colons", "--list-secret-keys", made.fingerprint]).toString();
		const [primary, ...subkeys] = listing.split("\n").filter((line) => /^(?:sec|ssb):/.test(line));
		const field = (line: string, number: number): string => line.split(":")[number]!;
		// Length, algorithm, no day of expiry, what it may do (doc/DETAILS of GnuPG).
		const of = (line: string) => [2, 3, 6, 11].map((number) => field(line, number));
		const expected = type === "rsa4096" ? ["4096", "1"] : ["255", "22"];
		expect(of(primary!).slice(0, 3)).toEqual([...expected, ""]);
		expect(field(primary!, 11)).toMatch(/^.*sc.*ESC/i);
		const encrypting = type === "rsa4096" ? ["4096", "1"] : ["255", "18"];
		expect(subkeys.map(of)).toEqual([[...encrypting, "", "e"]]);
		expect(listing).toContain("Ann Example <ann@example.org>");
		expect(fresh.fingerprints("ann@example.org")[0]).toBe(made.fingerprint);

		const enc = fresh.gpg(["--trust-model", "always", "-ear", made.fingerprint], part).toString("latin1");
		const key = pgp({ privateKeys: made.privateKey }).masterKey(pgpRef(made.fingerprint))!;
		expect(await key.unwrap!(enc, {})).toEqual(part);
		const ours = await (await pgpRecipient(made.publicKey)).wrap!(part, {});
		expect(new Uint8Array(fresh.gpg(["-d"], ours))).toEqual(part);
	});
});

describeReference("with the real sops", ({ runSops }) => {
	describeGnupg("and gpg", (newHome) => {
		let home: GnupgHome;
		/** A home that has ring files and no gpg: the reference uses its Go library. */
		let rings: GnupgHome;
		const withoutGpg = () => ({ ...rings.environment, SOPS_GPG_EXEC: join(rings.path, "no-gpg") });
		beforeAll(() => {
			home = newHome();
			rings = newHome();
		});

		/** Keys of every kind, made by gpg, by us, and in the new form of Curve25519, which gpg 2.2 does not read. */
		const sources: Readonly<Record<string, () => Promise<{ privateKey: string; gpgReads: boolean }>>> = {
			...Object.fromEntries(
				kinds.map((kind) => [
					kind,
					async () => ({ privateKey: home.exportPrivate(generateKind(home, kind)), gpgReads: true }),
				]),
			),
			"Curve25519 of ours": async () => ({ ...(await generatePgpKey()), gpgReads: true }),
			"RSA 4096 of ours": async () => ({ ...(await generatePgpKey({ type: "rsa4096" })), gpgReads: true }),
			"Curve25519 in the new form": async () => {
				const { privateKey } = await generateKey({ type: "curve25519", userIDs: { name: "new" } });
				return { privateKey, gpgReads: false };
			},
			"a key that asks for AEAD": async () => {
				const { privateKey } = await generateKey({
					type: "ecc",
					curve: "curve25519Legacy",
					userIDs: { name: "aead" },
					config: { aeadProtect: true },
				});
				return { privateKey, gpgReads: true };
			},
			"a key of version 6": async () => {
				const config = { v6Keys: true, aeadProtect: true };
				const { privateKey } = await generateKey({ type: "curve25519", userIDs: { name: "six" }, config });
				return { privateKey, gpgReads: false };
			},
		};

		describe.each(Object.keys(sources))("%s", (kind) => {
			let fingerprint: string;
			let ways: (readonly [name: string, environment: Readonly<Record<string, string>>])[];
			let provider: KeyProvider;
			let publicKey: string;
			beforeAll(async () => {
				const { readKey } = await import("openpgp");
				const { privateKey, gpgReads } = await sources[kind]!();
				const key = await readKey({ armoredKey: privateKey });
				fingerprint = key.getFingerprint().toUpperCase();
				publicKey = key.toPublic().armor();
				rings.writeRings(key.toPublic().write(), key.write());
				if (gpgReads) home.gpg(["--import"], privateKey);
				provider = pgp({ privateKeys: privateKey });
				ways = [["Go", withoutGpg()], ...(gpgReads ? [["gpg", home.environment] as const] : [])];
			});

			it("reads what sops wrote, and sops reads ours", async () => {
				for (const [name, env] of ways) {
					const plain = join(rings.path, "plain.json");
					writeFileSync(plain, '{ "hello": "world" }');
					const { stdout, stderr } = await runSops(["-e", "--pgp", fingerprint, plain], { env });
					expect([name, stderr]).toEqual([name, ""]);
					const theirs = JSON.parse(stdout).sops.pgp[0];
					expect(theirs.fp).toBe(fingerprint);
					const { data } = await decryptDocument(stdout, { format: "json", providers: [provider] });
					expect(data).toEqual({ hello: "world" });

					const keyGroups = [[await pgpRecipient(publicKey)]];
					const { text } = await encryptDocument('{ "hello": "you" }', { format: "json", keyGroups });
					const path = join(rings.path, "ours.json");
					writeFileSync(path, text);
					const decrypted = await runSops(["-d", path], { env });
					expect([name, decrypted.status, decrypted.stdout]).toEqual([name, 0, '{\n\t"hello": "you"\n}\n']);

					const ours = JSON.parse(text).sops.pgp[0];
					expect(Object.keys(ours)).toEqual(Object.keys(theirs));
					expect(ours.fp).toBe(theirs.fp);
					expect(shapeOf(ours.enc)).toBe(shapeOf(theirs.enc));
				}
			});
		});

		it("reads and writes files of several groups, of which the parts have 33 bytes", async () => {
			const [first, second] = [await generatePgpKey(), await generatePgpKey()];
			for (const { privateKey } of [first, second]) home.gpg(["--import"], privateKey);
			const keyGroups = await Promise.all(
				[first, second].map(async (key) => [await pgpRecipient(key.publicKey)]),
			);
			const { text } = await encryptDocument("a: 1\n", { format: "yaml", keyGroups });
			const path = join(rings.path, "groups.yaml");
			writeFileSync(path, text);
			expect((await runSops(["-d", path], { env: home.environment })).stdout).toBe("a: 1\n");
			const rotated = await runSops(["rotate", path], { env: home.environment });
			const providers = [pgp({ privateKeys: [first.privateKey, second.privateKey] })];
			expect((await decryptDocument(rotated.stdout, { format: "yaml", providers })).text()).toBe("a: 1\n");
		});

		it("takes the forms of fp that sops takes", async () => {
			const { privateKey, fingerprint } = await generatePgpKey();
			home.gpg(["--import"], privateKey);
			const [primary, subkey] = home.fingerprints(fingerprint) as [string, string];
			const keyId = primary.slice(-16);
			const spaced = primary.replace(/(.{4})/g, "$1 ").trim();
			const plain = join(rings.path, "forms.yaml");
			writeFileSync(plain, "a: 1\n");
			for (const form of [
				...[primary, primary.toLowerCase(), spaced, keyId, `0x${primary}`],
				...[`${subkey}!`, `${subkey.slice(-16)}!`, subkey],
			]) {
				const { stdout, stderr } = await runSops(["-e", "--pgp", form, plain], { env: home.environment });
				expect([form, stderr]).toEqual([form, ""]);
				const unspaced = form.replaceAll(" ", "");
				expect([form, stdout.includes(`fp: ${unspaced}\n`)]).toEqual([form, true]);
				for (const provider of [pgp({ privateKeys: privateKey }), gpg({ environment: home.environment })]) {
					expect((await decryptDocument(stdout, { format: "yaml", providers: [provider] })).text()).toBe(
						"a: 1\n",
					);
					const key = provider.masterKey(pgpRef(form))!;
					expect(key.ref).toEqual({ type: "pgp", id: unspaced, fields: { fp: unspaced } });
					const { text } = await encryptDocument("b: 2\n", { format: "yaml", keyGroups: [[key]] });
					writeFileSync(plain, text);
					expect((await runSops(["-d", plain], { env: home.environment })).stdout).toBe("b: 2\n");
					writeFileSync(plain, "a: 1\n");
				}
			}
		});
	});
});

/** What armor looks like apart from its length: the lines around the body, its columns, its end. */
function shapeOf(enc: string): string {
	const lines = enc.split("\n");
	const body = lines.slice(2, -2);
	const even = body.slice(0, -1).every((line) => line.length === 64);
	return JSON.stringify([
		lines[0],
		lines[1],
		even,
		lines.at(-2)!.replace(/[A-Za-z0-9+/]/g, "A"),
		lines.at(-1),
	]);
}
