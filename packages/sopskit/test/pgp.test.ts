import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeGnupg } from "@sopskit/reference/gnupg";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSops, generateIdentity, generatePgpKey, isSopsError, pgpRecipient } from "../src/index.ts";

const mine = await generatePgpKey();
const keyGroups = [[await pgpRecipient(mine.publicKey)]];

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("createSops({ pgp })", () => {
	it("decrypts with private keys, and encrypts to public ones", async () => {
		const sops = createSops({ pgp: { privateKeys: mine.privateKey }, keyGroups });
		const file = await sops.encryptDocument("a: 1\n", { format: "yaml" });
		expect((await sops.decryptDocument(file.text, { format: "yaml" })).data).toEqual({ a: 1 });
		await sops.close();
	});

	it("stands beside age identities", async () => {
		const { identity } = await generateIdentity();
		const { text } = await createSops({ keyGroups }).encryptDocument("a: 1\n", { format: "yaml" });
		const sops = createSops({ identities: identity, pgp: { privateKeys: mine.privateKey } });
		expect((await sops.decryptDocument(text, { format: "yaml" })).data).toEqual({ a: 1 });
	});

	it("refuses what it cannot read at once", () => {
		expect(() => createSops({ pgp: { privateKeys: mine.publicKey } })).toThrow("public keys only");
		expect(() => createSops({ pgp: { keys: "" } as never })).toThrow('does not know the option "keys"');
		expect(() => createSops({ pgp: mine.privateKey as never })).toThrow("must be an object");
		expect(() => createSops({ environment: { SOPS_PGP_FP: "ABCD" } })).toThrow("40 hexadecimal digits");
	});

	it("looks into no keyring and starts no gpg without an environment", async () => {
		const { text } = await createSops({ keyGroups }).encryptDocument("a: 1\n", { format: "yaml" });
		const before = { ...process.env };
		Object.assign(process.env, { GNUPGHOME: folder, SOPS_GPG_EXEC: "/nowhere/gpg" });
		try {
			const other = await generatePgpKey();
			for (const options of [{}, { pgp: { privateKeys: other.privateKey } }]) {
				const failure = await createSops(options)
					.decryptDocument(text, { format: "yaml" })
					.catch((error: unknown) => error);
				if (!isSopsError(failure, "data-key-unavailable")) throw failure;
				expect(failure.message).not.toContain("gpg:");
				expect(failure.details.attempts.map(({ outcome }) => outcome)).toEqual([
					"pgp" in options ? "not-mine" : "no-provider",
				]);
			}
		} finally {
			process.env = before;
		}
	});
});

describeReference("createSops() with an environment, beside sops", (reference) => {
	describeGnupg("and gpg", (newHome) => {
		it("finds the key in the keyring, and encrypts to SOPS_PGP_FP, as sops does", async () => {
			const home = newHome();
			home.gpg(["--import"], mine.privateKey);
			const [first, second] = [
				mine.fingerprint,
				home.generate({ name: "b", primary: "rsa2048", subkey: "rsa2048" }),
			];
			const env = { ...home.environment, SOPS_PGP_FP: `${first},${second}` };
			const sops = createSops({ environment: env });
			const ours = await sops.encryptDocument("a: 1\n", { format: "yaml" });
			const path = join(folder, "ours.yaml");
			writeFileSync(path, ours.text);
			expect((await reference.runSops(["decrypt", path], { env })).stdout).toBe("a: 1\n");

			writeFileSync(path, "a: 2\n");
			const theirs = (await reference.runSops(["encrypt", path], { env })).stdout;
			expect((await sops.decryptDocument(theirs, { format: "yaml" })).data).toEqual({ a: 2 });
			const ids = (text: string) =>
				sops.inspectDocument(text, { format: "yaml" }).groups.map((group) => group.map(({ id }) => id));
			expect(ids(ours.text)).toEqual([[first, second]]);
			expect(ids(theirs)).toEqual(ids(ours.text));
		});

		it("has OpenPGP keys before age recipients, as sops does", async () => {
			const home = newHome();
			home.gpg(["--import"], mine.privateKey);
			const { recipient } = await generateIdentity();
			const env = { ...home.environment, SOPS_PGP_FP: mine.fingerprint, SOPS_AGE_RECIPIENTS: recipient };
			const ours = await createSops({ environment: env }).encryptDocument('{"a": 1}', { format: "json" });
			const path = join(folder, "plain.json");
			writeFileSync(path, '{"a": 1}');
			const theirs = (await reference.runSops(["encrypt", path], { env })).stdout;
			const names = (text: string) => Object.keys(JSON.parse(text).sops);
			expect(names(ours.text)).toEqual(names(theirs));
		});
	});
});
