// Plain files encrypted by the rules of a .sops.yaml, beside the real sops.

import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	createSops,
	type FileEncryption,
	type FileResult,
	inspectFile,
	isSopsError,
	loadConfig,
	recipient,
	UsageError,
} from "../src/index.ts";
import { keyFile, recipientOf, Tree } from "./tree.ts";

const [first, second, third] = (["first", "second", "third"] as const).map(recipientOf) as [
	string,
	string,
	string,
];

const SECRET =
	"apiVersion: v1\nkind: Secret\nmetadata:\n    name: db\nstringData:\n    password: open sesame\n";
const DEPLOYMENT =
	"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n    name: web\nspec:\n    replicas: 2\n";
/** The rule of Flux's guide, which matches whatever is called `….yaml`, and more. */
const GUIDE = `creation_rules:\n  - path_regex: .*.yaml\n    encrypted_regex: ^(data|stringData)$\n    age: ${first}\n`;

let tree: Tree;
beforeEach(() => {
	tree = new Tree();
});
afterEach(() => tree.remove());

/** `encrypt`, a reason, or a code, by path below the tree. */
const told = (results: readonly FileResult<FileEncryption>[]): Record<string, string> =>
	Object.fromEntries(
		results.map((one) => [
			one.path.slice(tree.root.length + 1),
			!one.ok ? one.error.code : one.value.action === "skip" ? one.value.reason : "encrypt",
		]),
	);

