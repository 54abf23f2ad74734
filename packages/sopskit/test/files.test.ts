// Paths, patterns, results, progress and aborts of files().
import { symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	createSops,
	type FileProgress,
	isSopsError,
	recipient,
	type SopsError,
	UsageError,
} from "../src/index.ts";
import { keyFile, recipientOf, Tree } from "./tree.ts";

const sops = createSops({ identities: keyFile("first"), keyGroups: [[recipient(recipientOf("first"))]] });
const sealed = (await sops.encryptDocument("a: open sesame\n", { format: "yaml" })).text;

let tree: Tree;
beforeEach(() => {
	tree = new Tree();
});
afterEach(() => tree.remove());

const found = async (...patterns: string[]): Promise<string[]> =>
	[...(await sops.files(patterns, { cwd: tree.root }).paths())].map((path) =>
		path.slice(tree.root.length + 1),
	);

async function failure(work: Promise<unknown>): Promise<SopsError> {
	const thrown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!isSopsError(thrown)) throw new Error(`not a SopsError: ${inspect(thrown)}`);
	return thrown;
}

describe("files() finds", () => {
	beforeEach(() => {
		tree.write({
			"a.yaml": "",
			".env": "",
			"b/c.yaml": "",
			"b/d.json": "",
			"b/.hidden/e.yaml": "",
			"b [x]/{y}.yaml": "",
			".git/config.yaml": "",
			"b/node_modules/x.yaml": "",
			"b/.sopskit-00.tmp": "",
		});
	});

	it("what a pattern matches, names with a dot too, but nothing of git or of packages", async () => {
		expect(await found("**/*.yaml")).toEqual(["a.yaml", "b [x]/{y}.yaml", "b/.hidden/e.yaml", "b/c.yaml"]);
		expect(await found("**/.env", "*.{yaml,json}")).toEqual([".env", "a.yaml"]);
		expect(await found("nothing/**")).toEqual([]);
	});

	it("all below a folder, without what is excluded", async () => {
		expect(await found("b")).toEqual(["b/.hidden/e.yaml", "b/c.yaml", "b/d.json"]);
		expect(await found("b", "!**/*.json", "!b/.hidden")).toEqual(["b/c.yaml"]);
		expect(await found("b [x]")).toEqual(["b [x]/{y}.yaml"]);
		expect(await found(".", "!b/**", "!b [[]x]/**")).toEqual([".env", "a.yaml"]);
		expect(await sops.files(tree.path("b")).paths()).toEqual(
			["b/.hidden/e.yaml", "b/c.yaml", "b/d.json"].map((name) => tree.path(name)),
		);
		expect(await sops.files([pathToFileURL(tree.path("b")), "!**/.hidden/**"]).paths()).toEqual(
			["b/c.yaml", "b/d.json"].map((name) => tree.path(name)),
		);
		expect(await sops.files(join(tree.root, "*.yaml")).paths()).toEqual([tree.path("a.yaml")]);
	});

	it("a path that looks like a pattern, and one where nothing is", async () => {
		expect(await found("b [x]/{y}.yaml", "absent.yaml")).toEqual(["b [x]/{y}.yaml", "absent.yaml"]);
		const [result] = await sops.files(tree.path("absent.yaml")).decrypt();
		expect(result).toMatchObject({ ok: false, error: { code: "file-unusable" } });
	});

	it("each file once, and no links, unless one is named", async () => {
		symlinkSync(tree.path("a.yaml"), tree.path("b", "link.yaml"));
		symlinkSync(tree.path("b"), tree.path("linked"));
		symlinkSync(tree.root, tree.path("b", "circle"));
		expect(await found("a.yaml", "*.yaml", "./a.yaml", "b/../a.yaml")).toEqual(["a.yaml"]);
		expect(await found("**/*.yaml")).toEqual(["a.yaml", "b [x]/{y}.yaml", "b/.hidden/e.yaml", "b/c.yaml"]);
		expect(await found("b/link.yaml", "*.yaml")).toEqual(["b/link.yaml"]);
		expect(await found("linked", "!**/.hidden/**")).toEqual(["linked/c.yaml", "linked/d.json"]);
	});

	it("refuses what is no path and no pattern", () => {
		for (const patterns of ["", "!", [""], [1], [["a"]], undefined, new URL("https://example.org/a"), "a\0"])
			expect(() => sops.files(patterns as never), inspect(patterns)).toThrow(UsageError);
		expect(() => sops.files("a", { patern: 1 } as never)).toThrow(
			'files() does not know the option "patern"',
		);
		for (const options of [{ concurrency: 0 }, { signal: 1 }, { onProgress: "x" }, { cwd: 1 }])
			expect(() => sops.files("a", options as never), inspect(options)).toThrow(UsageError);
	});
});

