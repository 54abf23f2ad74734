// Keys of many files brought in line with the rules, beside sops updatekeys.
import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	createSops,
	encryptDocument,
	type FileKeyUpdate,
	type FileResult,
	type Format,
	inspectFile,
	recipient,
} from "../src/index.ts";
import { keyFile, recipientOf, Tree } from "./tree.ts";

const [first, second, third] = (["first", "second", "third"] as const).map(recipientOf) as [
	string,
	string,
	string,
];
const groupsOf = (...groups: string[][]) => groups.map((group) => group.map((one) => recipient(one)));
const sealed = async (text: string, format: Format, ...groups: string[][]): Promise<string> =>
	(await encryptDocument(text, { format, keyGroups: groupsOf(...groups) })).text;

let tree: Tree;
beforeEach(() => {
	tree = new Tree();
});
afterEach(() => tree.remove());

/** `update`, a reason, or a code, by path below the tree. */
const told = (results: readonly FileResult<FileKeyUpdate>[]): Record<string, string> =>
	Object.fromEntries(
		results.map((one) => [
			one.path.slice(tree.root.length + 1),
			!one.ok ? one.error.code : one.value.action === "skip" ? one.value.reason : "update",
		]),
	);

const RULES = `creation_rules:\n  - path_regex: ^a/\n    age: '${first},${third}'\n  - path_regex: ^b/\n    age: ${first}\n`;

async function writeFiles(): Promise<void> {
	tree.write({
		".sops.yaml": RULES,
		"a/joins.yaml": await sealed("x: open sesame\n", "yaml", [first]),
		"a/right.yaml": await sealed("x: open sesame\n", "yaml", [first, third]),
		"a/key.bin": await sealed("open sesame", "binary", [first]),
		"a/plain.yaml": "x: open sesame\n",
		"a/template.yaml": "x: {{ .Values.x }}\n",
		"a/readme.md": "# a\n",
		"b/leaves.json": await sealed('{"x": "open sesame"}', "json", [first, second]),
		"c/none.yaml": await sealed("x: open sesame\n", "yaml", [first]),
	});
}

const EXPECTED = {
	".sops.yaml": "not-encrypted",
	"a/joins.yaml": "update",
	"a/key.bin": "update",
	"a/plain.yaml": "not-encrypted",
	"a/readme.md": "not-encrypted",
	"a/right.yaml": "up-to-date",
	"a/template.yaml": "not-encrypted",
	"b/leaves.json": "update",
	"c/none.yaml": "no-rule",
};

