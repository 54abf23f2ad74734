import { spawnSync } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isKeyError, UsageError } from "@sopskit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { age, generateIdentity, recipient } from "../src/index.ts";
import { defaultKeyFile, defaultSshKeys } from "../src/node/default-places.ts";
import { type EnvironmentOptions, identitiesFromEnvironment } from "../src/node.ts";
import { PASSPHRASE, sshKey, sshKeyPath } from "./keys.ts";

const [a, b, c] = await Promise.all([
	generateIdentity(),
	generateIdentity(),
	generateIdentity({ type: "hybrid" }),
]);
const part = new Uint8Array(32).fill(7);
const onPosix = process.platform !== "win32";

let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "sopskit-home-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: string | Uint8Array): string {
	const full = join(home, path);
	mkdirSync(dirname(full), { recursive: true });
	writeFileSync(full, content);
	return full;
}

/** Where the reference looks when nothing is set. */
const nowhere = (): string[] => [
	...["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"],
	...[join(home, ".ssh/id_ed25519"), join(home, ".ssh/id_rsa")],
	...["SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD", join(home, ".config/sops/age/keys.txt")],
];

/** A command of the test's own that notes for whom it was run. */
function command(script: string): string {
	const path = write(
		"command.mjs",
		`import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(join(home, "runs"))}, process.env.SOPS_AGE_RECIPIENT + "\\n"); ${script}`,
	);
	return `'${process.execPath}' '${path}'`;
}

const runs = (): string[] =>
	existsSync(join(home, "runs")) ? readFileSync(join(home, "runs"), "utf8").trim().split("\n") : [];

/** What becomes of an entry for a recipient in an environment. */
async function unwrap(
	to: string,
	environment: Readonly<Record<string, string>>,
	options: EnvironmentOptions = {},
	given = age,
): Promise<string> {
	const { identities } = await identitiesFromEnvironment({ HOME: home, ...environment }, options);
	const key = recipient(to);
	const enc = await key.wrap!(part, {});
	const provider = given({ identities, ...options });
	try {
		const result = await provider.masterKey(key.ref)!.unwrap!(enc, {});
		return result instanceof Uint8Array ? "opened" : result.notMine;
	} catch (error) {
		if (!isKeyError(error)) throw error;
		return `${error.outcome}: ${error.message}`;
	}
}