describe("encrypt() by rules", () => {
	it("leaves configurations alone, and files in which nothing is selected", async () => {
		tree.write({
			"clusters/a/.sops.yaml": GUIDE,
			"clusters/a/kustomization.yaml":
				"resources: [secret.yaml]\nsecretGenerator:\n  - name: data\ndata: {x: y}\n",
			"clusters/a/apps/kustomization.yml": "data: {x: y}\n",
			"clusters/a/apps/Kustomization": "data: {x: y}\n",
			"clusters/a/secret.yaml": SECRET,
			"clusters/a/apps/deployment.yaml": DEPLOYMENT,
			"clusters/a/apps/empty.yaml": "",
			"clusters/a/apps/comment.yaml": "# nothing yet\n",
			"clusters/a/readme.md": "# Cluster a\n",
			"clusters/b/secret.yaml": SECRET,
		});
		const before = tree.all();
		const sops = createSops({ config: true, identities: keyFile("first") });
		const expected = {
			"clusters/a/.sops.yaml": "configuration-file",
			"clusters/a/apps/Kustomization": "configuration-file",
			"clusters/a/apps/comment.yaml": "nothing-selected",
			"clusters/a/apps/deployment.yaml": "nothing-selected",
			"clusters/a/apps/empty.yaml": "nothing-selected",
			"clusters/a/apps/kustomization.yml": "configuration-file",
			"clusters/a/kustomization.yaml": "configuration-file",
			"clusters/a/readme.md": "no-rule",
			"clusters/a/secret.yaml": "encrypt",
			"clusters/b/secret.yaml": "no-rule",
		};
		const plan = await sops.files(tree.root).encrypt({ dryRun: true });
		expect(told(plan)).toEqual(expected);
		expect(tree.all()).toEqual(before);
		const secret = plan.find(({ path }) => path.endsWith("a/secret.yaml"));
		expect(secret).toMatchObject({
			ok: true,
			value: { rule: 0, config: tree.path("clusters/a/.sops.yaml"), encryptedValues: 1, clearValues: 3 },
		});

		const results = await sops.files(tree.root).encrypt();
		expect(told(results)).toEqual(expected);
		const after = tree.all();
		const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
		expect(changed).toEqual(["clusters/a/secret.yaml"]);
		expect((await sops.decryptFile(tree.path("clusters/a/secret.yaml"))).text()).toBe(SECRET);
		expect(inspect([plan, results], { depth: 9 })).not.toContain("open sesame");

		const again = await sops.files(tree.root).encrypt();
		expect(told(again)).toEqual({ ...expected, "clusters/a/secret.yaml": "already-encrypted" });
		expect(tree.all()).toEqual(after);
	});

	it("never encrypts twice, whatever the file is called", async () => {
		const sops = createSops({ keyGroups: [[recipient(first)]] });
		const sealed = {
			yaml: (await sops.encryptDocument("a: 1\n", { format: "yaml" })).text,
			json: (await sops.encryptDocument('{"a": 1}', { format: "json" })).text,
			dotenv: (await sops.encryptDocument("A=1\n", { format: "dotenv" })).text,
			ini: (await sops.encryptDocument("[s]\na = 1\n", { format: "ini" })).text,
			binary: (await sops.encryptDocument("\0x", { format: "binary" })).text,
		};
		tree.write({
			"a.yaml": sealed.yaml,
			"a.json": sealed.json,
			".env": sealed.dotenv,
			"a.ini": sealed.ini,
			"a.key": sealed.binary,
			"yaml.txt": sealed.yaml,
			"env.txt": sealed.dotenv,
			"ini.txt": sealed.ini,
			"lost.yaml": sealed.yaml.slice(0, sealed.yaml.indexOf("sops:")),
			"taken.yaml": "sops: of mine\n",
		});
		const before = tree.all();
		const names = Object.keys(before);
		const results = await sops.files(names, { cwd: tree.root }).encrypt();
		expect(told(results)).toEqual(Object.fromEntries(names.map((name) => [name, "already-encrypted"])));
		expect(tree.all()).toEqual(before);
	});

	it("takes binary files that somebody meant", async () => {
		tree.write({
			".sops.yaml": `creation_rules:\n  - path_regex: ^keys/\n    age: ${first}\n  - path_regex: ^any/.*|.*\n    age: ${first}\n`,
			"keys/id": "\0\u0001",
			"any/logo.png": "\u0089PNG",
			"other/x.bin": "x",
			"other/y.bin": "y",
		});
		const sops = createSops({ config: true, identities: keyFile("first") });
		const files = sops.files([tree.root, tree.path("other/y.bin")]);
		expect(told(await files.encrypt({ dryRun: true }))).toEqual({
			".sops.yaml": "configuration-file",
			"any/logo.png": "binary-not-named",
			"keys/id": "encrypt",
			"other/x.bin": "binary-not-named",
			"other/y.bin": "encrypt",
		});
		for (const regex of [
			"",
			"    path_regex: .*\n",
			"    path_regex: ''\n",
			"    path_regex: .\n",
			"    path_regex: ^.+$\n",
		]) {
			tree.write({ ".sops.yaml": `creation_rules:\n  - age: ${first}\n${regex}` });
			expect([regex, told(await sops.files(tree.path("keys")).encrypt({ dryRun: true }))]).toEqual([
				...[regex, { "keys/id": "binary-not-named" }],
			]);
		}
		for (const regex of ["keys", "^[^.]*$", "id$", "/"]) {
			tree.write({ ".sops.yaml": `creation_rules:\n  - age: ${first}\n    path_regex: ${regex}\n` });
			expect([regex, told(await sops.files(tree.path("keys")).encrypt({ dryRun: true }))]).toEqual([
				...[regex, { "keys/id": "encrypt" }],
			]);
		}
	});

	it("uses the rule's groups, threshold, selector, MAC and indent; options of the call come first", async () => {
		tree.write({
			".sops.yaml": [
				"creation_rules:",
				"  - path_regex: groups",
				`    key_groups: [{age: [${first}]}, {age: [${second}]}, {age: [${third}]}]`,
				"    shamir_threshold: 2",
				"    unencrypted_suffix: _clear",
				"    mac_only_encrypted: true",
				`  - age: ${first}`,
				"stores: {yaml: {indent: 2}}",
				"",
			].join("\n"),
			"groups.yaml": "a:\n    b: 1\n    c_clear: 2\n",
			"plain.yaml": "a:\n    b: 1\n",
		});
		const sops = createSops({ config: tree.path(".sops.yaml"), identities: keyFile("second") });
		await sops.files(tree.root).encrypt();
		const groups = await inspectFile(tree.path("groups.yaml"));
		expect(groups).toMatchObject({
			shamirThreshold: 2,
			macOnlyEncrypted: true,
			selector: { name: "unencrypted_suffix", value: "_clear" },
			groups: [[{ id: first }], [{ id: second }], [{ id: third }]],
		});
		expect(tree.read("plain.yaml")).toMatch(/^a:\n {2}b: ENC/);
		tree.write({ "groups.yaml": "a:\n    b: 1\n", "plain.yaml": "a:\n    b: 1\n" });
		await sops.files(tree.root).encrypt({
			keyGroups: [[recipient(second)]],
			encryptedRegex: "^b$",
			macOnlyEncrypted: false,
			indent: 3,
		});
		for (const name of ["groups.yaml", "plain.yaml"]) {
			expect(await inspectFile(tree.path(name))).toMatchObject({
				macOnlyEncrypted: false,
				selector: { name: "encrypted_regex", value: "^b$" },
				groups: [[{ id: second }]],
			});
			expect(tree.read(name)).toMatch(/^a:\n {3}b: ENC/);
		}
	});

	it("a rule wins over SOPS_AGE_RECIPIENTS; where it names no key, those apply", async () => {
		tree.write({
			".sops.yaml": `creation_rules:\n  - path_regex: a.yaml\n    age: ${first}\n  - encrypted_regex: x\n`,
			"a.yaml": "x: 1\n",
			"b.yaml": "x: 1\ny: 2\n",
		});
		const sops = createSops({ config: true, environment: { SOPS_AGE_RECIPIENTS: second } });
		await sops.files(tree.root).encrypt();
		expect((await inspectFile(tree.path("a.yaml"))).groups).toMatchObject([[{ id: first }]]);
		expect((await inspectFile(tree.path("b.yaml"))).groups).toMatchObject([[{ id: second }]]);
		tree.write({ "b.yaml": "x: 1\n" });
		const without = await createSops({ config: true }).files(tree.root).encrypt({ dryRun: true });
		expect(told(without)["b.yaml"]).toBe("keys-missing");
	});

	it("reads the configuration that was asked for, each once a run, and none unasked", async () => {
		tree.write({
			".sops.yaml": `creation_rules:\n  - age: ${first}\n`,
			"sub/.sops.yaml": `creation_rules:\n  - age: ${second}\n`,
			"mine.yaml": `creation_rules:\n  - age: ${third}\n`,
			"sub/deep/a.yaml": "x: 1\n",
		});
		const groupOf = async (options: Parameters<typeof createSops>[0]) => {
			tree.write({ "sub/deep/a.yaml": "x: 1\n" });
			const results = await createSops(options).files(tree.path("sub/deep/a.yaml")).encrypt();
			expect(results).toMatchObject([{ ok: true, value: { action: "encrypt" } }]);
			return (await inspectFile(tree.path("sub/deep/a.yaml"))).groups[0]![0]!.id;
		};
		expect(await groupOf({ config: true })).toBe(second);
		expect(await groupOf({ config: tree.path(".sops.yaml") })).toBe(first);
		expect(await groupOf({ config: await loadConfig({ path: tree.path(".sops.yaml") }) })).toBe(first);
		expect(await groupOf({ config: true, environment: { SOPS_CONFIG: tree.path("mine.yaml") } })).toBe(third);
		expect(await groupOf({ keyGroups: [[recipient(third)]] })).toBe(third);
		// The configuration itself is none of its files, whatever it is called.
		const own = await createSops({ config: tree.path("mine.yaml") })
			.files(tree.root)
			.encrypt({ dryRun: true });
		expect(told(own)["mine.yaml"]).toBe("configuration-file");
		for (const config of [1, {}, "", false, null])
			expect(() => createSops({ config: config as never }), inspect(config)).toThrow(UsageError);
		// What was changed since counts with the next run.
		const sops = createSops({ config: true });
		await sops.files(tree.path("sub/deep/a.yaml")).paths();
		tree.write({ "sub/.sops.yaml": `creation_rules:\n  - age: ${third}\n`, "sub/deep/a.yaml": "x: 1\n" });
		await sops.encryptFile(tree.path("sub/deep/a.yaml"));
		expect((await inspectFile(tree.path("sub/deep/a.yaml"))).groups).toMatchObject([[{ id: third }]]);
	});

	it("fails for single files, with codes, and leaves them as they were", async () => {
		tree.write({
			".sops.yaml": [
				"creation_rules:",
				`  - {path_regex: two, age: ${first}, encrypted_regex: a, encrypted_suffix: b}`,
				"  - {path_regex: kms, kms: 'arn:aws:kms:us-east-1:123456789012:key/x'}",
				"  - {path_regex: recipient, age: age1notarecipient}",
				`  - {path_regex: 'yaml$', age: ${first}}`,
				"",
			].join("\n"),
			"two.yaml": "a: open sesame\n",
			"kms.yaml": "a: open sesame\n",
			"recipient.yaml": "a: open sesame\n",
			"chart/template.yaml": "a: {{ .Values.x }} open sesame\n",
			"list.yaml": "- open sesame\n",
			"masked.yaml": "a: MASKED_BY_SOPSKIT\n",
			"good.yaml": "a: open sesame\n",
		});
		const before = tree.all();
		const sops = createSops({ config: true, identities: keyFile("first") });
		const results = await sops.files(tree.root).encrypt();
		expect(told(results)).toEqual({
			".sops.yaml": "configuration-file",
			"chart/template.yaml": "syntax-invalid",
			"good.yaml": "encrypt",
			"kms.yaml": "provider-missing",
			"list.yaml": "root-not-mapping",
			"masked.yaml": "value-masked",
			"recipient.yaml": "wrap-failed",
			"two.yaml": "config-invalid",
		});
		const after = tree.all();
		expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["good.yaml"]);
		for (const one of results) {
			if (one.ok) continue;
			expect(isSopsError(one.error)).toBe(true);
			expect(inspect(one.error, { showHidden: true, depth: 9 })).not.toContain("open sesame");
		}
		// A dry run finds all that need not be tried.
		expect(told(await sops.files(tree.root).encrypt({ dryRun: true }))).toMatchObject({
			"kms.yaml": "provider-missing",
			"two.yaml": "config-invalid",
			"good.yaml": "already-encrypted",
		});
		tree.write({ ".sops.yaml": "creation_rules: [{path_regex: '(?=x)'}]\n" });
		expect(told(await sops.files(tree.path("list.yaml")).encrypt())).toEqual({
			"list.yaml": "config-invalid",
		});
		tree.write({ ".sops.yaml": "creation_rules: [\n" });
		expect(told(await sops.files(tree.path("list.yaml")).encrypt())).toEqual({
			"list.yaml": "syntax-invalid",
		});
	});

	it("says where no configuration was found, and what is not there", async () => {
		tree.write({ "a.yaml": "x: 1\n", "b/.sops.yaml": GUIDE, "b/c.txt": "x" });
		const results = await createSops({ config: true })
			.files(["a.yaml", "b/c.txt", "clutsers", "b/kustomization.yaml"], { cwd: tree.root })
			.encrypt();
		expect(told(results)).toEqual({
			"a.yaml": "no-rule",
			"b/c.txt": "no-rule",
			clutsers: "file-unusable",
			"b/kustomization.yaml": "file-unusable",
		});
		const messages = results.map((one) =>
			!one.ok ? one.error.message : "message" in one.value && one.value.message,
		);
		expect(messages[0]).toBe(`There is no .sops.yaml in ${tree.root} or above it.`);
		expect(messages[1]).toContain("has no creation rule for c.txt; none of its 1 matches");
		expect(messages[2]).toBe(`${tree.path("clutsers")} cannot be read: it does not exist.`);
	});

	it("single files: encryptFile() and resolveFileRule() go by the rule, and need one", async () => {
		tree.write({ ".sops.yaml": GUIDE, "secret.yaml": SECRET, "notes.txt": "x" });
		const sops = createSops({ config: true, identities: keyFile("first") });
		expect(await sops.resolveFileRule(tree.path("secret.yaml"))).toMatchObject({
			index: 0,
			path: "secret.yaml",
		});
		await sops.encryptFile(tree.path("secret.yaml"));
		expect(await inspectFile(tree.path("secret.yaml"))).toMatchObject({
			selector: { name: "encrypted_regex", value: "^(data|stringData)$" },
		});
		await expect(sops.encryptFile(tree.path("notes.txt"))).rejects.toMatchObject({ code: "rule-not-found" });
		await expect(createSops().resolveFileRule("x")).rejects.toThrow('needs the option "config"');
	});

	it("a thousand small files", async () => {
		const names = Array.from({ length: 1000 }, (_, i) => `d${i % 20}/${String(i).padStart(4, "0")}.yaml`);
		tree.write({ ".sops.yaml": `creation_rules:\n  - age: ${first}\n` });
		tree.write(Object.fromEntries(names.map((name) => [name, `value: of ${name}\n`])));
		const sops = createSops({ config: true, identities: keyFile("first") });
		let last = 0;
		const results = await sops
			.files("**/*.yaml", { cwd: tree.root, onProgress: ({ done }) => (last = done) })
			.encrypt();
		expect(last).toBe(1001);
		expect(Object.values(told(results)).filter((one) => one === "encrypt")).toHaveLength(1000);
		const decrypted = await sops.files("d*/**", { cwd: tree.root }).decrypt();
		expect(decrypted.map((one) => one.ok && one.value.get(["value"]))).toEqual(
			names.sort().map((name) => `of ${name}`),
		);
	});
});

