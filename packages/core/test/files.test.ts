import {
	chmodSync,
	chownSync,
	copyFileSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { isSopsError, type MasterKey, type SopsError, UsageError } from "../src/index.ts";
import { decryptFile, editFile, encryptFile } from "../src/node.ts";

const vectors = join(import.meta.dirname, "..", "..", "..", "vectors");
const vector = join(vectors, "yaml", "kubernetes-secret");
const identities = readFileSync(join(vectors, "keys", "first.txt"), "utf8");
const first = /age1\w+/.exec(identities)![0];
const providers = [age({ identities })];
const keyGroups = [[recipient(first)]];
const encryptedRegex = "^(data|stringData)$";

let folder: string;
const at = (name: string): string => join(folder, name);
const names = (): string[] => readdirSync(folder).sort();
const mode = (path: string): number => statSync(path).mode & 0o7777;

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), "sopskit-files-")));
	copyFileSync(join(vector, "encrypted.yaml"), at("encrypted.yaml"));
	copyFileSync(join(vector, "plain.yaml"), at("plain.yaml"));
});

afterEach(() => {
	rmSync(folder, { recursive: true });
});

async function failure(work: Promise<unknown>): Promise<SopsError> {
	const thrown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!isSopsError(thrown)) throw new Error(`not a SopsError: ${inspect(thrown)}`);
	return thrown;
}

/** A key whose wrapping is the moment at which something else happens. */
function keyThat(acts: () => void): MasterKey {
	const key = recipient(first);
	return {
		ref: key.ref,
		wrap: (part, call) => {
			acts();
			return key.wrap!(part, call);
		},
	};
}

describe("decryptFile()", () => {
	it("takes the format from the path and writes nothing", async () => {
		const before = names();
		const doc = await decryptFile(at("encrypted.yaml"), { providers });
		expect(doc.text()).toBe(readFileSync(join(vector, "decrypted.yaml"), "utf8"));
		expect(doc.mac).toBe("verified");
		expect(names()).toEqual(before);
	});

	it("takes a URL and a named format", async () => {
		copyFileSync(at("encrypted.yaml"), at("secret.enc"));
		const doc = await decryptFile(pathToFileURL(at("secret.enc")), { providers, format: "yaml" });
		expect(doc.get(["stringData", "port"])).toBe(5432);
		// By its name it is binary, and so it would be JSON.
		expect((await failure(decryptFile(at("secret.enc"), { providers }))).code).toBe("syntax-invalid");
	});

	it("says in words why a file cannot be read", async () => {
		mkdirSync(at("folder.yaml"));
		symlinkSync("loop.yaml", at("loop.yaml"));
		for (const [name, reason] of [
			["absent.yaml", "it does not exist"],
			["folder.yaml", "it is a folder"],
			["plain.yaml/x.yaml", "a part of its path is not a folder"],
			["loop.yaml", "its symbolic links lead nowhere"],
		] as const) {
			const error = await failure(decryptFile(at(name), { providers }));
			expect(error).toMatchObject({
				code: "file-unusable",
				message: `${at(name)} cannot be read: ${reason}.`,
				details: { path: at(name), operation: "read", reason },
			});
		}
	});

	it("names the file in errors about its content, and none of it", async () => {
		copyFileSync(join(vector, "damaged", "value-moved.yaml"), at("moved.yaml"));
		const error = await failure(decryptFile(at("moved.yaml"), { providers }));
		expect(error.code).toBe("value-damaged");
		expect(error.message).toContain(`${at("moved.yaml")}: `);
		expect(inspect(error, { showHidden: true, depth: Infinity })).not.toContain("ENC[AES");
	});

	it("says that a name without a format was taken for binary", async () => {
		copyFileSync(at("encrypted.yaml"), at("encrypted.yaml.enc"));
		const asBinary = decryptFile(at("encrypted.yaml.enc"), { providers });
		await expect(asBinary).rejects.toThrow(/read as binary: name the format if it is another/);
		await expect(decryptFile(at("encrypted.yaml.enc"), { providers, format: "binary" })).rejects.not.toThrow(
			/name the format/,
		);
		const asYaml = await decryptFile(at("encrypted.yaml.enc"), { providers, format: "yaml" });
		expect(asYaml.text()).toBe((await decryptFile(at("encrypted.yaml"), { providers })).text());
	});

	it("reads no more than the limit, also from what has no size", async () => {
		const limit = { maxBytes: 100, providers, format: "yaml" } as const;
		for (const path of [at("encrypted.yaml"), "/dev/zero"]) {
			expect(await failure(decryptFile(path, limit))).toMatchObject({
				code: "size-exceeded",
				details: { limit: 100 },
			});
		}
	});

	it("refuses unknown options and what is no path before it reads", async () => {
		await expect(decryptFile(at("absent.yaml"), { providers, ignoreMAC: true } as never)).rejects.toThrow(
			'decryptFile() does not know the option "ignoreMAC". Did you mean "ignoreMac"?',
		);
		await expect(decryptFile(at("absent.yaml"), {} as never)).rejects.toThrow(UsageError);
		for (const path of ["", "a\0b", undefined, 3, new URL("https://example.org/a.yaml")]) {
			await expect(decryptFile(path as never, { providers })).rejects.toThrow(UsageError);
		}
	});

	it("ends with the caller's signal", async () => {
		const error = await failure(
			decryptFile(at("encrypted.yaml"), { providers, signal: AbortSignal.abort() }),
		);
		expect(error.code).toBe("aborted");
	});
});

