import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Format, Selector } from "../client.mjs";
import { describeReference } from "../suite.ts";

const yaml = `# head
name: demo # inline
count: 12
ratio: 1.50
on: 2024-01-05
flag: true
nothing: null
empty: ""
plain_unencrypted: seen
token_secret: hidden
# public
open: yes
# private
closed: 'no'
list:
    - one
    # between
    - two: 2
    - []
---
second: document
`;

const json = `{"name":"demo","count":12,"ratio":1.50,"deep":{"token_secret":"hidden","plain_unencrypted":[1,"x",null,{}]}}`;
const dotenv = "# head\nNAME=demo\nTOKEN_secret=a\\nb\nplain_unencrypted=seen\n";
const ini = "; head\ntop = 1\n[part]\nname = demo\ntoken_secret = hidden\nplain_unencrypted = seen\n";

/** `yaml` as `sops` reads it back is compared by the oracle itself; these are the inputs. */
const inputs: Record<Format, string | Uint8Array> = {
	yaml,
	json,
	dotenv,
	ini,
	binary: Uint8Array.of(0, 255, 254, 10, 13, 65, 0xc3),
};

const rules: [string, { readonly [name in Selector]?: string }, boolean][] = [
	["no selector", {}, false],
	["unencrypted_suffix", { unencrypted_suffix: "_unencrypted" }, false],
	["encrypted_suffix", { encrypted_suffix: "_secret" }, false],
	["unencrypted_regex", { unencrypted_regex: "^(name|count|NAME)$" }, false],
	["encrypted_regex", { encrypted_regex: "secret$|^list$" }, false],
	["unencrypted_comment_regex", { unencrypted_comment_regex: "public" }, false],
	["encrypted_comment_regex", { encrypted_comment_regex: "private" }, false],
	["mac_only_encrypted", { encrypted_regex: "secret$" }, true],
];

/** Options of the old style: the `encrypt` subcommand lacks those for comments and the MAC. */
const flags = (selectors: Record<string, string>, macOnlyEncrypted: boolean) => [
	...Object.entries(selectors).flatMap(([name, value]) => [`--${name.replaceAll("_", "-")}`, value]),
	...(macOnlyEncrypted ? ["--mac-only-encrypted"] : []),
];