describe("identitiesFromEnvironment", () => {
	it("adds up all sources, in order", async () => {
		write(".config/sops/age/keys.txt", c.keyFile);
		const environment = { SOPS_AGE_KEY: a.keyFile, SOPS_AGE_KEY_FILE: write("keys", b.keyFile), HOME: home };
		const found = await identitiesFromEnvironment(environment);
		expect(found.identities).toEqual([a.identity, b.identity, c.identity]);
		expect(found.findings).toEqual([]);
		expect(found.notFound).toEqual([...nowhere().slice(0, 4), "SOPS_AGE_KEY_CMD"]);
	});

	it("finds nothing where nothing is, and says where it looked", async () => {
		const found = await identitiesFromEnvironment({ HOME: home });
		expect(found.identities).toEqual([]);
		expect(found.findings).toEqual([]);
		expect(found.notFound).toEqual(nowhere());
	});

	it.each([
		["linux", { HOME: "/h" }, "/h/.config/sops/age/keys.txt"],
		["linux", { HOME: "/h", XDG_CONFIG_HOME: "/x/" }, "/x/sops/age/keys.txt"],
		["linux", { HOME: "/h", XDG_CONFIG_HOME: "" }, "/h/.config/sops/age/keys.txt"],
		["freebsd", { HOME: "/h" }, "/h/.config/sops/age/keys.txt"],
		["darwin", { HOME: "/h" }, "/h/Library/Application Support/sops/age/keys.txt"],
		["darwin", { HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/sops/age/keys.txt"],
		["darwin", { HOME: "/h", XDG_CONFIG_HOME: "" }, "/h/Library/Application Support/sops/age/keys.txt"],
		[
			"win32",
			{ APPDATA: "C:\\Users\\me\\AppData\\Roaming", HOME: "/h" },
			"C:\\Users\\me\\AppData\\Roaming\\sops\\age\\keys.txt",
		],
		["win32", { AppData: "C:\\R\\", XDG_CONFIG_HOME: "/x" }, "C:\\R\\sops\\age\\keys.txt"],
	])("knows the default key file on %s with %j", (platform, environment, path) => {
		expect(defaultKeyFile(environment, platform)).toEqual({ path });
	});

	it.each([
		["linux", { XDG_CONFIG_HOME: "relative" }, "$XDG_CONFIG_HOME is a relative path"],
		["linux", {}, "neither $XDG_CONFIG_HOME nor $HOME is set"],
		["darwin", {}, "$HOME is not set"],
		["win32", { HOME: "/h" }, "%AppData% is not set"],
	])("knows that there is none on %s with %j", (platform, environment, trouble) => {
		expect(defaultKeyFile(environment, platform)).toEqual({ trouble });
	});

	it("knows the default SSH keys", () => {
		expect(defaultSshKeys({ HOME: "/h" }, "linux")).toEqual(["/h/.ssh/id_ed25519", "/h/.ssh/id_rsa"]);
		expect(defaultSshKeys({ USERPROFILE: "C:\\me", HOME: "/h" }, "win32")[0]).toBe(
			"C:\\me\\.ssh\\id_ed25519",
		);
		expect(defaultSshKeys({}, "linux")).toEqual([]);
	});

	it("reports a missing configuration directory only where nothing else is found", async () => {
		const alone = await identitiesFromEnvironment({});
		expect(alone.findings).toHaveLength(1);
		expect(alone.findings[0]!.message).toMatch(/^the default key file: .* set$/);
		const beside = await identitiesFromEnvironment({ SOPS_AGE_KEY: a.identity });
		expect(beside.findings).toEqual([]);
		expect(beside.identities).toEqual([a.identity]);
	});

	it("splits the lines of SOPS_AGE_KEY at white space, those of files not", async () => {
		const text = `# comment ${a.identity}\n${a.identity} \t${b.identity}\r\n \n`;
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY: text });
		expect(found.identities).toEqual([a.identity, b.identity]);
		for (const spoiled of [
			` ${a.identity}`,
			`${a.identity} `,
			`${b.identity}\n${a.identity} ${b.identity}\n`,
			`${a.identity}\n \n`,
		]) {
			const read = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: write("k", spoiled) });
			expect(read.identities).toEqual([]);
			expect(read.findings[0]!.message).toMatch(/^SOPS_AGE_KEY_FILE: line [12]: .*; nothing of it is used$/);
		}
		const crlf = write("k", a.keyFile.replaceAll("\n", "\r\n"));
		expect((await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: crlf })).identities).toEqual([a.identity]);
	});

	it("lets no source that fails hide another, and shows no content", async () => {
		write(".config/sops/age/keys.txt", c.keyFile);
		write(".ssh/id_ed25519", "not a key");
		write(".ssh/id_rsa", sshKey("rsa-short"));
		const environment = {
			HOME: home,
			SOPS_AGE_KEY: `${a.identity}x`,
			SOPS_AGE_KEY_FILE: write("broken", `${b.identity}x\n`),
			SOPS_AGE_KEY_CMD: "echo 'left open",
			SOPS_AGE_SSH_PRIVATE_KEY_FILE: a.identity,
			SOPS_AGE_SSH_PRIVATE_KEY_CMD: "# nothing",
		};
		const found = await identitiesFromEnvironment(environment);
		expect(found.identities).toEqual([c.identity]);
		expect(found.findings.map(({ message }) => message.replaceAll(home, "~"))).toEqual([
			"SOPS_AGE_SSH_PRIVATE_KEY_FILE: the file cannot be read (ENOENT)",
			"SOPS_AGE_SSH_PRIVATE_KEY_CMD: it is set, and holds no command",
			"~/.ssh/id_ed25519: the SSH key cannot be used: it is no private key in PEM or in OpenSSH's format",
			"~/.ssh/id_rsa: the SSH key cannot be used: an SSH key of RSA with less than 2048 bits",
			"SOPS_AGE_KEY: line 1: an identity with a typing error or a part missing; nothing of it is used",
			"SOPS_AGE_KEY_FILE: line 1: an identity with a typing error or a part missing; nothing of it is used",
			"SOPS_AGE_KEY_CMD: a quote or a backslash is left open",
		]);
		expect(JSON.stringify(found)).not.toContain("SECRET");
	});

	it("takes set but empty as the reference does", async () => {
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY: "", SOPS_AGE_KEY_FILE: "", HOME: home });
		expect(found.notFound).toEqual([...nowhere().slice(0, 5), "SOPS_AGE_KEY_CMD"]);
		expect(found.findings).toEqual([
			{ code: "source-unusable", message: "SOPS_AGE_KEY_FILE: the file it names cannot be read (ENOENT)" },
		]);
		const unset = await identitiesFromEnvironment({ SOPS_AGE_KEY: undefined, HOME: home });
		expect(unset.notFound).toContain("SOPS_AGE_KEY");
	});

	it("reports files that are there and cannot be read, by the code alone", async () => {
		mkdirSync(join(home, "folder/sops/age/keys.txt"), { recursive: true });
		const environment = { SOPS_AGE_KEY_FILE: home, XDG_CONFIG_HOME: join(home, "folder") };
		const found = await identitiesFromEnvironment(environment);
		expect(found.findings.map(({ message }) => message.replace(home, "~"))).toEqual([
			"SOPS_AGE_KEY_FILE: the file it names cannot be read (EISDIR)",
			"~/folder/sops/age/keys.txt cannot be read (EISDIR)",
		]);
	});

	it("keeps identities out of what is printed", async () => {
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY: a.identity, HOME: home });
		expect(JSON.stringify(found)).not.toContain("SECRET");
		expect(found.identities).toEqual([a.identity]);
		const misplaced = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: a.identity, HOME: home });
		expect(misplaced.findings).toHaveLength(1);
		expect(JSON.stringify(misplaced)).not.toContain(a.identity);
	});

	it("refuses misuse", async () => {
		await expect(identitiesFromEnvironment(undefined as never)).rejects.toThrow(UsageError);
		await expect(identitiesFromEnvironment({}, { passphrase: "x" } as never)).rejects.toThrow(
			"passphrase must",
		);
		await expect(identitiesFromEnvironment({}, { plugins: [] } as never)).rejects.toThrow("agePlugins()");
		await expect(identitiesFromEnvironment({}, { password: 1 } as never)).rejects.toMatchObject({
			code: "option-unknown",
		});
	});
});