describe("updateKeys() over files", () => {
	it("plans without keys, and writes nothing", async () => {
		await writeFiles();
		const before = tree.all();
		const results = await createSops({ config: true }).files(tree.root).updateKeys({ dryRun: true });
		expect(told(results)).toEqual(EXPECTED);
		const changes = results.flatMap((one) =>
			one.ok && one.value.action === "update"
				? one.value.plan.groups.map(({ added, removed }) => [
						added.map(({ id }) => id),
						removed.map(({ id }) => id),
					])
				: [],
		);
		expect(changes).toEqual([
			[[third], []],
			[[third], []],
			[[], [second]],
		]);
		expect(tree.all()).toEqual(before);
		expect(JSON.stringify(results)).toContain(third);
		expect(JSON.stringify(results)).not.toContain("ENC[");
	});

	it("updates what the plan says; where someone leaves, the file is rotated and says so", async () => {
		await writeFiles();
		const before = tree.all();
		const sops = createSops({ config: true, identities: keyFile("first") });
		const results = await sops.files(tree.root).updateKeys();
		expect(told(results)).toEqual(EXPECTED);
		const after = tree.all();
		const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
		expect(changed).toEqual(["a/joins.yaml", "a/key.bin", "b/leaves.json"]);
		const values = (text: string | undefined) => /"?x"?: (.*)/.exec(text!)![1];
		expect(values(after["a/joins.yaml"])).toBe(values(before["a/joins.yaml"]));
		expect(values(after["b/leaves.json"])).not.toBe(values(before["b/leaves.json"]));
		const left = results.find(({ path }) => path.endsWith("leaves.json"));
		expect(left).toMatchObject({ ok: true, value: { findings: [{ code: "history-readable" }] } });
		const joined = createSops({ identities: keyFile("third") });
		expect((await joined.decryptFile(tree.path("a/joins.yaml"))).data).toEqual({ x: "open sesame" });
		expect((await joined.decryptFile(tree.path("a/key.bin"))).text()).toBe("open sesame");
		expect(told(await sops.files(tree.root).updateKeys())).toEqual({
			...EXPECTED,
			...Object.fromEntries(changed.map((name) => [name, "up-to-date"])),
		});
	});

	it("takes keys and options of the call in the place of the rules", async () => {
		await writeFiles();
		const sops = createSops({ identities: keyFile("first") });
		const files = sops.files([tree.path("a"), tree.path("c")]);
		const before = tree.read("c/none.yaml");
		const results = await files.updateKeys({ keyGroups: groupsOf([first], [second]), rotate: false });
		expect(told(results)).toMatchObject({ "a/joins.yaml": "update", "c/none.yaml": "update" });
		expect(await inspectFile(tree.path("c/none.yaml"))).toMatchObject({
			groups: [[{ id: first }], [{ id: second }]],
			shamirThreshold: 2,
		});
		expect(tree.read("c/none.yaml").split("\n")[0]).toBe(before.split("\n")[0]);
		expect(told(await createSops().files(tree.path("c")).updateKeys({ dryRun: true }))).toEqual({
			"c/none.yaml": "keys-missing",
		});
	});

	it("fails for single files, and leaves them as they were", async () => {
		const good = await sealed("x: open sesame\n", "yaml", [first]);
		tree.write({
			".sops.yaml": [
				"creation_rules:",
				"  - {path_regex: kms, kms: 'arn:aws:kms:us-east-1:123456789012:key/x'}",
				`  - {path_regex: two, age: ${second}, encrypted_regex: a, encrypted_suffix: b}`,
				"  - {path_regex: nokeys}",
				`  - {age: '${first},${second}'}`,
				"",
			].join("\n"),
			"broken.yaml": `<<<<<<< ours\n${good}`,
			"good.yaml": good,
			"kms.yaml": good,
			"metadata.yaml": good.replace(/lastmodified:.*/, "lastmodified: [x]"),
			"nokeys.yaml": good,
			"strangers.yaml": await sealed("x: open sesame\n", "yaml", [third]),
			"two.yaml": good,
		});
		const before = tree.all();
		const plan = await createSops({ config: true }).files(tree.root).updateKeys({ dryRun: true });
		expect(told(plan)).toMatchObject({
			...{ "good.yaml": "update", "kms.yaml": "provider-missing", "two.yaml": "config-invalid" },
			...{ "nokeys.yaml": "keys-missing", "broken.yaml": "syntax-invalid" },
		});
		expect(tree.all()).toEqual(before);
		const results = await createSops({ config: true, identities: keyFile("first") })
			.files(tree.root)
			.updateKeys();
		expect(told(results)).toEqual({
			".sops.yaml": "not-encrypted",
			"broken.yaml": "syntax-invalid",
			"good.yaml": "update",
			"kms.yaml": "provider-missing",
			"metadata.yaml": "metadata-invalid",
			"nokeys.yaml": "keys-missing",
			"strangers.yaml": "data-key-unavailable",
			"two.yaml": "config-invalid",
		});
		const after = tree.all();
		expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["good.yaml"]);
		expect(inspect(results, { depth: 9, showHidden: true })).not.toContain("open sesame");
	});

	it("single files: updateFileKeys() and planFileKeyUpdate() go by the rule, and need one", async () => {
		await writeFiles();
		const sops = createSops({ config: true, identities: keyFile("first") });
		const path = tree.path("a/joins.yaml");
		expect((await sops.planFileKeyUpdate(path)).groups[0]!.added).toMatchObject([{ id: third }]);
		expect((await sops.updateFileKeys(path)).changed).toBe(true);
		expect((await sops.updateFileKeys(path)).changed).toBe(false);
		expect((await sops.planFileKeyUpdate(path, { keyGroups: groupsOf([first]) })).losing).toMatchObject([
			{ id: third },
		]);
		await expect(sops.updateFileKeys(tree.path("c/none.yaml"))).rejects.toMatchObject({
			code: "rule-not-found",
		});
	});
});

describeReference("updateKeys() over files beside sops updatekeys", (reference) => {
	it("gives the same groups and thresholds, and sops reads the files", async () => {
		const shapes: Record<string, string[][]> = {
			"one.yaml": [[first]],
			"more.yaml": [[first, second, third]],
			"groups.yaml": [[first], [second]],
			"swap.yaml": [[second, first]],
		};
		const rules = [
			`age: '${first},${second}'`,
			`key_groups: [{age: [${first}]}, {age: [${second}]}, {age: [${third}, ${first}]}]\n    shamir_threshold: 2`,
			`key_groups: [{age: [${first}]}, {age: [${first}, ${third}]}]`,
		];
		const env = { SOPS_AGE_KEY: [keyFile("first"), keyFile("second")].join("\n") };
		for (const rule of rules) {
			const files: Record<string, string> = { ".sops.yaml": `creation_rules:\n  - ${rule}\n` };
			for (const [name, groups] of Object.entries(shapes))
				files[name] = await sealed("a: 1\nb:\n    - x\n", "yaml", ...groups);
			tree.write(files);
			const theirs = new Tree().write(files);
			try {
				const sops = createSops({ config: true, environment: env });
				const results = await sops.files(tree.root).updateKeys({ rotate: false });
				for (const name of Object.keys(shapes)) {
					const run = await reference.runSops(["updatekeys", "--yes", theirs.path(name)], {
						env,
						cwd: theirs.root,
					});
					expect([rule, name, run.status]).toEqual([rule, name, 0]);
					const [mine, other] = [await inspectFile(tree.path(name)), await inspectFile(theirs.path(name))];
					const keysOf = ({ groups }: typeof mine) => groups.map((group) => group.map(({ id }) => id).sort());
					expect([rule, name, keysOf(mine)]).toEqual([rule, name, keysOf(other)]);
					expect([rule, name, mine.shamirThreshold]).toEqual([rule, name, other.shamirThreshold]);
					const changed = theirs.read(name) !== files[name];
					const result = results.find(({ path }) => path.endsWith(name));
					expect([rule, name, told([result!])[name]]).toEqual([
						rule,
						name,
						changed ? "update" : "up-to-date",
					]);
					const read = await reference.runSops(["decrypt", tree.path(name)], { env, cwd: tree.root });
					expect([rule, name, read.stderr, read.stdout]).toEqual([rule, name, "", "a: 1\nb:\n    - x\n"]);
				}
			} finally {
				theirs.remove();
			}
		}
	});
});
