import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	age,
	createSops,
	type FileResult,
	generateIdentity,
	isSopsError,
	type KeyProvider,
	type PassphraseRequest,
	recipient,
	type SopsError,
	UsageError,
} from "../src/index.ts";

const vectors = join(import.meta.dirname, "..", "..", "..", "vectors");
const secret = join(vectors, "yaml", "kubernetes-secret", "encrypted.yaml");
const plain = join(vectors, "yaml", "kubernetes-secret", "plain.yaml");
const keyFile = join(vectors, "keys", "first.txt");
const identity = /AGE-SECRET-KEY-1\w+/.exec(readFileSync(keyFile, "utf8"))![0];
const first = /age1\w+/.exec(readFileSync(keyFile, "utf8"))![0];
const strangerFile = join(vectors, "keys", "stranger.txt");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function failure(work: Promise<unknown>): Promise<SopsError> {
	const thrown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!isSopsError(thrown)) throw new Error(`not a SopsError: ${inspect(thrown)}`);
	return thrown;
}

describe("identities", () => {
	it("come from SOPS_AGE_KEY, SOPS_AGE_KEY_FILE and the default key file", async () => {
		mkdirSync(join(folder, "sops", "age"), { recursive: true });
		copyFileSync(keyFile, join(folder, "sops", "age", "keys.txt"));
		for (const environment of [
			{ SOPS_AGE_KEY: identity },
			{ SOPS_AGE_KEY_FILE: keyFile },
			{ XDG_CONFIG_HOME: folder },
		]) {
			const doc = await createSops({ environment }).decryptFile(secret);
			expect(doc.get(["stringData", "port"])).toBe(5432);
		}
	});

	it("come from the options, and are added to those of the environment", async () => {
		const stranger = readFileSync(strangerFile, "utf8");
		for (const options of [
			{ identities: identity },
			{ identities: [stranger, identity] },
			{ identities: stranger, environment: { SOPS_AGE_KEY: identity } },
			{ identities: identity, environment: { SOPS_AGE_KEY: stranger } },
		]) {
			expect((await createSops(options).decryptFile(secret)).mac).toBe("verified");
		}
	});

	it("do not come from an environment that was not passed", async () => {
		const before = { ...process.env };
		process.env.SOPS_AGE_KEY = identity;
		try {
			for (const sops of [createSops(), createSops({ environment: {} })]) {
				expect((await failure(sops.decryptFile(secret))).code).toBe("data-key-unavailable");
			}
		} finally {
			process.env = before;
		}
	});

	it("are those of the moment of the call", async () => {
		const environment: Record<string, string> = { SOPS_AGE_KEY: identity };
		const sops = createSops({ environment });
		delete environment.SOPS_AGE_KEY;
		await sops.decryptFile(secret);
	});

	it("that cannot be found are named where the file cannot be opened", async () => {
		const environment = { SOPS_AGE_KEY_FILE: join(folder, "absent.txt"), HOME: folder };
		const sops = createSops({ environment });
		const error = await failure(sops.decryptFile(secret));
		expect(error.code).toBe("data-key-unavailable");
		expect(error.message.replaceAll(folder, "~").replace(secret, "secret.yaml")).toBe(
			[
				"secret.yaml: No key at hand opens this file. Give an identity or credentials for one of its keys:",
				`  - age ${first}: no identity for ${first}; none was given`,
				"Where age identities were looked for without success:",
				"  - SOPS_AGE_KEY_FILE: the file it names cannot be read (ENOENT)",
				"  - SOPS_AGE_SSH_PRIVATE_KEY_FILE: no identity there",
				"  - SOPS_AGE_SSH_PRIVATE_KEY_CMD: no identity there",
				"  - ~/.ssh/id_ed25519: no identity there",
				"  - ~/.ssh/id_rsa: no identity there",
				"  - SOPS_AGE_KEY: no identity there",
				"  - SOPS_AGE_KEY_CMD: no identity there",
				"  - ~/.config/sops/age/keys.txt: no identity there",
			].join("\n"),
		);
		expect(await sops.sources()).toMatchObject({
			identities: 0,
			findings: [{ code: "source-unusable" }],
			notFound: expect.arrayContaining(["SOPS_AGE_KEY", join(folder, ".config/sops/age/keys.txt")]),
		});
	});

	it("come from an SSH key, a command and an encrypted key file of the environment, with whom to ask", async () => {
		const keys = join(import.meta.dirname, "..", "..", "age", "test", "keys");
		const sshKey = join(keys, "ed25519-protected");
		const { text } = await createSops().encryptDocument("a: 1\n", {
			format: "yaml",
			keyGroups: [[recipient(readFileSync(`${sshKey}.pub`, "utf8"))]],
		});
		const environment = { SOPS_AGE_SSH_PRIVATE_KEY_FILE: sshKey };
		const names: string[] = [];
		const passphrase = ({ name }: PassphraseRequest): string => {
			names.push(name);
			return "throw-away";
		};
		const sops = createSops({ environment, passphrase });
		expect((await sops.decryptDocument(text, { format: "yaml" })).data).toEqual({ a: 1 });
		expect((await sops.decryptDocument(text, { format: "yaml" })).data).toEqual({ a: 1 });
		expect(names).toEqual([sshKey]);
		const error = await failure(createSops({ environment }).decryptDocument(text, { format: "yaml" }));
		expect(error.message).toContain(`${sshKey} is protected by a passphrase: pass the option passphrase`);
		if (process.platform === "win32") return;
		const command = { SOPS_AGE_KEY_CMD: `cat '${keyFile}'`, PATH: process.env.PATH };
		expect((await createSops({ environment: command }).decryptFile(secret)).mac).toBe("verified");
	});

	it("come from a function, called once", async () => {
		let calls = 0;
		const sops = createSops({
			identities: async () => {
				calls++;
				return readFileSync(keyFile, "utf8");
			},
		});
		const results = await sops.decryptFiles([secret, secret, secret]);
		expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
		expect(calls).toBe(1);
	});

	it("are told at once when they cannot be read, and are shown nowhere", async () => {
		expect(() => createSops({ identities: `${identity}X` })).toThrow("line 1 of identity text 1");
		const sops = createSops({ identities: identity, environment: { SOPS_AGE_KEY: identity } });
		await sops.decryptFile(secret);
		const texts = [sops, await sops.sources(), await failure(sops.decryptFile(join(folder, "x.yaml")))];
		for (const one of texts) {
			expect(inspect(one, { showHidden: true, depth: Infinity })).not.toContain(identity.slice(0, 30));
		}
	});
});