describe("SSH keys of the environment", () => {
	const passphrase = () => PASSPHRASE;

	it.each([
		["ed25519", ".ssh/id_ed25519"],
		["rsa", ".ssh/id_rsa"],
		["rsa-protected", ".ssh/id_rsa"],
		["rsa-pem-protected", ".ssh/id_rsa"],
	])("%s is found in %s", async (name, place) => {
		const path = write(place, sshKey(name));
		copyFileSync(sshKeyPath(`${name}.pub`), `${path}.pub`);
		expect(await unwrap(sshKey(`${name}.pub`), {}, { passphrase })).toBe("opened");
		const { notFound } = await identitiesFromEnvironment({ HOME: home });
		expect(notFound).not.toContain(path);
		expect(notFound).not.toContain(join(home, ".config/sops/age/keys.txt"));
	});

	it("is asked for its passphrase by its path", async () => {
		const names: string[] = [];
		const ask = ({ name }: { name: string }) => {
			names.push(name);
			return PASSPHRASE;
		};
		const environment = { SOPS_AGE_SSH_PRIVATE_KEY_FILE: sshKeyPath("ed25519-protected") };
		expect(await unwrap(sshKey("ed25519-protected.pub"), environment, { passphrase: ask })).toBe("opened");
		expect(names).toEqual([sshKeyPath("ed25519-protected")]);
	});

	it.runIf(onPosix)("comes from a command, which is run for SSH recipients only", async () => {
		const cat = command(`process.stdout.write(${JSON.stringify(sshKey("ed25519"))});`);
		const environment = { SOPS_AGE_SSH_PRIVATE_KEY_CMD: cat };
		expect(await unwrap(a.recipient, environment)).toContain("1 identity tried");
		expect(runs()).toEqual([]);
		expect(await unwrap(sshKey("ed25519.pub"), environment)).toBe("opened");
		expect(runs()).toEqual([sshKey("ed25519.pub").trim()]);
	});

	it.runIf(onPosix)("may not be protected when it comes from a command", async () => {
		const protectedKey = JSON.stringify(sshKey("ed25519-protected"));
		const environment = { SOPS_AGE_SSH_PRIVATE_KEY_CMD: command(`process.stdout.write(${protectedKey});`) };
		expect(await unwrap(sshKey("ed25519-protected.pub"), environment, { passphrase })).toMatch(
			/^misconfigured: .*SOPS_AGE_SSH_PRIVATE_KEY_CMD wrote is protected by a passphrase$/,
		);
	});
});

