import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isKeyError, type KeyProvider } from "@sopskit/core";
import { describeGnupg } from "@sopskit/reference/gnupg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generatePgpKey, pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { privateKeyring } from "../src/node.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const [mine, theirs] = [await generatePgpKey(), await generatePgpKey()];
const enc = await (await pgpRecipient(mine.publicKey)).wrap!(part, {});

const unwrapWith = (provider: KeyProvider, text = enc) =>
	provider.masterKey(pgpRef(mine.fingerprint))!.unwrap!(text, {});
const wrapWith = (provider: KeyProvider) => provider.masterKey(pgpRef(mine.fingerprint))!.wrap!(part, {});
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
	work.then(
		(value) => ({ value }),
		(error: unknown) => error,
	);

const tick = (): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, 5);
	});

describeGnupg("privateKeyring()", () => {
	/** Short, for the sockets; with nothing in it but what the test makes. */
	let place: string;
	beforeAll(() => {
		place = mkdtempSync("/tmp/sk-");
	});
	afterAll(() => rmSync(place, { recursive: true, force: true }));
	const environment = { PATH: process.env.PATH, HOME: "/nonexistent", GNUPGHOME: "/nonexistent" };

	it("decrypts from a folder of its own that nobody else may enter, and removes it with its agent", async () => {
		const provider = privateKeyring({
			privateKeys: [theirs.privateKey, mine.privateKey],
			environment,
			folder: place,
		});
		expect(readdirSync(place)).toEqual([]);
		const parts = await Promise.all(Array.from({ length: 4 }, () => unwrapWith(provider)));
		expect(parts).toEqual(Array(4).fill(part));
		const [home, ...others] = readdirSync(place);
		expect(others).toEqual([]);
		expect(statSync(join(place, home!)).mode & 0o777).toBe(0o700);
		expect(agentsOf(join(place, home!))).toHaveLength(1);

		await provider.close!();
		expect(readdirSync(place)).toEqual([]);
		while (agentsOf(join(place, home!)).length > 0) await tick();
		expect(await failureOf(unwrapWith(provider))).toMatchObject({ outcome: "misconfigured" });
		await provider.close!();
	});

	it("sees no key but its own", async () => {
		const provider = privateKeyring({ privateKeys: theirs.privateKey, environment, folder: place });
		expect(await unwrapWith(provider)).toEqual({ notMine: expect.stringContaining(mine.fingerprint) });
		await provider.close!();
	});

	it("leaves nothing behind when a key cannot be imported", async () => {
		const lines = mine.privateKey.split("\n");
		const broken = [...lines.slice(0, 3), ...lines.slice(4)].join("\n");
		const provider = privateKeyring({ privateKeys: [mine.privateKey, broken], environment, folder: place });
		const failure = await failureOf(unwrapWith(provider));
		expect(isKeyError(failure) && [failure.outcome, failure.message]).toEqual([
			"misconfigured",
			expect.stringContaining("private key text 2"),
		]);
		expect(readdirSync(place)).toEqual([]);
		await provider.close!();
	});

	it("says that there is no gpg, and leaves nothing behind", async () => {
		const provider = privateKeyring({ privateKeys: mine.privateKey, program: "/nowhere/gpg", folder: place });
		expect(await failureOf(unwrapWith(provider))).toMatchObject({ outcome: "misconfigured" });
		expect(readdirSync(place)).toEqual([]);
	});

	it("refuses a folder whose path is too long for sockets, and other misuse", () => {
		const { privateKey: privateKeys } = mine;
		for (const options of [
			{ privateKeys, folder: `/tmp/${"x".repeat(90)}` },
			{ privateKeys, folder: "relative" },
			{},
			{ privateKeys: [] },
			undefined,
		]) {
			expect(() => privateKeyring(options as never)).toThrow(
				expect.objectContaining({ code: "argument-invalid" }),
			);
		}
		expect(() => privateKeyring({ privateKeys, home: "/x" } as never)).toThrow(
			expect.objectContaining({ code: "option-unknown" }),
		);
		expect(() => privateKeyring({ privateKeys: mine.publicKey })).toThrow("public keys only");
	});

	it("wraps too, for the keys it has", async () => {
		const provider = privateKeyring({ privateKeys: mine.privateKey, environment, folder: place });
		const wrapped = await wrapWith(provider);
		expect(await unwrapWith(pgp({ privateKeys: mine.privateKey }), wrapped)).toEqual(part);
		await provider.close!();
	});
});

/** Agents that work for a home, on systems with a /proc. */
function agentsOf(home: string): string[] {
	return readdirSync("/proc").filter((pid) => {
		if (!/^\d+$/.test(pid)) return false;
		try {
			const line = readFileSync(join("/proc", pid, "cmdline"), "utf8");
			return line.includes("gpg-agent") && line.includes(home);
		} catch {
			return false;
		}
	});
}