describe("a run over files", () => {
	it("gives a result for each, in order, with a bounded number under way; what fails hides nothing", async () => {
		tree.write(
			Object.fromEntries(
				Array.from({ length: 12 }, (_, i) => [`${String(i).padStart(2, "0")}.yaml`, sealed]),
			),
		);
		tree.write({ "03.yaml": "a: 1\n", "05.yaml": "a: [\n" });
		let [underWay, most] = [0, 0];
		const results = await sops.files(tree.root, { concurrency: 3 }).each(async (path) => {
			most = Math.max(most, ++underWay);
			try {
				return (await sops.decryptFile(path)).data;
			} finally {
				underWay--;
			}
		});
		expect(most).toBe(3);
		expect(results.map(({ path }) => basename(path))).toEqual(Object.keys(tree.all()));
		expect(results.map((one) => (one.ok ? "ok" : (one.error as SopsError).code))).toEqual([
			...["ok", "ok", "ok", "not-encrypted", "ok", "syntax-invalid"],
			...Array.from({ length: 6 }, () => "ok"),
		]);
		const decrypted = await sops.files(tree.root).decrypt();
		expect(decrypted.map((one) => (one.ok ? one.value.get(["a"]) : one.error.code))).toEqual(
			results.map((one) => (one.ok ? "open sesame" : (one.error as SopsError).code)),
		);
		expect(await sops.files([]).decrypt()).toEqual([]);
	});

	it("tells of its progress, and shows no secret there or in results", async () => {
		tree.write({ "a.yaml": sealed, "b.yaml": "a: open sesame\n" });
		const progress: FileProgress[] = [];
		const files = sops.files(["a.yaml", "b.yaml"], {
			...{ cwd: tree.root, concurrency: 1 },
			onProgress: (one) => progress.push(one),
		});
		const results = await files.decrypt();
		expect(progress).toEqual([
			{ path: tree.path("a.yaml"), outcome: "done", done: 1, total: 2 },
			{ path: tree.path("b.yaml"), outcome: "failed", done: 2, total: 2 },
		]);
		progress.length = 0;
		await files.updateKeys({ keyGroups: [[recipient(recipientOf("first"))]] });
		expect(progress.map(({ outcome }) => outcome)).toEqual(["skipped", "skipped"]);
		for (const printed of [inspect(results, { depth: 9 }), JSON.stringify(results), `${results}`])
			expect(printed).not.toContain("open sesame");
		const [first] = results;
		expect(first?.ok && first.value.get(["a"])).toBe("open sesame");
	});

	it("ends for what is not about one file, after those under way", async () => {
		tree.write({ "a.yaml": sealed, "b.yaml": sealed, "c.yaml": sealed });
		const seen: string[] = [];
		const ended: string[] = [];
		const run = sops.files(tree.root, { concurrency: 2 }).each(async (path) => {
			seen.push(basename(path));
			if (seen.length === 1) throw new UsageError("argument-invalid", "mine");
			await new Promise((resolve) => setTimeout(resolve, 5));
			ended.push(basename(path));
		});
		await expect(run).rejects.toThrow("mine");
		expect([seen, ended]).toEqual([["a.yaml", "b.yaml"], ["b.yaml"]]);
		const listener = sops.files(tree.root, {
			onProgress() {
				throw new Error("of the listener");
			},
		});
		await expect(listener.decrypt()).rejects.toThrow("of the listener");
		const results = await sops.files(tree.root).each(() => {
			throw new RangeError("of the work");
		});
		expect(results.map((one) => !one.ok && (one.error as Error).message)).toEqual(
			Array(3).fill("of the work"),
		);
		await expect(sops.files(tree.root).each("x" as never)).rejects.toThrow(UsageError);
	});

	it("refuses unknown options, also where there is no file", async () => {
		const none = sops.files([]);
		await expect(none.decrypt({ ignoreMAC: true } as never)).rejects.toThrow('the option "ignoreMAC"');
		await expect(none.encrypt({ dryrun: true } as never)).rejects.toThrow("It knows: dryRun, format");
		await expect(none.encrypt({ dryRun: "yes" } as never)).rejects.toThrow("must be true or false");
		await expect(none.encrypt({ output: "x" } as never)).rejects.toThrow('the option "output"');
		await expect(none.updateKeys({ dryRun: 1 } as never)).rejects.toThrow("must be true or false");
		await expect(none.updateKeys({ signal: AbortSignal.abort() } as never)).rejects.toThrow(
			"give it to files()",
		);
		await expect(none.decrypt(null as never)).rejects.toThrow(UsageError);
	});

	it("hands every option that it knows to an operation that knows it", async () => {
		tree.write({ "a.yaml": sealed });
		const known = async (work: Promise<unknown>): Promise<string[]> =>
			/It knows: (.*)\./
				.exec((await work.catch((error: Error) => error)) as never as string)?.[1]
				?.split(", ") ?? [];
		const files = sops.files(tree.root);
		const names = {
			decrypt: await known(files.decrypt({ x: 1 } as never)),
			encrypt: await known(files.encrypt({ x: 1 } as never)),
			updateKeys: await known(files.updateKeys({ x: 1 } as never)),
		};
		for (const all of Object.values(names)) expect(all.length).toBeGreaterThan(8);
		const undefinedOf = (all: string[]) => Object.fromEntries(all.map((name) => [name, undefined]));
		const results = await files.decrypt(undefinedOf(names.decrypt));
		expect(results.every(({ ok }) => ok)).toBe(true);
		const other = [[recipient(recipientOf("first")), recipient(recipientOf("second"))]];
		const updated = await files.updateKeys({ ...undefinedOf(names.updateKeys), keyGroups: other });
		expect(updated).toMatchObject([{ ok: true, value: { action: "update" } }]);
		tree.write({ "a.yaml": "a: 1\n" });
		expect(await files.encrypt(undefinedOf(names.encrypt))).toMatchObject([
			{ ok: true, value: { action: "encrypt" } },
		]);
	});
});

