import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReference } from "@sopskit/reference";
import { describeGnupg, type GnupgHome } from "@sopskit/reference/gnupg";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg } from "../src/node.ts";
import { generateKind, KEY_KINDS, type KeyKind, nameOf } from "./key-kinds.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const kinds = Object.keys(KEY_KINDS) as KeyKind[];

/** The lines of armor, with letters for base64, so that shapes can be compared. */
function shape(enc: string): string[] {
	return enc
		.split("\n")
		.map((line) => (/^[A-Za-z0-9+/=]+$/.test(line) ? line.replace(/[A-Za-z0-9+/]/g, "A") : line));
}

describeGnupg("with the real gpg", (newHome) => {
	let home: GnupgHome;
	beforeAll(() => {
		home = newHome();
	});

	describe.each(kinds)("%s", (kind) => {
		let fingerprint: string;
		beforeAll(() => {
			fingerprint = generateKind(home, kind);
		});

		it("unwraps what gpg wrapped, and the other way round", async () => {
			const key = pgp({ privateKeys: home.exportPrivate(fingerprint) }).masterKey(pgpRef(fingerprint))!;
			const theirs = home.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
			expect(await key.unwrap!(theirs, {})).toEqual(part);
			const recipient = await pgpRecipient(home.exportPublic(fingerprint));
			expect(recipient.ref.id).toBe(fingerprint);
			const ours = await recipient.wrap!(part, {});
			expect(new Uint8Array(home.gpg(["-d"], ours))).toEqual(part);
			expect(await key.unwrap!(ours, {})).toEqual(part);
		});

		it("the provider over gpg does the same", async () => {
			const key = gpg({ environment: home.environment }).masterKey(pgpRef(fingerprint))!;
			const enc = await key.wrap!(part, {});
			expect(await key.unwrap!(enc, {})).toEqual(part);
			const inProcess = pgp({ privateKeys: home.exportPrivate(fingerprint) }).masterKey(pgpRef(fingerprint))!;
			expect(await inProcess.unwrap!(enc, {})).toEqual(part);
			expect(await key.unwrap!(await inProcess.wrap!(part, {}), {})).toEqual(part);
		});
	});
});