describe.runIf(onPosix)("SOPS_AGE_KEY_CMD", () => {
	it("is run when no other identity opens an entry, and once for each recipient", async () => {
		const keyed = command(
			`if (process.env.SOPS_AGE_RECIPIENT !== ${JSON.stringify(c.recipient)}) process.stdout.write(${JSON.stringify(b.keyFile)});`,
		);
		const environment = { HOME: home, SOPS_AGE_KEY: a.identity, SOPS_AGE_KEY_CMD: keyed };
		const { identities } = await identitiesFromEnvironment(environment);
		const provider = age({ identities });
		const open = async (to: string) => {
			const key = recipient(to);
			return provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {});
		};
		expect(await open(a.recipient)).toEqual(part);
		expect(runs()).toEqual([]);
		expect(await Promise.all([1, 2, 3].map(() => open(b.recipient)))).toEqual([part, part, part]);
		expect(await open(b.recipient)).toEqual(part);
		expect(runs()).toEqual([b.recipient]);
		await expect(open(c.recipient)).rejects.toThrow("what SOPS_AGE_KEY_CMD wrote has no identity in it");
		const entries = await Promise.all(
			[b, a].map(async (one) => ({
				ref: recipient(one.recipient).ref,
				enc: await recipient(one.recipient).wrap!(part, {}),
			})),
		);
		const fresh = age({ identities: (await identitiesFromEnvironment(environment)).identities });
		expect(await fresh.unwrapAny!(entries, {})).toEqual({ part, entry: entries[1] });
		expect(runs()).toHaveLength(2);
	});

	it("is asked again after it failed", async () => {
		const flag = join(home, "flag");
		const flaky = command(
			`import("node:fs").then((fs) => { if (!fs.existsSync(${JSON.stringify(flag)})) process.exit(3); process.stdout.write(${JSON.stringify(b.keyFile)}); });`,
		);
		const { identities } = await identitiesFromEnvironment({ HOME: home, SOPS_AGE_KEY_CMD: flaky });
		const key = recipient(b.recipient);
		const enc = await key.wrap!(part, {});
		const mine = age({ identities }).masterKey(key.ref)!;
		await expect(mine.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "failed",
			message: `no identity for ${b.recipient}; the command in SOPS_AGE_KEY_CMD ended with status 3: try it in a shell`,
		});
		writeFileSync(flag, "");
		expect(await mine.unwrap!(enc, {})).toEqual(part);
	});

	it.each([
		["a program that is not there", "sopskit-no-such-program --token hunter2", "was not found"],
		["a folder", "/ hunter2", "could not be started (EACCES)"],
		["a failure", "false hunter2", "ended with status 1"],
		["silence", "true hunter2", "has no identity in it"],
		["rubbish", "echo hunter2", "not an age identity"],
	])("says what is wrong with %s, and repeats nothing of it", async (_, words, reason) => {
		const outcome = await unwrap(a.recipient, { SOPS_AGE_KEY_CMD: words, PATH: process.env.PATH! });
		expect(outcome).toContain(reason);
		expect(outcome).not.toContain("hunter2");
	});

	it("gets no recipient that could do harm, and ends with the caller's signal", async () => {
		const { identities } = await identitiesFromEnvironment({
			HOME: home,
			SOPS_AGE_KEY_CMD: command("setTimeout(() => {}, 60_000)"),
		});
		const enc = await recipient(b.recipient).wrap!(part, {});
		const provider = age({ identities });
		const hostile = `x\0\n${b.recipient}`;
		const answer = await provider.masterKey({ type: "age", id: "", fields: { recipient: hostile } })!.unwrap!(
			enc,
			{},
		);
		expect(answer).toHaveProperty("notMine");
		expect(runs()).toEqual([]);
		const abort = new AbortController();
		const work = provider.masterKey(recipient(b.recipient).ref)!.unwrap!(enc, { signal: abort.signal });
		work.catch(() => {});
		while (runs().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
		abort.abort();
		await expect(work).rejects.toMatchObject({ outcome: "aborted" });
		const isGone = () => spawnSync("pgrep", ["-f", join(home, "command.mjs")]).status === 1;
		while (!isGone()) await new Promise((resolve) => setTimeout(resolve, 10));
	});

	it("may give an encrypted key file", async () => {
		const { Encrypter, armor } = await import("age-encryption");
		const encrypter = new Encrypter();
		encrypter.setPassphrase(PASSPHRASE);
		encrypter.setScryptWorkFactor(10);
		const keys = write("keys.age", armor.encode(await encrypter.encrypt(b.keyFile)));
		const passphrase = () => PASSPHRASE;
		const variables = { SOPS_AGE_KEY_CMD: `cat ${keys}`, PATH: process.env.PATH! };
		expect(await unwrap(b.recipient, variables, { passphrase })).toBe("opened");
		expect(await unwrap(b.recipient, variables)).toContain("pass the option passphrase");
		expect(await unwrap(b.recipient, { SOPS_AGE_KEY_FILE: keys }, { passphrase })).toBe("opened");
		expect(await unwrap(b.recipient, { SOPS_AGE_KEY: readFileSync(keys, "utf8") }, { passphrase })).toBe(
			"opened",
		);
	});
});