describe("settings", () => {
	it("SOPS_AGE_RECIPIENTS is the key group of what is encrypted", async () => {
		const other = await generateIdentity();
		const environment = { SOPS_AGE_RECIPIENTS: `${first},${other.recipient}` };
		const sops = createSops({ environment });
		const file = await sops.encryptDocument("a: 1\n", { format: "yaml" });
		const { groups } = sops.inspectDocument(file.text, { format: "yaml" });
		expect(groups.map((group) => group.map(({ id }) => id))).toEqual([[first, other.recipient]]);
		for (const one of [identity, other.identity]) {
			const doc = await createSops({ identities: one }).decryptDocument(file.text, { format: "yaml" });
			expect(doc.data).toEqual({ a: 1 });
		}
		expect(() => createSops({ environment: { SOPS_AGE_RECIPIENTS: "age1x" } })).toThrow("line 1, item 1");
	});

	it("encryption without master keys is refused", async () => {
		const error = await failure(createSops().encryptDocument("a: 1\n", { format: "yaml" }));
		expect(error).toMatchObject({
			code: "keys-missing",
			message: expect.stringContaining("SOPS_AGE_RECIPIENTS"),
		});
	});

	it("SOPS_DECRYPTION_ORDER orders the tries; a type named twice is refused, an unknown one is not", async () => {
		expect(() => createSops({ environment: { SOPS_DECRYPTION_ORDER: "age,pgp,age" } })).toThrow(
			'SOPS_DECRYPTION_ORDER names "age" twice',
		);
		const asked: string[] = [];
		const nosy: KeyProvider = {
			name: "nosy",
			masterKey(ref) {
				asked.push(ref.type);
				return undefined;
			},
		};
		const file = readFileSync(secret, "utf8").replace(
			"    age:\n",
			'    pgp:\n        - created_at: "2026-01-01T00:00:00Z"\n          enc: x\n          fp: ABCD\n    age:\n',
		);
		for (const [order, expected] of [
			["pgp,unheard-of,age", ["pgp", "age"]],
			["age", ["age"]],
		] as const) {
			asked.length = 0;
			const environment = { SOPS_DECRYPTION_ORDER: order, SOPS_AGE_KEY: identity };
			await createSops({ environment, providers: [nosy] }).decryptDocument(file, { format: "yaml" });
			expect(asked).toEqual(expected);
		}
	});
});