describe("encryptFile()", () => {
	it("replaces the plain file, keeps its mode, and leaves nothing beside it", async () => {
		chmodSync(at("plain.yaml"), 0o640);
		const isRoot = process.getuid?.() === 0;
		if (isRoot) chownSync(at("plain.yaml"), 12, 34);
		const before = names();
		const file = await encryptFile(at("plain.yaml"), { keyGroups, encryptedRegex });
		expect(readFileSync(at("plain.yaml"), "utf8")).toBe(file.text);
		expect(mode(at("plain.yaml"))).toBe(0o640);
		if (isRoot) expect(statSync(at("plain.yaml"))).toMatchObject({ uid: 12, gid: 34 });
		expect(names()).toEqual(before);
		const doc = await decryptFile(at("plain.yaml"), { providers });
		expect(doc.text()).toBe(readFileSync(join(vector, "decrypted.yaml"), "utf8"));
	});

	it("writes to another path, new or there already, and leaves the plain file alone", async () => {
		const plain = readFileSync(at("plain.yaml"), "utf8");
		writeFileSync(at("there.yaml"), "old\n", { mode: 0o600 });
		for (const output of [at("new.yaml"), pathToFileURL(at("there.yaml"))]) {
			await encryptFile(at("plain.yaml"), { keyGroups, output });
		}
		expect(mode(at("new.yaml"))).toBe(0o666 & ~process.umask());
		expect(mode(at("there.yaml"))).toBe(0o600);
		for (const name of ["new.yaml", "there.yaml"]) await decryptFile(at(name), { providers });
		expect(readFileSync(at("plain.yaml"), "utf8")).toBe(plain);
	});

	it("takes the format from the name: dotenv, and binary for the rest", async () => {
		const content = Uint8Array.of(0, 0xff, 10);
		writeFileSync(at("key.p12"), content);
		writeFileSync(at(".env"), "A=1\n");
		await encryptFile(at("key.p12"), { keyGroups });
		await encryptFile(at(".env"), { keyGroups, output: at("secret.enc") });
		await encryptFile(at(".env"), { keyGroups });
		expect((await decryptFile(at("key.p12"), { providers })).bytes()).toEqual(content);
		expect((await decryptFile(at(".env"), { providers })).data).toEqual({ A: "1" });
		expect(readFileSync(at("secret.enc"), "utf8")).toMatch(/^A=ENC/);
	});

	it("writes another format when it is named, to a name that does not promise a third", async () => {
		const file = at("plain.yaml");
		await encryptFile(file, { keyGroups, outputFormat: "json", output: at("new.json") });
		await decryptFile(at("new.json"), { providers });
		for (const output of [undefined, at("new.yaml"), at("new.env")]) {
			await expect(encryptFile(file, { keyGroups, outputFormat: "json", output })).rejects.toMatchObject({
				name: "UsageError",
				code: "argument-invalid",
			});
		}
	});

	it("follows symbolic links to the real file", async () => {
		mkdirSync(at("real"));
		copyFileSync(at("plain.yaml"), at("real/secret.yaml"));
		symlinkSync("real/secret.yaml", at("link.yaml"));
		symlinkSync("link.yaml", at("link-to-link.yaml"));
		await encryptFile(at("link-to-link.yaml"), { keyGroups });
		expect(lstatSync(at("link.yaml")).isSymbolicLink()).toBe(true);
		expect(lstatSync(at("link-to-link.yaml")).isSymbolicLink()).toBe(true);
		expect(readFileSync(at("real/secret.yaml"), "utf8")).toContain("sops:");
		expect(readdirSync(at("real"))).toEqual(["secret.yaml"]);
	});

	it("writes nothing when a place cannot be written, and says why", async () => {
		const plain = readFileSync(at("plain.yaml"), "utf8");
		mkdirSync(at("folder.yaml"));
		symlinkSync("nowhere.yaml", at("dangling.yaml"));
		const before = names();
		for (const [name, reason] of [
			["folder.yaml", "it is a folder"],
			["absent/secret.yaml", "it does not exist"],
			["plain.yaml/secret.yaml", "a part of its path is not a folder"],
			["dangling.yaml", "it is a symbolic link to nothing"],
		] as const) {
			const error = await failure(encryptFile(at("plain.yaml"), { keyGroups, output: at(name) }));
			expect(error).toMatchObject({
				code: "file-unusable",
				details: { path: at(name), operation: "write", reason },
			});
		}
		expect(
			(await failure(encryptFile(at("plain.yaml"), { keyGroups, output: "/dev/null", format: "yaml" })))
				.message,
		).toBe("/dev/null cannot be written: it is not a regular file.");
		expect(names()).toEqual(before);
		expect(readFileSync(at("plain.yaml"), "utf8")).toBe(plain);
	});

	it("leaves the file as it was after any error on the way", async () => {
		const before = readFileSync(at("encrypted.yaml"), "utf8");
		const encrypted = await failure(encryptFile(at("encrypted.yaml"), { keyGroups }));
		expect(encrypted).toMatchObject({ code: "already-encrypted" });
		expect(encrypted.message).toContain(at("encrypted.yaml"));
		expect(readFileSync(at("encrypted.yaml"), "utf8")).toBe(before);

		const plain = readFileSync(at("plain.yaml"), "utf8");
		const ender = new AbortController();
		const aborting = keyThat(() => ender.abort());
		const aborted = encryptFile(at("plain.yaml"), { keyGroups: [[aborting]], signal: ender.signal });
		expect((await failure(aborted)).code).toBe("aborted");
		expect(readFileSync(at("plain.yaml"), "utf8")).toBe(plain);
		expect(names()).toEqual(["encrypted.yaml", "plain.yaml"]);
	});

	it("does not overwrite what someone else wrote in the meantime", async () => {
		const other = keyThat(() => writeFileSync(at("plain.yaml"), "a: theirs\n"));
		const error = await failure(encryptFile(at("plain.yaml"), { keyGroups: [[other]] }));
		expect(error.message).toContain("someone else changed it in the meantime");
		expect(readFileSync(at("plain.yaml"), "utf8")).toBe("a: theirs\n");

		const sameSize = keyThat(() => {
			writeFileSync(at("plain.yaml"), "a: others\n");
			utimesSync(at("plain.yaml"), 1, 1);
		});
		writeFileSync(at("plain.yaml"), "a: theirs\n");
		expect((await failure(encryptFile(at("plain.yaml"), { keyGroups: [[sameSize]] }))).code).toBe(
			"file-unusable",
		);
		const gone = keyThat(() => rmSync(at("plain.yaml")));
		expect((await failure(encryptFile(at("plain.yaml"), { keyGroups: [[gone]] }))).code).toBe(
			"file-unusable",
		);
		expect(names()).toEqual(["encrypted.yaml"]);
	});

	it("never shows a reader half a file", async () => {
		const plain = `values:\n${Array.from({ length: 2_000 }, (_, i) => `    key${i}: value ${i}\n`).join("")}`;
		writeFileSync(at("big.yaml"), plain);
		let writing = true;
		const seen = new Set<string>();
		const reader = async (): Promise<void> => {
			while (writing) seen.add(await readFile(at("big.yaml"), "utf8"));
		};
		const readers = [reader(), reader(), reader()];
		const written = [plain];
		for (let round = 0; round < 5; round++) {
			const source = at(`source${round}.yaml`);
			writeFileSync(source, plain);
			written.push((await encryptFile(source, { keyGroups, output: at("big.yaml") })).text);
		}
		writing = false;
		await Promise.all(readers);
		expect([...seen].filter((text) => !written.includes(text))).toEqual([]);
		expect(seen.size).toBeGreaterThan(1);
	});

	it("refuses an output whose name promises another format", async () => {
		const work = encryptFile(at("plain.yaml"), { keyGroups, output: at("secret.json") });
		await expect(work).rejects.toThrow(
			"encryptFile() would write yaml to a file with the name of a json file",
		);
		await encryptFile(at("plain.yaml"), { keyGroups, output: at("secret.json"), format: "yaml" });
		await decryptFile(at("secret.json"), { providers, format: "yaml" });
	});
});

