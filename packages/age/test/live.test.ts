import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandWords } from "../../core/src/node.ts";
import { age, generateIdentity, type IdentityInput, recipient } from "../src/index.ts";
import { agePlugins, identitiesFromEnvironment, sshIdentity } from "../src/node.ts";
import { ASKER, installAsker } from "./asker.ts";
import { PASSPHRASE, sshKey, sshKeyPath } from "./keys.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));

describeReference(
	"with the real age and sops",
	({ sops, age: ageBinary, ageKeygen, agePlugins: pluginFolder }) => {
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

		it.each(["x25519", "hybrid"] as const)(
			"makes identities that age takes for its own: %s",
			async (type) => {
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
			},
		);

		it.each(["x25519", "hybrid"] as const)(
			"gives the data key of a file of sops, and sops reads ours: %s",
			async (type) => {
				const [mine, theirs] = [await generateIdentity({ type }), await generateIdentity({ type })];
				const keys = { SOPS_AGE_KEY: mine.identity };
				const plain = write("plain.json", '{ "hello": "world" }');
				const encrypted = runSops(
					["-e", "--age", `${theirs.recipient},${mine.recipient}`, plain],
					keys,
				).stdout;
				const entries = entriesOf(encrypted).map(({ recipient: id, enc }) => ({
					ref: recipient(id).ref,
					enc,
				}));
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

		it("accepts and refuses the same blanks as age", async () => {
			const mine = await generateIdentity();
			const keys = write("loose.txt", mine.keyFile);
			const enc = await recipient(mine.recipient).wrap!(part, {});
			const last = enc.trimEnd().lastIndexOf("\n") - 2;
			const line = enc.indexOf("\n", 40) - 10;
			for (const [text, good] of [
				[` ${enc}`, false],
				[enc.replace(/\n$/, " \n"), false],
				[enc.replace(/\n$/, "\r"), true],
				[`${enc.slice(0, last)}\r${enc.slice(last)}`, true],
				[`${enc.slice(0, line)}\r${enc.slice(line)}`, false],
				[`\u00a0\n${enc}`, true],
				[`${"\n".repeat(1024)}${enc}`, true],
				[`${"\n".repeat(1025)}${enc}`, false],
				[`${enc}${"\n".repeat(1023)}`, true],
				[`${enc}${"\n".repeat(1024)}`, false],
			] as const) {
				const { status } = spawnSync(ageBinary, ["-d", "-i", keys], { input: text });
				const key = age({ identities: mine.identity }).masterKey(recipient(mine.recipient).ref)!;
				const unwrapped = await key.unwrap!(text, {}).catch(() => undefined);
				expect([text, status === 0, unwrapped instanceof Uint8Array]).toEqual([text, good, good]);
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
				const { identities } = await identitiesFromEnvironment(environment);
				for (const { path, ref, enc } of files) {
					const theirs = runSops(["-d", path], environment).status === 0;
					const ours = (await age({ identities }).masterKey(ref)!.unwrap!(enc, {})) instanceof Uint8Array;
					expect([environment, path, ours]).toEqual([environment, path, theirs]);
				}
			}
		});

		describe("keys of SSH and of plugins", () => {
			let asker: ReturnType<typeof installAsker>;
			beforeAll(() => {
				asker = installAsker();
			});
			afterAll(() => asker.remove());

			interface Kind {
				readonly recipient: string;
				/** A file for `age -i`, and what makes `sops` find the key. */
				readonly identityFile: string;
				readonly environment: Readonly<Record<string, string>>;
				readonly identity: () => IdentityInput;
			}
			const ssh = (name: string, home?: string): Kind => ({
				recipient: sshKey(`${name}.pub`).trim(),
				identityFile: sshKeyPath(name),
				environment:
					home === undefined ? { SOPS_AGE_SSH_PRIVATE_KEY_FILE: sshKeyPath(name) } : { HOME: home },
				identity: () => sshIdentity(sshKey(name)),
			});
			const kinds: Readonly<Record<string, () => Promise<Kind> | Kind>> = {
				"ssh-ed25519": () => ssh("ed25519"),
				"ssh-rsa": () => ssh("rsa"),
				"ssh-rsa in PEM": () => ssh("rsa-pem"),
				"ssh-ed25519 in the home": () => {
					write("ssh-home/.ssh/id_ed25519", sshKey("ed25519"));
					return ssh("ed25519", join(directory, "ssh-home"));
				},
				"ssh-ed25519 of a command": () => ({
					...ssh("ed25519"),
					environment: {
						SOPS_AGE_SSH_PRIVATE_KEY_CMD: `cat '${sshKeyPath("ed25519")}'`,
						PATH: process.env.PATH!,
					},
				}),
				"x25519 of a command": async () => {
					const { recipient: to, keyFile } = await generateIdentity();
					const path = write("of-command.txt", keyFile);
					const command = `sh -c "case \\$SOPS_AGE_RECIPIENT in ${to}) cat '${path}';; esac" # done`;
					return {
						recipient: to,
						identityFile: path,
						environment: { SOPS_AGE_KEY_CMD: command, PATH: process.env.PATH! },
						identity: () => keyFile,
					};
				},
				"age-plugin-pq": async () => {
					const { recipient: to, keyFile } = await generateIdentity({ type: "hybrid" });
					const plugin = join(pluginFolder, "age-plugin-pq");
					const text = execFileSync(plugin, ["-identity"], {
						input: keyFile,
						encoding: "utf8",
						stdio: "pipe",
					});
					return {
						recipient: to,
						identityFile: write("pq.txt", text),
						environment: {
							SOPS_AGE_KEY_FILE: write("pq.txt", text),
							PATH: `${pluginFolder}:${process.env.PATH}`,
						},
						identity: () => text,
					};
				},
				"a plugin of our own": () => ({
					recipient: ASKER.recipient,
					identityFile: write("asker.txt", ASKER.identity),
					environment: { SOPS_AGE_KEY: ASKER.identity, PATH: asker.path, ASKER: "quiet" },
					identity: () => ASKER.identity,
				}),
			};

			it.each(Object.keys(kinds))("trade files with age and sops: %s", async (name) => {
				const kind = await kinds[name]!();
				const env = { HOME: directory, PATH: process.env.PATH!, ...kind.environment };
				const plugins = agePlugins({ allow: "all", environment: env });
				const key = recipient(kind.recipient, { plugins });
				const mine = age({ identities: kind.identity(), plugins }).masterKey(key.ref)!;

				const theirs = execFileSync(ageBinary, ["-a", "-r", kind.recipient], {
					input: part,
					encoding: "utf8",
					env,
				});
				expect(await mine.unwrap!(theirs, {})).toEqual(part);
				const ours = await key.wrap!(part, {});
				const opened = execFileSync(ageBinary, ["-d", "-i", kind.identityFile], { input: ours, env });
				expect(new Uint8Array(opened)).toEqual(part);
				expect(ours.split("\n").map((line) => line.length)).toEqual(
					theirs.split("\n").map((line) => line.length),
				);

				const plain = write("plain.json", '{ "hello": "world" }');
				const run = (...parameters: string[]) => {
					const { status, stdout, stderr } = runSops(parameters, env);
					expect([status, stderr]).toEqual([0, ""]);
					return stdout;
				};
				const file = JSON.parse(run("-e", "--age", kind.recipient, plain));
				const [entry] = file.sops.age;
				expect(entry.recipient).toBe(kind.recipient);
				const { identities } = await identitiesFromEnvironment(env, { plugins });
				const found = age({ identities, plugins }).masterKey(key.ref)!;
				const dataKey = (await found.unwrap!(entry.enc, {})) as Uint8Array;
				expect(dataKey).toHaveLength(32);

				file.sops.age = [{ recipient: kind.recipient, enc: await key.wrap!(dataKey, {}) }];
				const path = write("ours.json", JSON.stringify(file));
				expect(JSON.parse(run("-d", path))).toEqual({ hello: "world" });
				run("set", path, '["hello"]', '"you"');
				expect(entriesOf(await readFile(path, "utf8"))).toEqual(file.sops.age);

				// The twin of each: one bit of the stanza, and then of the payload, is another.
				const body = Buffer.from(ours.split("\n").slice(1, -2).join(""), "base64");
				for (const at of [body.indexOf("\n---") - 5, body.length - 20]) {
					const damaged = Buffer.from(body);
					damaged[at] = damaged[at] === 0x41 ? 0x42 : 0x41;
					const text = ours.replace(
						/\n[\s\S]*\n-----END/,
						`\n${damaged.toString("base64").replace(/.{64}(?!$)/g, "$&\n")}\n-----END`,
					);
					const failure = await mine.unwrap!(text, {}).then(
						(value) => value,
						(error: unknown) => error,
					);
					// What a plugin cannot open may be somebody else's: nobody else knows its keys.
					const expected = name.includes("plugin") ? /^(not mine|damaged)$/ : /^(damaged|wrong-key)$/;
					const { outcome = "not mine" } = failure as { outcome?: string };
					if (!name.endsWith("of a command")) expect(outcome).toMatch(expected);
					expect(failure).not.toBeInstanceOf(Uint8Array);
				}
			});

			it.each(["ed25519-protected", "ed25519-cbc", "rsa-protected", "rsa-pem-protected"])(
				"open what age wrapped, with a passphrase: %s",
				async (name) => {
					const publicKey = sshKey(`${name}.pub`);
					const theirs = execFileSync(ageBinary, ["-a", "-r", publicKey], { input: part, encoding: "utf8" });
					const identities = sshIdentity(sshKey(name), { publicKey, passphrase: () => PASSPHRASE });
					const key = age({ identities }).masterKey(recipient(publicKey).ref)!;
					expect(await key.unwrap!(theirs, {})).toEqual(part);
				},
			);

			it("age-plugin-tag and age-plugin-tagpq make the stanzas that we make without them", async () => {
				const plugins = agePlugins({ allow: ["tag", "tagpq"], environment: { PATH: pluginFolder } });
				// The vectors of the specification of tag recipients: public keys of hardware.
				const tag = "age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h";
				const fileKey = new Uint8Array(16).fill(1);
				const [stanza] = await plugins.wrapFileKey("tag", tag, fileKey, {});
				const enc = await recipient(tag).wrap!(part, {});
				const header = Buffer.from(enc.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
				const [, ...args] = header.split("\n")[1]!.split(" ");
				expect(stanza!.args.map(({ length }) => length)).toEqual(args.map(({ length }) => length));
				expect(stanza!.args[0]).toBe("p256tag");
				expect(stanza!.body).toHaveLength(32);
				const env = { PATH: pluginFolder, HOME: directory };
				const sopsFile = runSops(["-e", "--age", tag, write("tag.json", "{}")], env);
				expect(sopsFile.stderr).toBe("");
				expect(entriesOf(sopsFile.stdout)[0]!.recipient).toBe(tag);
				const reported = plugins.wrapFileKey("tagpq", tag.replace("age1tag1", "age1tagpq1"), fileKey, {});
				await expect(reported).rejects.toMatchObject({ outcome: "failed" });
			});

			it("agree on which SSH recipients there are", async () => {
				const line = sshKey("ed25519.pub").trim();
				const [type, encoded] = line.split(" ") as [string, string];
				for (const text of [
					...["ed25519", "rsa", "rsa-short", "ecdsa"].map((name) => sshKey(`${name}.pub`).trim()),
					`${type} ${encoded}`,
					`${type}\t${encoded}  a comment of words`,
					`ssh-rsa ${encoded}`,
					`${type} ${encoded.slice(0, -4)}`,
					`${type} ${encoded}AAAA`,
					`${type} ${encoded.replace(/.$/, "")}`,
					type,
					`ssh-dss ${encoded}`,
				]) {
					const theirs = runSops(["-e", "--age", text, write("plain.json", "{}")], { HOME: directory });
					let ours = true;
					try {
						await recipient(text).wrap!(part, {});
					} catch {
						ours = false;
					}
					expect([text, ours]).toEqual([text, theirs.status === 0]);
				}
			});
		});

		it("opens key files that age encrypted with a passphrase, and asks once", async () => {
			const mine = await generateIdentity();
			const hybrid = await generateIdentity({ type: "hybrid" });
			// age asks at a terminal only; its plugin batchpass takes the passphrase from the environment.
			const keys = join(directory, "protected.age");
			const plain = write("protected.txt", mine.keyFile + hybrid.keyFile);
			const env = {
				PATH: pluginFolder,
				AGE_PASSPHRASE: PASSPHRASE,
				AGE_PASSPHRASE_WORK_FACTOR: "14",
				HOME: directory,
			};
			execFileSync(ageBinary, ["-e", "-j", "batchpass", "-o", keys, plain], { env });
			let asked = 0;
			const passphrase = ({ kind, name }: { kind: string; name: string }) => {
				expect([kind, name]).toEqual(["identity-file", "SOPS_AGE_KEY_FILE"]);
				asked++;
				return PASSPHRASE;
			};
			const variables = { HOME: directory, SOPS_AGE_KEY_FILE: keys };
			const found = await identitiesFromEnvironment(variables, { passphrase });
			const provider = age({ identities: found.identities });
			for (const to of [mine.recipient, hybrid.recipient]) {
				const theirs = execFileSync(ageBinary, ["-a", "-r", to], { input: part, encoding: "utf8" });
				expect(await provider.masterKey(recipient(to).ref)!.unwrap!(theirs, {})).toEqual(part);
			}
			expect(asked).toBe(1);
			const wrong = age({ identities: await readFile(keys), passphrase: () => "wrong" });
			const enc = await recipient(mine.recipient).wrap!(part, {});
			await expect(wrong.masterKey(recipient(mine.recipient).ref)!.unwrap!(enc, {})).rejects.toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining("the passphrase of identity text 1 is wrong"),
			});
		});

		it("splits commands as sops does", async () => {
			const { recipient: to } = await generateIdentity();
			const file = write("split.json", runSops(["-e", "--age", to, write("plain.json", "{}")], {}).stdout);
			const out = join(directory, "arguments");
			const program = write(
				"arguments.mjs",
				`import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(out)}, JSON.stringify(process.argv.slice(2)));`,
			);
			const start = `'${process.execPath}' '${program}'`;
			for (const words of [
				...[
					"a b",
					"  a\tb\r\nc ",
					"'a b' \"c d\"",
					"a'b'\"c\"d",
					"''",
					'""',
					"a '' b",
					"\\a \\  \\\\ \\\n b",
				],
				...[
					'"a\\"b"',
					'"a\\nb\\$c\\\\"',
					"'a\\b'",
					"$HOME ~ *",
					"$'a\\nb' $\"x\"",
					"a#b #c",
					"#c\nd",
					"a # c\n d # e",
				],
				...["a;b|c>d&", "`a` $(b)", "ä 🎉 \u00a0x", '"#" \\#'],
				...["'open", '"open', "open\\", '"open\\', "a 'b"],
			]) {
				rmSync(out, { force: true });
				runSops(["-d", file], { HOME: directory, SOPS_AGE_KEY_CMD: `${start} ${words}` });
				const theirs = await readFile(out, "utf8").then(JSON.parse, () => undefined);
				expect([words, commandWords(words)]).toEqual([words, theirs]);
			}
		});
	},
);