describe("an abort", () => {
	it("before the search throws; nothing is read", async () => {
		const files = sops.files(tree.root, { signal: AbortSignal.abort() });
		for (const run of [files.decrypt, files.paths, files.encrypt])
			expect((await failure(run())).code).toBe("aborted");
	});

	it("begins no further work of one's own, and hands on the signal", async () => {
		tree.write({ "a.yaml": "", "b.yaml": "", "c.yaml": "" });
		const controller = new AbortController();
		const begun: string[] = [];
		const results = await sops
			.files(tree.root, { concurrency: 1, signal: controller.signal })
			.each((path, { signal }) => {
				begun.push(basename(path));
				if (begun.length === 2) controller.abort();
				return signal?.aborted;
			});
		expect(begun).toEqual(["a.yaml", "b.yaml"]);
		expect(results.map((one) => (one.ok ? one.value : (one.error as SopsError).code))).toEqual([
			...[false, true, "aborted"],
		]);
	});

	it("half-way leaves what is done done, and nothing half written", async () => {
		const names = Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, "0")}.yaml`);
		tree.write(Object.fromEntries(names.map((name) => [name, `a: value of ${name}\n`])));
		const controller = new AbortController();
		const results = await sops
			.files(tree.root, {
				concurrency: 4,
				signal: controller.signal,
				onProgress: ({ done }) => done === 10 && controller.abort(),
			})
			.encrypt();
		const after = tree.all();
		expect(Object.keys(after)).toEqual(names);
		const done = results.filter(({ ok }) => ok).map(({ path }) => basename(path));
		expect(done.length).toBeGreaterThanOrEqual(10);
		expect(done.length).toBeLessThan(30);
		for (const result of results) {
			const name = basename(result.path);
			if (result.ok) {
				expect(after[name]).toContain("sops:");
				expect((await sops.decryptFile(result.path)).get(["a"])).toBe(`value of ${name}`);
			} else {
				expect(result.error.code).toBe("aborted");
				expect(after[name]).toBe(`a: value of ${name}\n`);
			}
		}
		// The second run does the rest, and nothing twice.
		const again = await sops.files(tree.root).encrypt();
		expect(again.filter((one) => one.ok && one.value.action === "skip")).toHaveLength(done.length);
		for (const name of names)
			expect((await sops.decryptFile(tree.path(name))).get(["a"])).toBe(`value of ${name}`);
	});
});