describeReference("encrypt() by rules beside sops", (reference) => {
	const env = { SOPS_AGE_KEY: keyFile("first") };

	it("decides keys and selectors as sops does, and sops reads what was written", async () => {
		const files = {
			".sops.yaml": [
				"creation_rules:",
				`  - {path_regex: 'clusters/.*\\.yaml$', encrypted_regex: '^(data|stringData)$', age: '${first},${second}'}`,
				`  - {path_regex: '\\.env$', unencrypted_suffix: _CLEAR, age: ${first}}`,
				"  - path_regex: groups",
				`    key_groups: [{age: [${first}]}, {age: [${second}]}, {age: [${first}, ${third}]}]`,
				"    shamir_threshold: 2",
				`  - {path_regex: '^keys/', age: ${first}}`,
				`  - {path_regex: '\\.(json|ini|yaml)$', age: ${first}, mac_only_encrypted: true}`,
				"stores: {json: {indent: 3}}",
				"",
			].join("\n"),
			"clusters/a/secret.yaml": SECRET,
			"clusters/a/several.yaml": `${SECRET}---\n${SECRET}`,
			"app/.env": "# c\nA=open sesame\nB_CLEAR=x\n",
			"app/app.json": '{"a": [1, {"b": "x"}], "n": null}\n',
			"app/app.ini": "[s]\na = 1\n",
			"groups/x.yaml": "a: 1\nb: [x, y]\n",
			"keys/id": "\u0000\u0001binary\n",
			"top.yaml": "# head\na: 1\n",
		};
		tree.write(files);
		const theirs = new Tree().write(files);
		try {
			const sops = createSops({ config: true, identities: keyFile("first") });
			const results = await sops.files(tree.root).encrypt();
			const done = results.flatMap((one) => (one.ok && one.value.action === "encrypt" ? [one.path] : []));
			expect(done).toHaveLength(Object.keys(files).length - 1);
			for (const path of done) {
				const name = path.slice(tree.root.length + 1);
				const options = { env, cwd: theirs.root };
				const encrypted = await reference.runSops(["encrypt", "--in-place", theirs.path(name)], options);
				expect([name, encrypted.stderr]).toEqual([name, ""]);
				const [ours, reference_] = [await inspectFile(path), await inspectFile(theirs.path(name))];
				const keysOf = ({ groups }: typeof ours) =>
					groups.map((group) => group.map(({ type, id }) => `${type} ${id}`));
				expect([name, keysOf(ours)]).toEqual([name, keysOf(reference_)]);
				for (const field of [
					"selector",
					"macOnlyEncrypted",
					"shamirThreshold",
					"encryptedValues",
					"clearValues",
				] as const)
					expect([name, field, ours[field]]).toEqual([name, field, reference_[field]]);
				const mine = await reference.runSops(["decrypt", path], { env, cwd: tree.root });
				const other = await reference.runSops(["decrypt", theirs.path(name)], options);
				expect([name, mine.stderr, mine.stdout]).toEqual([name, "", other.stdout]);
				// Line by line the same but for what is drawn at random.
				const shape = (text: string) =>
					text.replace(/ENC\[[^\]]*\]|20\d\d-\d\d-[\dT:-]*Z|-----BEGIN[\s\S]*?END[^\n]*/g, "…");
				expect(shape(tree.read(name))).toBe(shape(theirs.read(name)));
			}
		} finally {
			theirs.remove();
		}
	});

	it("leaves alone what sops would harm (decision 0022)", async () => {
		tree.write({
			".sops.yaml": GUIDE,
			"kustomization.yaml": "resources: [secret.yaml]\n",
			"deployment.yaml": DEPLOYMENT,
			"key.yaml.bin": "x",
		});
		const theirs = async (name: string) => {
			const { status } = await reference.runSops(["encrypt", "--in-place", tree.path(name)], {
				env,
				cwd: tree.root,
			});
			return status === 0 && tree.read(name).includes("recipient");
		};
		const before = tree.all();
		const sops = createSops({ config: true });
		const results = await sops.files(tree.root).encrypt();
		expect(told(results)).toEqual({
			".sops.yaml": "configuration-file",
			"deployment.yaml": "nothing-selected",
			"key.yaml.bin": "encrypt",
			"kustomization.yaml": "configuration-file",
		});
		tree.write(before);
		for (const name of ["kustomization.yaml", "deployment.yaml", "key.yaml.bin"])
			expect([name, await theirs(name)]).toEqual([name, true]);
		// Twice: sops takes the envelope for content, and we do not.
		const once = tree.read("key.yaml.bin");
		expect(await theirs("key.yaml.bin")).toBe(true);
		expect(tree.read("key.yaml.bin")).not.toBe(once);
		tree.write({ "key.yaml.bin": once });
		expect(told(await sops.files(tree.path("key.yaml.bin")).encrypt())).toEqual({
			"key.yaml.bin": "already-encrypted",
		});
	});

	it("sops lets SOPS_AGE_RECIPIENTS win over a rule; here the rule does (decision 0023)", async () => {
		tree.write({ ".sops.yaml": GUIDE, "a.yaml": SECRET });
		const both = { ...env, SOPS_AGE_RECIPIENTS: second };
		const theirs = await reference.runSops(["encrypt", tree.path("a.yaml")], { env: both, cwd: tree.root });
		expect(theirs.stdout).toContain(second);
		expect(theirs.stdout).not.toContain(first);
		await createSops({ config: true, environment: both }).files(tree.path("a.yaml")).encrypt();
		expect(tree.read("a.yaml")).toContain(first);
		expect(tree.read("a.yaml")).not.toContain(second);
	});
});
