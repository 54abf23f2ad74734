import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { KeyProvider } from "@sopskit/core";
import { describeGnupg, type GnupgHome } from "@sopskit/reference/gnupg";
import * as openpgp from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generatePgpKey, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg, pgpKeyring } from "../src/node.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const [mine, theirs] = [await generatePgpKey(), await generatePgpKey()];
const enc = await (await pgpRecipient(mine.publicKey)).wrap!(part, {});

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-pgp-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of gpg. */
function program(name: string, lines: readonly string[]): string {
	const path = join(folder, name);
	writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
	chmodSync(path, 0o700);
	return path;
}

const unwrapWith = (provider: KeyProvider, text = enc) =>
	provider.masterKey(pgpRef(mine.fingerprint))!.unwrap!(text, {});
const wrapWith = (provider: KeyProvider) => provider.masterKey(pgpRef(mine.fingerprint))!.wrap!(part, {});
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
	work.then(
		(value) => ({ value }),
		(error: unknown) => error,
	);

describe("gpg()", () => {
	it("needs an environment or a home, and refuses what it does not know", () => {
		for (const [options, code] of [
			[{}, "argument-invalid"],
			[undefined, "argument-invalid"],
			[{ home: "relative/path" }, "argument-invalid"],
			[{ environment: "PATH" }, "argument-invalid"],
			[{ home: "/x", program: "" }, "argument-invalid"],
			[{ env: {} }, "option-unknown"],
		] as const) {
			expect(() => gpg(options as never)).toThrow(expect.objectContaining({ code }));
		}
		// process.env in the place of the options: nothing of it is repeated.
		expect(() => gpg({ AGE_SECRET: "x" } as never)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining("AGE_SECRET") }),
		);
	});

	it("takes the program from the option, else from SOPS_GPG_EXEC of the environment it was given, else gpg", async () => {
		const [a, b] = ["a", "b"].map((name) =>
			program(name, [`echo ${name} >> ${join(folder, "called")}`, "exit 2"]),
		);
		const called = async (provider: KeyProvider): Promise<string> => {
			await failureOf(wrapWith(provider));
			const names = readFileSync(join(folder, "called"), "utf8");
			rmSync(join(folder, "called"));
			return names.split("\n")[0]!;
		};
		const environment = { SOPS_GPG_EXEC: a, GNUPGHOME: folder };
		expect(await called(gpg({ environment }))).toBe("a");
		expect(await called(gpg({ environment, program: b! }))).toBe("b");
		expect(await called(pgpKeyring({ environment, order: ["gpg"] }))).toBe("a");
		const inPath = program("gpg", [`echo path >> ${join(folder, "called")}`, "exit 2"]);
		expect(await called(gpg({ environment: { PATH: folder, HOME: folder, SOPS_GPG_EXEC: "" } }))).toBe(
			"path",
		);
		rmSync(inPath);
	});

	it("says that there is no gpg, and what else would do", async () => {
		for (const options of [{ program: "/nowhere/gpg" }, { environment: { PATH: folder } }]) {
			expect(await failureOf(unwrapWith(gpg({ home: folder, ...options })))).toMatchObject({
				outcome: "misconfigured",
				message: expect.stringMatching(
					/there is no such program; install GnuPG, or pass the private key as text/,
				),
			});
		}
		const locked = join(folder, "locked");
		writeFileSync(locked, "");
		expect(await failureOf(wrapWith(gpg({ home: folder, program: locked })))).toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("EACCES"),
		});
	});

	it("gives the child the environment that was passed, without the variables of SOPS", async () => {
		const spy = program("spy", [`env > ${join(folder, "seen")}`, "exit 2"]);
		const environment = {
			PATH: process.env.PATH,
			HOME: folder,
			GPG_TTY: "/dev/tty1",
			SOPS_AGE_KEY: "AGE-SECRET-KEY-1",
		};
		await failureOf(wrapWith(gpg({ environment, program: spy })));
		const seen = readFileSync(join(folder, "seen"), "utf8").split("\n").sort();
		expect(seen.filter((line) => !/^(?:|PWD=.*|_=.*|SHLVL=.*|OLDPWD=.*)$/.test(line))).toEqual([
			"GPG_TTY=/dev/tty1",
			`HOME=${folder}`,
			`PATH=${process.env.PATH}`,
		]);
	});

	it("does not start where gpg would look into the home of the account, for which nobody asked", async () => {
		const spy = program("homeless", [`echo "$@" >> ${join(folder, "homeless-seen")}`, "exit 2"]);
		for (const environment of [{}, { PATH: folder }, { HOME: "", GNUPGHOME: undefined }]) {
			for (const provider of [
				gpg({ environment, program: spy }),
				pgpKeyring({ environment, program: spy }),
			]) {
				for (const work of [unwrapWith(provider), wrapWith(provider)]) {
					expect(await failureOf(work)).toMatchObject({
						outcome: "misconfigured",
						message: expect.stringContaining("neither GNUPGHOME nor HOME"),
					});
				}
			}
		}
		expect(existsSync(join(folder, "homeless-seen"))).toBe(false);
	});

	it("does not pass the fp of a file on to gpg unless it is one", async () => {
		const spy = program("arguments", [`echo "$@" >> ${join(folder, "arguments-seen")}`, "exit 2"]);
		const provider = gpg({ home: folder, program: spy });
		for (const fp of ["--output=/tmp/x", "ann@example.org", "", "$(id)"]) {
			const key = provider.masterKey({ type: "pgp", id: fp, fields: { fp } })!;
			expect(await failureOf(key.wrap!(part, {}))).toMatchObject({ outcome: "misconfigured" });
			await failureOf(key.unwrap!(enc, {}));
		}
		const seen = readFileSync(join(folder, "arguments-seen"), "utf8").trim().split("\n");
		expect(new Set(seen)).toEqual(
			new Set([
				`--homedir ${folder} --batch --no-tty --status-fd 2 --keyserver-options no-auto-key-retrieve --decrypt`,
			]),
		);
	});

	it("kills gpg when the signal aborts", async () => {
		const sleeper = program("sleeper", [`echo $$ > ${join(folder, "pid")}`, "exec sleep 600"]);
		const controller = new AbortController();
		const key = gpg({ home: folder, program: sleeper }).masterKey(pgpRef(mine.fingerprint))!;
		const outcome = failureOf(key.unwrap!(enc, { signal: controller.signal }));
		const pidFile = join(folder, "pid");
		while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") await tick();
		controller.abort();
		expect(await outcome).toMatchObject({ outcome: "aborted" });
		const pid = Number(readFileSync(pidFile, "utf8"));
		while (isAlive(pid)) await tick();
	});

	it.each([
		["ERROR pkdecrypt_failed 67108875", "misconfigured", "wrong passphrase"],
		["ERROR pkdecrypt_failed 67108963", "denied", "cancelled"],
		["ERROR pkdecrypt_failed 67109062", "denied", "cancelled"],
		["ERROR pkdecrypt_failed 67108949", "misconfigured", "no pinentry"],
		["ERROR pkdecrypt_failed 83918950", "misconfigured", "GPG_TTY"],
		["ERROR pkdecrypt_failed 100663408", "unreachable", "card is not inserted"],
		["ERROR pkdecrypt_failed 67108951", "denied", "PIN"],
		["ERROR pkdecrypt_failed 67108926", "timeout", "in time"],
		["ERROR pkdecrypt_failed 67109862", "failed", "code 998"],
	])("reduces %s to %s", async (line, outcome, words) => {
		const failing = program("failing", [
			"cat > /dev/null",
			'echo "gpg: the secret word is sesame" >&2',
			`echo "[GNUPG:] ${line}" >&2`,
			"echo '[GNUPG:] BEGIN_DECRYPTION' >&2; echo '[GNUPG:] DECRYPTION_FAILED' >&2",
			"exit 2",
		]);
		const failure = await failureOf(unwrapWith(gpg({ home: folder, program: failing })));
		expect(failure).toMatchObject({ outcome, message: expect.stringContaining(words) });
		expect(inspect(failure, { showHidden: true, depth: Infinity })).not.toContain("sesame");
	});

	it("takes the nothing that an old gpg makes of a new message for the failure that it is", async () => {
		const old = program("old", ["cat > /dev/null", "exit 0"]);
		expect(await failureOf(unwrapWith(gpg({ home: folder, program: old })))).toMatchObject({
			outcome: "damaged",
			message: expect.stringContaining("this gpg is too old for the message"),
		});
	});

	it("does not read without end", async () => {
		const endless = program("endless", ["exec yes"]);
		expect(await failureOf(unwrapWith(gpg({ home: folder, program: endless })))).toMatchObject({
			outcome: "failed",
		});
	});
});

