import { UsageError } from "@sopskit/core";
import { describe, expect, it } from "vitest";
import { type EnvironmentAccess, generateIdentity, identitiesFromEnvironment } from "../src/index.ts";

const [a, b, c] = await Promise.all([
	generateIdentity(),
	generateIdentity(),
	generateIdentity({ type: "hybrid" }),
]);

function files(contents: Readonly<Record<string, string>>): EnvironmentAccess {
	return {
		platform: "linux",
		async readTextFile(path) {
			if (path in contents) return contents[path];
			throw Object.assign(new Error(`no such file ${path}`), {
				code: path.includes("locked") ? "EACCES" : "ENOENT",
			});
		},
	};
}

describe("identitiesFromEnvironment", () => {
	it("adds up all sources, in order", async () => {
		const access = files({ "/keys": b.keyFile, "/h/.config/sops/age/keys.txt": c.keyFile });
		const environment = { SOPS_AGE_KEY: a.keyFile, SOPS_AGE_KEY_FILE: "/keys", HOME: "/h" };
		const found = await identitiesFromEnvironment(environment, access);
		expect(found.identities).toEqual([a.identity, b.identity, c.identity]);
		expect(found.findings).toEqual([]);
		expect(found.notFound).toEqual([]);
	});

	it("finds nothing where nothing is, and says where it looked", async () => {
		const found = await identitiesFromEnvironment({ HOME: "/h" }, files({}));
		expect(found.identities).toEqual([]);
		expect(found.findings).toEqual([]);
		expect(found.notFound).toEqual(["SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "/h/.config/sops/age/keys.txt"]);
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
	])("knows the default key file on %s with %j", async (platform, environment, path) => {
		const access = files({ [path]: a.keyFile });
		const found = await identitiesFromEnvironment(environment, { ...access, platform });
		expect(found.identities).toEqual([a.identity]);
	});

	it("takes the home directory it is given where the environment has none", async () => {
		const access = { ...files({ "/given/.config/sops/age/keys.txt": a.keyFile }), homeDirectory: "/given" };
		expect((await identitiesFromEnvironment({}, access)).identities).toEqual([a.identity]);
		expect((await identitiesFromEnvironment({ HOME: "/other" }, access)).identities).toEqual([]);
	});

	it.each([
		["linux", { XDG_CONFIG_HOME: "relative" }, "$XDG_CONFIG_HOME is a relative path"],
		["linux", {}, "neither $XDG_CONFIG_HOME nor $HOME is set"],
		["darwin", {}, "$HOME is not set"],
		["win32", { HOME: "/h" }, "%AppData% is not set"],
	])(
		"reports a missing configuration directory on %s only where nothing else is found",
		async (platform, environment, message) => {
			const access = { ...files({}), platform };
			const alone = await identitiesFromEnvironment(environment, access);
			expect(alone.findings).toEqual([
				{ code: "source-unusable", message: expect.stringContaining(message) },
			]);
			const beside = await identitiesFromEnvironment({ ...environment, SOPS_AGE_KEY: a.identity }, access);
			expect(beside.findings).toEqual([]);
			expect(beside.identities).toEqual([a.identity]);
		},
	);

	it("splits the lines of SOPS_AGE_KEY at white space, those of files not", async () => {
		const text = `# comment ${a.identity}\n${a.identity} \t${b.identity}\r\n \n`;
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY: text }, files({}));
		expect(found.identities).toEqual([a.identity, b.identity]);
		for (const spoiled of [
			` ${a.identity}`,
			`${a.identity} `,
			`${b.identity}\n${a.identity} ${b.identity}\n`,
			`${a.identity}\n \n`,
		]) {
			const read = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: "/k" }, files({ "/k": spoiled }));
			expect(read.identities).toEqual([]);
			expect(read.findings[0]!.message).toMatch(/^SOPS_AGE_KEY_FILE: line [12]: .*; nothing of it is used$/);
		}
		const crlf = await identitiesFromEnvironment(
			{ SOPS_AGE_KEY_FILE: "/k" },
			files({ "/k": a.keyFile.replaceAll("\n", "\r\n") }),
		);
		expect(crlf.identities).toEqual([a.identity]);
	});

	it("lets no source that fails hide another, and shows no content", async () => {
		const access = files({ "/broken": `${b.identity}x\n`, "/h/.config/sops/age/keys.txt": c.keyFile });
		const environment = { SOPS_AGE_KEY: `${a.identity}x`, SOPS_AGE_KEY_FILE: "/broken", HOME: "/h" };
		const found = await identitiesFromEnvironment(environment, access);
		expect(found.identities).toEqual([c.identity]);
		expect(found.findings.map(({ message }) => message)).toEqual([
			"SOPS_AGE_KEY: line 1: an identity with a typing error or a part missing; nothing of it is used",
			"SOPS_AGE_KEY_FILE: line 1: an identity with a typing error or a part missing; nothing of it is used",
		]);
	});

	it("keeps what it can use beside what it does not support", async () => {
		const text = `AGE-PLUGIN-YUBIKEY-1QGPQ\n${a.identity}\n`;
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: "/k" }, files({ "/k": text }));
		expect(found.identities).toEqual([a.identity]);
		expect(found.findings[0]!.message).toBe(
			"SOPS_AGE_KEY_FILE: line 1: identities of age plugins are not supported yet",
		);
	});

	it.each([
		["SOPS_AGE_KEY_CMD", "running commands is not supported yet"],
		["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SSH keys are not supported yet"],
		["SOPS_AGE_SSH_PRIVATE_KEY_CMD", "SSH keys are not supported yet"],
	])("says that %s is not supported yet, also when it is empty", async (name, message) => {
		for (const value of ["cat /secret", ""]) {
			const found = await identitiesFromEnvironment({ [name]: value, HOME: "/h" }, files({}));
			expect(found.findings).toEqual([
				{ code: "source-unusable", message: `${name} is set, and ${message}` },
			]);
		}
	});

	it.each(["-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "age-encryption.org/v1\n-> scrypt x 18\n"])(
		"says that a passphrase is not supported yet: %j",
		async (text) => {
			const found = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: "/k" }, files({ "/k": text }));
			expect(found.findings[0]!.message).toContain("protected by a passphrase are not supported yet");
		},
	);

	it("takes set but empty as the reference does", async () => {
		const found = await identitiesFromEnvironment(
			{ SOPS_AGE_KEY: "", SOPS_AGE_KEY_FILE: "", HOME: "/h" },
			files({}),
		);
		expect(found.notFound).toEqual(["SOPS_AGE_KEY"]);
		expect(found.findings).toEqual([
			{ code: "source-unusable", message: "SOPS_AGE_KEY_FILE: the file it names cannot be read (ENOENT)" },
		]);
		const unset = await identitiesFromEnvironment({ SOPS_AGE_KEY: undefined, HOME: "/h" }, files({}));
		expect(unset.notFound).toContain("SOPS_AGE_KEY");
	});

	it("reports files that are there and cannot be read, by the code alone", async () => {
		const environment = { SOPS_AGE_KEY_FILE: "/locked", XDG_CONFIG_HOME: "/locked-too" };
		const found = await identitiesFromEnvironment(environment, files({}));
		expect(found.findings.map(({ message }) => message)).toEqual([
			"SOPS_AGE_KEY_FILE: the file it names cannot be read (EACCES)",
			"/locked-too/sops/age/keys.txt cannot be read (EACCES)",
		]);
	});

	it("does not repeat an identity that was put into the wrong variable", async () => {
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY_FILE: a.identity, HOME: "/h" }, files({}));
		expect(found.findings).toHaveLength(1);
		expect(JSON.stringify(found)).not.toContain(a.identity);
	});

	it("keeps identities out of what is printed", async () => {
		const found = await identitiesFromEnvironment({ SOPS_AGE_KEY: a.identity, HOME: "/h" }, files({}));
		expect(JSON.stringify(found)).not.toContain("SECRET");
		expect(found.identities).toEqual([a.identity]);
	});

	it("takes undefined for a file that is not there", async () => {
		const access = { platform: "linux", readTextFile: async () => undefined };
		expect((await identitiesFromEnvironment({ HOME: "/h" }, access)).findings).toEqual([]);
	});

	it("refuses misuse", async () => {
		await expect(identitiesFromEnvironment(undefined as never, files({}))).rejects.toThrow(UsageError);
		await expect(identitiesFromEnvironment({}, {} as never)).rejects.toThrow("readTextFile");
		const unknown = { ...files({}), readFile: () => {} };
		await expect(identitiesFromEnvironment({}, unknown)).rejects.toMatchObject({ code: "option-unknown" });
	});
});
