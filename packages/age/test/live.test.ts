import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { age, generateIdentity, identitiesFromEnvironment, recipient } from "../src/index.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));

describeReference("with the real age and sops", ({ sops, age: ageBinary, ageKeygen }) => {
	let directory: string;
	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), "sopskit-age-"));
	});
	afterAll(() => rmSync(directory, { recursive: true }));

	const write = (name: string, text: string): string => {
		const path = join(directory, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		return path;
	};
	const runSops = (
		parameters: readonly string[],
		environment: Readonly<Record<string, string>>,
		input?: string,
	) => spawnSync(sops, parameters, { env: { ...environment }, input, cwd: directory, encoding: "utf8" });
	/** The entries of the `age` list of a JSON file that sops wrote. */
	const entriesOf = (text: string): { recipient: string; enc: string }[] => JSON.parse(text).sops.age;

	it.each(["x25519", "hybrid"] as const)(
		"unwraps what age wrapped, and the other way round: %s",
		async (type) => {
			const keyFile = execFileSync(ageKeygen, type === "hybrid" ? ["-pq"] : [], {
				encoding: "utf8",
				stdio: "pipe",
			});
			const id = /public key: (\S+)/.exec(keyFile)![1]!;
			const key = age({ identities: keyFile }).masterKey(recipient(id).ref)!;

			const theirs = execFileSync(ageBinary, ["-a", "-r", id], { input: part, encoding: "utf8" });
			expect(await key.unwrap!(theirs, {})).toEqual(part);

			const ours = await recipient(id).wrap!(part, {});
			const keys = write(`${type}.txt`, keyFile);
			expect(new Uint8Array(execFileSync(ageBinary, ["-d", "-i", keys], { input: ours }))).toEqual(part);
			expect(ours.replace(/^[A-Za-z0-9+/=]+$/gm, "")).toBe(theirs.replace(/^[A-Za-z0-9+/=]+$/gm, ""));
			expect(ours.split("\n").map((line) => line.length)).toEqual(
				theirs.split("\n").map((line) => line.length),
			);
		},
	);

	it.each(["x25519", "hybrid"] as const)("makes identities that age takes for its own: %s", async (type) => {
		const generated = await generateIdentity({ type });
		const path = write(`generated-${type}.txt`, generated.keyFile);
		expect(execFileSync(ageKeygen, ["-y", path], { encoding: "utf8" }).trim()).toBe(generated.recipient);
		const theirs = execFileSync(ageKeygen, type === "hybrid" ? ["-pq"] : [], {
			encoding: "utf8",
			stdio: "pipe",
		});
		const shape = (text: string) =>
			text
				.replace(/\d/g, "0")
				.replace(/1[0-9a-z]{50,}/gi, "1…")
				.replace(/0[0-9a-z]{50,}/gi, "1…");
		expect(shape(generated.keyFile)).toBe(shape(theirs));
	});

	it.each(["x25519", "hybrid"] as const)(
		"gives the data key of a file of sops, and sops reads ours: %s",
		async (type) => {
			const [mine, theirs] = [await generateIdentity({ type }), await generateIdentity({ type })];
			const keys = { SOPS_AGE_KEY: mine.identity };
			const plain = write("plain.json", '{ "hello": "world" }');
			const encrypted = runSops(["-e", "--age", `${theirs.recipient},${mine.recipient}`, plain], keys).stdout;
			const entries = entriesOf(encrypted).map(({ recipient: id, enc }) => ({ ref: recipient(id).ref, enc }));
			expect(entries.map(({ ref }) => ref.id)).toEqual([theirs.recipient, mine.recipient]);

			const opened = await age({ identities: mine.keyFile }).unwrapAny!(entries, {});
			if (!("part" in opened)) throw new Error("no part");
			expect(opened.entry).toBe(entries[1]);
			expect(opened.part).toHaveLength(32);

			// The same file with an entry of ours: sops opens it, and leaves the enc as it is when it writes again.
			const file = JSON.parse(encrypted);
			file.sops.age = [
				{ recipient: mine.recipient, enc: await recipient(mine.recipient).wrap!(opened.part, {}) },
			];
			const ours = write("ours.json", JSON.stringify(file));
			expect(JSON.parse(runSops(["-d", ours], keys).stdout)).toEqual({ hello: "world" });
			expect(runSops(["set", ours, '["hello"]', '"you"'], keys).status).toBe(0);
			expect(entriesOf(await readFile(ours, "utf8"))).toEqual(file.sops.age);
		},
	);

	it("accepts and refuses the same armor as sops", async () => {
		const mine = await generateIdentity();
		const plain = write("armor.json", '{ "a": 1 }');
		const file = JSON.parse(runSops(["-e", "--age", mine.recipient, plain], {}).stdout);
		const enc: string = file.sops.age[0].enc;
		const [head, ...rest] = enc.trimEnd().split("\n") as [string, ...string[]];
		const [body, foot] = [rest.slice(0, -1), rest.at(-1)!];
		const key = age({ identities: mine.identity }).masterKey(recipient(mine.recipient).ref)!;

		const variants: Readonly<Record<string, string>> = {
			"as written": enc,
			"no final line feed": enc.trimEnd(),
			CRLF: enc.replaceAll("\n", "\r\n"),
			"CRLF, no final line feed": enc.trimEnd().replaceAll("\n", "\r\n"),
			"empty lines around": `\n\n \t\n${enc}\n\n`,
			"1000 blanks around": `${" ".repeat(500)}\n${enc}${"\n".repeat(500)}`,
			"an empty line inside": [head, ...body.slice(0, 2), "", ...body.slice(2), foot, ""].join("\n"),
			"short lines": [head, ...body.flatMap((line) => [line.slice(0, 32), line.slice(32)]), foot, ""].join(
				"\n",
			),
			"one long line": [head, body.join(""), foot, ""].join("\n"),
			"lines indented": enc.replaceAll("\n", "\n "),
			"text before": `hello\n${enc}`,
			"text after": `${enc}hello\n`,
			"no header": enc.slice(head.length + 1),
			"no footer": [head, ...body, ""].join("\n"),
			"not armored": Buffer.from(body.join(""), "base64").toString("latin1"),
			"only base64": body.join(""),
			"an empty body": [head, foot, ""].join("\n"),
			"no padding": enc.replaceAll("=", ""),
			"URL alphabet": enc.replaceAll("+", "-").replaceAll("/", "_"),
			"last line dropped": [head, ...body.slice(0, -1), foot, ""].join("\n"),
			"lower case header": enc.replaceAll("ENCRYPTED FILE", "encrypted file"),
			"a header field": [head, "Comment: hello", ...body, foot, ""].join("\n"),
			twice: enc + enc,
			empty: "",
		};
		const verdicts: Record<string, readonly [sops: boolean, ours: boolean]> = {};
		for (const [name, text] of Object.entries(variants)) {
			file.sops.age[0].enc = text;
			const status = runSops(["-d", write("variant.json", JSON.stringify(file))], {
				SOPS_AGE_KEY: mine.identity,
			});
			const unwrapped = await key.unwrap!(text, {}).catch(() => undefined);
			verdicts[name] = [status.status === 0, unwrapped instanceof Uint8Array];
		}
		const different = Object.entries(verdicts).filter(([, [theirs, ours]]) => theirs !== ours);
		expect(different).toEqual([]);
		expect(verdicts["empty lines around"]).toEqual([true, true]);
	});

	it("is looser than age about blanks beside header and footer, and stricter about a stray CR in the last line", async () => {
		const mine = await generateIdentity();
		const keys = write("loose.txt", mine.keyFile);
		const enc = await recipient(mine.recipient).wrap!(part, {});
		const last = enc.trimEnd().lastIndexOf("\n") - 2;
		for (const [text, theirs, ours] of [
			[` ${enc}`, false, true],
			[enc.replace(/\n$/, " \n"), false, true],
			[`${enc.slice(0, last)}\r${enc.slice(last)}`, true, false],
		] as const) {
			const { status } = spawnSync(ageBinary, ["-d", "-i", keys], { input: text });
			const key = age({ identities: mine.identity }).masterKey(recipient(mine.recipient).ref)!;
			const unwrapped = await key.unwrap!(text, {}).catch(() => undefined);
			expect([status === 0, unwrapped instanceof Uint8Array]).toEqual([theirs, ours]);
		}
	});

	it("finds identities where sops finds them", async () => {
		const [inVariable, inFile, inDefault, nowhere] = await Promise.all(
			[1, 2, 3, 4].map(() => generateIdentity()),
		);
		const home = join(directory, "home");
		const keyFile = write("keys/some.txt", `# some\n\n${inFile!.identity}\n`);
		write("home/.config/sops/age/keys.txt", inDefault!.keyFile);
		const locked = join(directory, "keys");
		const environments: readonly Readonly<Record<string, string>>[] = [
			{ HOME: home },
			{ HOME: home, SOPS_AGE_KEY: inVariable!.identity, SOPS_AGE_KEY_FILE: keyFile },
			{ HOME: directory, SOPS_AGE_KEY: `${nowhere!.identity} ${inVariable!.identity}` },
			{ HOME: directory, XDG_CONFIG_HOME: join(home, ".config") },
			{ HOME: home, XDG_CONFIG_HOME: "relative/path" },
			{ HOME: home, SOPS_AGE_KEY: "broken", SOPS_AGE_KEY_FILE: "/does/not/exist" },
			{ HOME: home, SOPS_AGE_KEY: `${inVariable!.identity}\nbroken`, SOPS_AGE_KEY_FILE: locked },
			{ HOME: directory, SOPS_AGE_KEY_FILE: write("keys/blank.txt", ` ${inFile!.identity}\n`) },
			{ HOME: directory, SOPS_AGE_KEY_FILE: write("keys/crlf.txt", `#\r\n${inFile!.identity}\r\n`) },
			{
				HOME: directory,
				SOPS_AGE_KEY_FILE: write("keys/two.txt", `${inFile!.identity} ${inVariable!.identity}\n`),
			},
			{ HOME: directory, SOPS_AGE_KEY: "", SOPS_AGE_KEY_FILE: "" },
			{ SOPS_AGE_KEY: inVariable!.identity },
		];
		const files = [inVariable!, inFile!, inDefault!].map(({ recipient: id }, index) => {
			const plain = write(`place-${index}.json`, '{ "a": 1 }');
			const text = runSops(["-e", "--age", id, plain], {}).stdout;
			return {
				path: write(`place-${index}.enc.json`, text),
				ref: recipient(id).ref,
				enc: entriesOf(text)[0]!.enc,
			};
		});
		for (const environment of environments) {
			const { identities } = await identitiesFromEnvironment(environment, {
				readTextFile: (path) => readFile(path, "utf8"),
			});
			for (const { path, ref, enc } of files) {
				const theirs = runSops(["-d", path], environment).status === 0;
				const ours = (await age({ identities }).masterKey(ref)!.unwrap!(enc, {})) instanceof Uint8Array;
				expect([environment, path, ours]).toEqual([environment, path, theirs]);
			}
		}
	});
});