describe("editFile()", () => {
	it("changes the lines of the value and of the metadata, in place", async () => {
		chmodSync(at("encrypted.yaml"), 0o600);
		symlinkSync("encrypted.yaml", at("link.yaml"));
		const before = readFileSync(at("encrypted.yaml"), "utf8").split("\n");
		const file = await editFile(at("link.yaml"), { providers }, (draft) => {
			draft.set(["stringData", "password"], "correct horse");
		});
		const after = readFileSync(at("encrypted.yaml"), "utf8");
		expect(after).toBe(file.text);
		expect(file.changed).toBe(true);
		const changed = after
			.split("\n")
			.flatMap((line, index) => (line === before[index] ? [] : [line.trim().split(":")[0]]));
		expect(changed).toEqual(["password", "lastmodified", "mac"]);
		expect(mode(at("encrypted.yaml"))).toBe(0o600);
		expect(lstatSync(at("link.yaml")).isSymbolicLink()).toBe(true);
		expect(names()).toEqual(["encrypted.yaml", "link.yaml", "plain.yaml"]);
		expect((await decryptFile(at("encrypted.yaml"), { providers })).get(["stringData", "password"])).toBe(
			"correct horse",
		);
	});

	it("writes nothing when nothing changed", async () => {
		const before = statSync(at("encrypted.yaml"), { bigint: true });
		const file = await editFile(at("encrypted.yaml"), { providers }, (draft) => {
			draft.set(["stringData", "port"], draft.get(["stringData", "port"]) as number);
		});
		expect(file.changed).toBe(false);
		expect(statSync(at("encrypted.yaml"), { bigint: true })).toMatchObject({
			ino: before.ino,
			mtimeNs: before.mtimeNs,
		});
	});

	it("passes the error of the edit on as it is, and writes nothing", async () => {
		const before = readFileSync(at("encrypted.yaml"), "utf8");
		const mine = new Error("mine");
		const work = editFile(at("encrypted.yaml"), { providers }, (draft) => {
			draft.set(["stringData", "port"], 1);
			throw mine;
		});
		await expect(work).rejects.toBe(mine);
		expect(readFileSync(at("encrypted.yaml"), "utf8")).toBe(before);
	});

	it("does not overwrite what someone else wrote in the meantime", async () => {
		const theirs = readFileSync(join(vectors, "yaml", "comments", "encrypted.yaml"), "utf8");
		const work = editFile(at("encrypted.yaml"), { providers }, (draft) => {
			draft.set(["stringData", "port"], 1);
			writeFileSync(at("encrypted.yaml"), theirs);
		});
		expect((await failure(work)).code).toBe("file-unusable");
		expect(readFileSync(at("encrypted.yaml"), "utf8")).toBe(theirs);
		expect(names()).toEqual(["encrypted.yaml", "plain.yaml"]);
	});

	it("wants a function", async () => {
		await expect(editFile(at("encrypted.yaml"), { providers }, "x" as never)).rejects.toThrow(UsageError);
	});
});