const tick = (): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, 5);
	});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

describeGnupg("the user's keyring", (newHome) => {
	let home: GnupgHome;
	const environmentOf = (path: string) => ({ PATH: process.env.PATH, HOME: folder, GNUPGHOME: path });
	beforeAll(() => {
		home = newHome();
		home.gpg(["--import"], mine.privateKey);
	});
	const binary = async (armoredKey: string) => (await openpgp.readKey({ armoredKey })).write();
	const publicBinary = async (armoredKey: string) =>
		(await openpgp.readKey({ armoredKey })).toPublic().write();

	it("leaves the trust database of gpg as it was", async () => {
		/** `-`: nothing is known; `u`: ultimate, which is what `--trusted-key` of the reference leaves behind. */
		const validity = () => /^pub:(.)/m.exec(home.gpg(["--with-colons", "--list-keys"]).toString())![1];
		expect(validity()).toBe("-");
		await wrapWith(gpg({ environment: home.environment }));
		expect(validity()).toBe("-");
		home.gpg(["-ear", mine.fingerprint, "--trusted-key", mine.fingerprint.slice(-16)], part);
		expect(validity()).toBe("u");
	});

	it("reads secring.gpg and pubring.gpg without gpg", async () => {
		const path = mkdtempSync(join(folder, "rings-"));
		writeFileSync(
			join(path, "secring.gpg"),
			Buffer.concat([await binary(theirs.privateKey), await binary(mine.privateKey)]),
		);
		writeFileSync(join(path, "pubring.gpg"), await publicBinary(mine.privateKey));
		for (const options of [
			{ environment: environmentOf(path) },
			{ home: path },
			{ home: folder, secring: join(path, "secring.gpg"), pubring: join(path, "pubring.gpg") },
		]) {
			const provider = pgpKeyring({ ...options, order: ["in-process"] });
			expect(await unwrapWith(provider, await wrapWith(provider))).toEqual(part);
		}
	});

	it("takes pubring.gpg for the secret ring where there is no other, as the reference does", async () => {
		const path = mkdtempSync(join(folder, "rings-"));
		writeFileSync(join(path, "pubring.gpg"), await binary(mine.privateKey));
		expect(await unwrapWith(pgpKeyring({ home: path, order: ["in-process"] }))).toEqual(part);
	});

	it("finds the home in the environment that was passed", async () => {
		const path = mkdtempSync(join(folder, "user-"));
		const { mkdirSync } = await import("node:fs");
		mkdirSync(join(path, ".gnupg"));
		writeFileSync(join(path, ".gnupg", "secring.gpg"), mine.privateKey);
		expect(await unwrapWith(pgpKeyring({ environment: { HOME: path }, order: ["in-process"] }))).toEqual(
			part,
		);
	});

	it("says that a keybox is for gpg, and that a ring file cannot be read, and goes on", async () => {
		const noGpg = { environment: environmentOf(home.path), program: "/nowhere/gpg" };
		const failure = await failureOf(unwrapWith(pgpKeyring(noGpg)));
		expect(failure).toMatchObject({
			outcome: "misconfigured",
			message: expect.stringMatching(
				/keybox \(pubring\.kbx\), which only gpg reads; .*there is no such program/,
			),
		});
		const path = mkdtempSync(join(folder, "rings-"));
		writeFileSync(join(path, "pubring.gpg"), "nonsense\nnonsense");
		writeFileSync(join(path, "secring.gpg"), Buffer.from([0x95, 3, 4, 1]));
		const provider = pgpKeyring({ home: path, order: ["in-process"] });
		expect(await unwrapWith(provider)).toEqual({
			notMine: expect.stringMatching(
				/pubring\.gpg: there is no armored .*; .*secring\.gpg: no OpenPGP keys can be read/,
			),
		});
		const beside = pgpKeyring({ home: path, order: ["in-process"], privateKeys: mine.privateKey });
		expect(await unwrapWith(beside)).toEqual(part);
	});

	it("tries the ways in the order that was asked for", async () => {
		const log = join(folder, "order");
		const logging = program("logging-gpg", [`echo gpg >> ${log}`, 'exec gpg "$@"']);
		const common = { environment: home.environment, program: logging, privateKeys: mine.privateKey };
		const runs = async (order: readonly ("gpg" | "in-process")[]): Promise<number> => {
			writeFileSync(log, "");
			const provider = pgpKeyring({ ...common, order });
			expect(await unwrapWith(provider)).toEqual(part);
			expect(await unwrapWith(provider, await wrapWith(provider))).toEqual(part);
			return readFileSync(log, "utf8").split("\n").length - 1;
		};
		expect(await runs(["in-process", "gpg"])).toBe(0);
		expect(await runs(["in-process"])).toBe(0);
		expect(await runs(["gpg", "in-process"])).toBe(3);
		expect(await runs(["gpg"])).toBe(3);
		for (const order of [[], ["gpg", "gpg"], ["pgp"], "gpg"]) {
			expect(() => pgpKeyring({ ...common, order: order as never })).toThrow("order must name");
		}
	});

	it("asks gpg for a key that is not at hand otherwise, also to wrap", async () => {
		const provider = pgpKeyring({ environment: home.environment, privateKeys: theirs.privateKey });
		expect(await unwrapWith(provider, await wrapWith(provider))).toEqual(part);
		const entry = { ref: pgpRef(mine.fingerprint), enc };
		expect(await provider.unwrapAny!([entry], {})).toEqual({ part, entry });
	});

	it("does not let gpg wrap for a key that is known to be revoked", async () => {
		const { publicKey } = await openpgp.revokeKey({
			key: await openpgp.readPrivateKey({ armoredKey: mine.privateKey }),
			format: "object",
		});
		const provider = pgpKeyring({ environment: home.environment, publicKeys: publicKey!.armor() });
		expect(await failureOf(wrapWith(provider))).toMatchObject({ outcome: "refused" });
	});

	it("refuses what it does not know", () => {
		expect(() => pgpKeyring({ environment: {}, ring: 1 } as never)).toThrow(
			expect.objectContaining({ code: "option-unknown" }),
		);
		expect(() => pgpKeyring({} as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
		expect(() => pgpKeyring({ home: "/x", secring: 1 as never })).toThrow(
			expect.objectContaining({ code: "argument-invalid" }),
		);
	});

	it("cancelled at the pinentry: denied", async () => {
		const guarded = newHome();
		const pinentry = program("pinentry", [
			"echo OK",
			'while read -r command rest; do case "$command" in',
			"GETPIN|CONFIRM) echo 'ERR 83886179 Operation cancelled <Pinentry>' ;;",
			"BYE) echo OK; exit 0 ;; *) echo OK ;; esac; done",
		]);
		writeFileSync(join(guarded.path, "gpg-agent.conf"), `pinentry-program ${pinentry}\n`);
		const fingerprint = guarded.generate({
			name: "guarded",
			primary: "ed25519",
			subkey: "cv25519",
			passphrase: "sesame",
		});
		const sealed = guarded.gpg(["--trust-model", "always", "-ear", fingerprint], part).toString("latin1");
		const { execFileSync } = await import("node:child_process");
		execFileSync("gpgconf", ["--homedir", guarded.path, "--kill", "all"], { env: guarded.environment });
		const key = gpg({ environment: guarded.environment }).masterKey(pgpRef(fingerprint))!;
		expect(await failureOf(key.unwrap!(sealed, {}))).toMatchObject({
			outcome: "denied",
			message: expect.stringContaining("cancelled"),
		});
	});
});