describe("operations", () => {
	const sops = createSops({ identities: identity, environment: { SOPS_AGE_RECIPIENTS: first } });

	it("work on text, files and objects, also taken out of the instance", async () => {
		const { encryptFile, decryptFile, editFile, editDocument, decryptObject, encryptDocument } = sops;
		const path = join(folder, "secret.yaml");
		copyFileSync(plain, path);
		await encryptFile(path, { encryptedRegex: "^(data|stringData)$" });
		await editFile(path, {}, (draft) => draft.set(["stringData", "port"], 6543));
		expect((await decryptFile(path)).get(["stringData", "port"])).toBe(6543);

		const json = await encryptDocument('{"a": 1, "b": "x"}', { format: "json" });
		const edited = await editDocument(json.text, { format: "json" }, (draft) => draft.set(["a"], 2));
		expect((await decryptObject(JSON.parse(edited.text))).data).toEqual({ a: 2, b: "x" });
	});

	it("take the keys of a call in the place of their own", async () => {
		const stranger = age({ identities: readFileSync(strangerFile, "utf8") });
		const error = await failure(sops.decryptFile(secret, { providers: [stranger] }));
		expect(error.message).toContain("1 identity tried");
		expect(error.message).not.toContain("looked for");
	});

	it("pass options on and refuse unknown ones", async () => {
		await expect(sops.decryptFile(secret, { ignoreMAC: true } as never)).rejects.toThrow(
			'Did you mean "ignoreMac"?',
		);
		expect((await sops.decryptFile(secret, { ignoreMac: true })).mac).toBe("ignored");
		expect(() => createSops({ identity } as never)).toThrow(
			'createSops() does not know the option "identity". It knows: identities, passphrase, plugins, environment,',
		);
		expect(() => createSops({ concurrency: 0 })).toThrow(UsageError);
		expect(() => createSops(null as never)).toThrow(UsageError);
		const confused = (): unknown => createSops({ SOPS_AGE_KEY: identity } as never);
		expect(confused).toThrow("does not know an option that it was given");
		await expect(sops.encryptDocument("a: 1", undefined as never)).rejects.toThrow(UsageError);
	});

	it("end with close(), which closes the providers once", async () => {
		let closes = 0;
		const provider: KeyProvider = {
			name: "counter",
			masterKey: () => undefined,
			close: async () => void closes++,
		};
		const closing = createSops({ providers: [provider], environment: {} });
		await closing.close();
		await closing.close();
		expect(closes).toBe(1);
		await expect(closing.decryptFile(secret)).rejects.toThrow("was closed");
		await expect(closing.sources()).rejects.toThrow("was closed");
	});
});

describe("decryptFiles()", () => {
	it("gives a result for each path, in order, with a bounded number under way", async () => {
		let underWay = 0;
		let most = 0;
		const inner = age({ identities: identity });
		const provider: KeyProvider = {
			...inner,
			async unwrapAny(entries, call) {
				most = Math.max(most, ++underWay);
				await new Promise((resolve) => setTimeout(resolve, 5));
				underWay--;
				return inner.unwrapAny!(entries, call);
			},
		};
		const sops = createSops({ providers: [provider], concurrency: 3 });
		const absent = join(folder, "absent.yaml");
		const paths = [secret, secret, absent, plain, ...Array.from({ length: 8 }, () => secret)];
		const results: readonly FileResult[] = await sops.decryptFiles(paths);
		expect(most).toBe(3);
		expect(results.map(({ path }) => path)).toEqual(paths);
		expect(results.map((result) => (result.ok ? result.document.mac : result.error.code))).toEqual([
			...["verified", "verified", "file-unusable", "not-encrypted"],
			...Array.from({ length: 8 }, () => "verified"),
		]);
		expect(await sops.decryptFiles([])).toEqual([]);
	});

	it("ends as a whole with misuse and with the caller's signal", async () => {
		const sops = createSops({ identities: identity });
		await expect(sops.decryptFiles([secret, "" as never])).rejects.toThrow(UsageError);
		await expect(sops.decryptFiles(secret as never)).rejects.toThrow("takes an array of paths");
		const signal = AbortSignal.abort();
		expect((await failure(sops.decryptFiles([secret], { signal }))).code).toBe("aborted");
	});
});

describeReference("createSops() beside sops", (reference) => {
	it("reads what sops wrote and writes what sops reads, with one environment for both", async () => {
		const { identity: own, recipient } = await generateIdentity();
		const env = { SOPS_AGE_KEY: own, SOPS_AGE_RECIPIENTS: recipient };
		const sops = createSops({ environment: env });
		for (const name of ["secret.yaml", "secret.json"]) {
			const theirs = join(folder, `theirs-${name}`);
			writeFileSync(
				theirs,
				name.endsWith("yaml") ? "# c\na: 1\nb: [x, 2.5, true]\n" : '{"a": 1, "b": ["x", 2.5, true]}',
			);
			const encrypted = await reference.runSops(["encrypt", "--in-place", theirs], { env });
			expect(encrypted.stderr).toBe("");
			const doc = await sops.decryptFile(theirs);
			expect(doc.data).toEqual({ a: 1, b: ["x", 2.5, true] });
			expect(doc.text()).toBe((await reference.runSops(["decrypt", theirs], { env })).stdout);

			const ours = join(folder, name);
			writeFileSync(ours, doc.text());
			await sops.encryptFile(ours);
			await sops.editFile(ours, {}, (draft) => draft.set(["b", 0], "y"));
			const read = await reference.runSops(["decrypt", ours], { env });
			expect(read.stderr).toBe("");
			expect(read.stdout).toBe((await sops.decryptFile(ours)).text());
			expect(read.stdout).toContain("y");
		}
	});

	it("agrees on SOPS_DECRYPTION_ORDER", async () => {
		for (const [order, good] of [
			["age,pgp", true],
			["pgp,unheard-of", true],
			["age, age", true],
			["age,age", false],
			["", true],
			[",", false],
		] as const) {
			const env = { SOPS_AGE_KEY: identity, SOPS_DECRYPTION_ORDER: order };
			const theirs = await reference.runSops(["decrypt", secret], { env });
			expect([order, theirs.status === 0]).toEqual([order, good]);
			if (good) await createSops({ environment: env }).decryptFile(secret);
			else expect(() => createSops({ environment: env })).toThrow("twice");
		}
	});
});