describeReference("the oracle stands in for sops", (reference) => {
	let folder: string;
	let identity: string;
	let recipient: string;
	let other: string;

	const sops = async (args: string[], text: string | Uint8Array) => {
		const file = join(folder, `file-${Math.random().toString(36).slice(2)}`);
		await writeFile(file, text);
		return reference.runSops([...args, file], { env: { SOPS_AGE_KEY: identity } });
	};
	const types = (format: Format) => ["--input-type", format, "--output-type", format];
	/** What differs between two encryptions of one text: keys, IVs, and the time. */
	const shape = (text: string) =>
		text
			.replace(/data:[^,]*,iv:[^,]*,tag:[^,]*,/g, "")
			.replace(/-----BEGIN AGE.*?END AGE ENCRYPTED FILE-----/gs, "age")
			.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "now");

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "sopskit-oracle-"));
		const [first, second] = await Promise.all([reference.runAgeKeygen([]), reference.runAgeKeygen([])]);
		identity = first.stdout;
		recipient = /public key: (\S+)/.exec(first.stdout)?.[1] ?? "";
		other = second.stdout;
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	for (const format of Object.keys(inputs) as Format[]) {
		for (const [name, selectors, macOnlyEncrypted] of rules) {
			it(`${format}, ${name}: both write the same file, and each reads the other's`, async () => {
				const text = inputs[format];
				const ours = await reference.oracle.call("encrypt", {
					format,
					text,
					selectors,
					macOnlyEncrypted,
					ageRecipients: [recipient],
				});
				const theirs = await sops(
					["--encrypt", "--age", recipient, ...types(format), ...flags(selectors, macOnlyEncrypted)],
					text,
				);
				expect(theirs.stderr.replace(/^.*level=warning.*\n/gm, "")).toBe("");
				expect(shape(ours.text)).toBe(shape(theirs.stdout));

				const [theirsOfOurs, theirsOfTheirs, oursOfTheirs, oursOfOurs] = await Promise.all([
					sops(["decrypt", ...types(format)], ours.bytes),
					sops(["decrypt", ...types(format)], theirs.bytes),
					reference.oracle.call("decrypt", { format, text: theirs.bytes, ageIdentity: identity }),
					reference.oracle.call("decrypt", { format, text: ours.bytes, dataKey: ours.dataKey }),
				]);
				expect(theirsOfOurs.stderr).toBe("");
				expect(theirsOfOurs.bytes).toEqual(theirsOfTheirs.bytes);
				expect(oursOfTheirs.bytes).toEqual(theirsOfTheirs.bytes);
				expect(oursOfOurs.bytes).toEqual(theirsOfTheirs.bytes);
				expect(oursOfOurs.computedMac).toBe(ours.mac);
				expect(oursOfTheirs.computedMac).toBe(ours.mac);
				expect(oursOfTheirs.storedMac).toBe(ours.mac);
				expect(oursOfTheirs.tree).toEqual(oursOfOurs.tree);
			});
		}
	}

	it("a tree goes out and comes back", async () => {
		for (const format of Object.keys(inputs) as Format[]) {
			const { tree } = await reference.oracle.call("load", { format, text: inputs[format] });
			const emitted = await reference.oracle.call("emit", { format, tree });
			const both = await reference.oracle.call("roundtrip", { format, text: inputs[format] });
			expect(emitted.bytes).toEqual(both.bytes);
			expect(tree).toEqual(both.tree);
		}
	});

	it("a fixed key, wrapped key and time give a file that sops reads", async () => {
		const first = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: "a: 1\n",
			ageRecipients: [recipient],
			dataKey: new Uint8Array(32).fill(7),
		});
		expect(first.dataKey).toEqual(Buffer.alloc(32, 7));
		const again = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: "a: 2\n",
			ageRecipients: [recipient],
			dataKey: first.dataKey,
			enc: first.enc,
			lastModified: "2001-02-03T04:05:06Z",
		});
		expect(again.text).toContain('lastmodified: "2001-02-03T04:05:06Z"');
		expect((await sops(["decrypt", ...types("yaml")], again.text)).stdout).toBe("a: 2\n");
	});

	it("groups and a threshold are shared out as sops does it", async () => {
		const second = /public key: (\S+)/.exec(other)?.[1] ?? "";
		const file = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: "a: 1\n",
			keyGroups: [[recipient], [second]],
		});
		expect(file.text).toContain("shamir_threshold: 2");
		expect((await sops(["decrypt", ...types("yaml")], file.text)).status).not.toBe(0);
		const opened = await reference.oracle.call("decrypt", {
			format: "yaml",
			text: file.text,
			ageIdentity: `${identity}\n${other}`,
		});
		expect(opened.text).toBe("a: 1\n");
		expect(opened.metadata.keyGroups).toEqual([
			[{ type: "age", id: recipient }],
			[{ type: "age", id: second }],
		]);
	});

	it("both refuse what is damaged, encrypted already, or for someone else", async () => {
		const file = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: "a: 1\nb_unencrypted: clear\n",
			ageRecipients: [recipient],
		});
		const refused = async (stage: string, text: string, ageIdentity = identity) => {
			await expect(
				reference.oracle.call("decrypt", { format: "yaml", text, ageIdentity }),
			).rejects.toMatchObject({ stage, panic: false });
			const run = await reference.runSops(["decrypt", ...types("yaml"), "/dev/stdin"], {
				input: text,
				env: { SOPS_AGE_KEY: ageIdentity },
			});
			expect(run.status).not.toBe(0);
			expect(run.stdout).toBe("");
		};
		await refused("mac", file.text.replace("clear", "changed"));
		await refused(
			"tree",
			file.text.replace(/tag:./, (tag) => (tag === "tag:A" ? "tag:B" : "tag:A")),
		);
		await refused("tree", file.text.replace(/^a:/m, "c:"));
		await refused("mac", file.text.replace(/lastmodified: "..../, 'lastmodified: "1999'));
		await refused("load", file.text.replace(/^sops:/m, "other:"));
		await refused("version", file.text.replace(/version: .*/, "version: abc"));
		await refused("key", file.text, other);

		await expect(
			reference.oracle.call("encrypt", { format: "yaml", text: file.text, ageRecipients: [recipient] }),
		).rejects.toMatchObject({ stage: "already-encrypted" });
	});

	it("a panic of sops is an answer, and the oracle goes on", async () => {
		const file = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: "a: 1\n",
			ageRecipients: [recipient],
		});
		await expect(
			reference.oracle.call("decrypt", {
				format: "yaml",
				text: file.text.replace("type:int", "type:bytes"),
				dataKey: file.dataKey,
			}),
		).rejects.toMatchObject({ panic: true });
		expect((await reference.oracle.call("version", {})).sops).toBe("3.13.3");
	});

	it("a call that takes too long ends the program, and the next call starts it again", async () => {
		const deep = `{"a":${"[".repeat(9000)}${"]".repeat(9000)}}`;
		await expect(
			reference.oracle.call("roundtrip", { format: "json", text: deep }, { timeout: 50 }),
		).rejects.toMatchObject({ stage: "process", panic: true });
		expect((await reference.oracle.call("version", {})).sops).toBe("3.13.3");
	});

	it("several megabytes pass the pipe", async () => {
		const text = JSON.stringify({ long: "x".repeat(5_000_000) });
		const { tree } = await reference.oracle.call("load", { format: "json", text });
		expect(JSON.stringify(tree)).toHaveLength(5_000_045);
	});

	it("time runs another request inside the oracle", async () => {
		const target = { op: "roundtrip", format: "yaml", text: yaml } as const;
		const single = await reference.oracle.call("time", { target, runs: 5 });
		expect(single.nanoseconds).toHaveLength(5);
		const several = await reference.oracle.call("time", {
			targets: [target, target, target],
			parallel: 2,
			runs: 2,
		});
		expect(several.nanoseconds).toHaveLength(2);
		await expect(
			reference.oracle.call("time", { target: { op: "load", format: "json", text: "[" }, runs: 1 }),
		).rejects.toMatchObject({ stage: "load" });
	});
});
