// Expected texts: stores/dotenv/store.go of sops 3.13.3 (format section 10).

import { isUtf8 } from "node:buffer";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { age, recipient } from "../../age/src/index.ts";
import { dotenv } from "../src/formats/dotenv/dotenv.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { editDocument } from "../src/operations/edit.ts";
import { encryptDocument } from "../src/operations/encrypt.ts";
import { inspectDocument } from "../src/operations/inspect.ts";
import { comment, entry, list, map, scalar } from "../src/tree/tree.ts";
import { compareBytes } from "./compare-bytes.ts";
import { refused, secretsOf } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const keyGroups = [[recipient(recipientOf("first"))]];
const providers = [age({ identities: identityFile("first") })];
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const parse = (text: string) => dotenv.parse(text, { wideIntegers: "refuse" });
const str = (value: string) => scalar({ type: "str", value });

describe("reading", () => {
	const rows: readonly (readonly [string, readonly (readonly [string, string] | string)[]])[] = [
		["", []],
		["\n\n", []],
		["A=1", [["A", "1"]]],
		["A=b=c\n", [["A", "b=c"]]],
		[" A = x \n", [[" A ", " x "]]],
		["export A='x'\n", [["export A", "'x'"]]],
		["A=a\\nb\n", [["A", "a\nb"]]],
		["A=\\\\n\n", [["A", "\\\n"]]],
		["A=1 # no comment\n", [["A", "1 # no comment"]]],
		["# c\n#\nA=1\n", ["# c", "#", ["A", "1"]]],
		["A=1\r\n#c\r\n", [["A", "1\r"], "#c\r"]],
		["=x\n", [["", "x"]]],
		["\ufeffA=1\n", [["\ufeffA", "1"]]],
	];
	for (const [text, items] of rows) {
		it(JSON.stringify(text), () => {
			const { branches } = parse(text);
			expect(
				branches[0]!.entries.map((item) =>
					item.kind === "comment"
						? `#${item.text}`
						: [item.key, item.value.kind === "scalar" ? item.value.leaf.value : undefined],
				),
			).toEqual(items);
		});
	}

	it("refuses a line without = by its number, and tells nothing of it", async () => {
		const secrets = secretsOf({ values: ["canary-of-a-line"] });
		for (const bad of ["canary-of-a-line", "\r", "  "]) {
			const error = await refused(() => parse(`A=1\n\n${bad}\nB=2\n`), "syntax-invalid", secrets);
			expect(error.details).toMatchObject({ format: "dotenv", line: 3, column: 1 });
		}
	});

	it("keeps both of equal names, with a finding", () => {
		const { branches, findings } = parse("A=1\nA=2\n");
		expect(branches[0]!.entries.length).toBe(2);
		expect(findings).toMatchObject([{ code: "key-duplicate", path: ["A"] }]);
	});
});

describe("writing", () => {
	it("names what dotenv cannot hold, and not the value", async () => {
		const secrets = secretsOf({ values: ["canary-of-a-list"] });
		for (const item of [
			entry("K", list([str("canary-of-a-list")])),
			entry("K", map([entry("x", str("canary-of-a-list"))])),
		]) {
			const error = await refused(() => dotenv.emit([map([item])], {}), "value-unsupported", secrets);
			expect(error.details.path).toEqual(["K"]);
			expect(error.message).toContain('"K"');
		}
		for (const key of ["a=b", "a\nb", "#a"])
			await refused(() => dotenv.emit([map([entry(key, str("x"))])], {}), "value-unsupported");
		await refused(() => dotenv.emit([map([comment("a\nb", false)])], {}), "value-unsupported");
	});

	it("a lone surrogate of a text is no byte", () => {
		expect(dotenv.emit([map([entry("A", str("\udcff"))])], {})).toBe("A=\ufffd\n");
	});
});

describe("layout keep", () => {
	const texts = [
		"",
		"\n",
		"A=1",
		"A=1\n",
		"\n\nA=1\n\n# c\n\nB= x \r\n\n\n",
		"#only a comment",
		"A=1\nA=2\nC_unencrypted=x\\ny\n\nD=",
	];
	for (const text of texts) {
		it(`${JSON.stringify(text)}: encrypted and decrypted again`, async () => {
			const file = await encryptDocument(text, { format: "dotenv", keyGroups, layout: "keep" });
			expect(file.findings.filter(({ code }) => code !== "key-duplicate")).toEqual([]);
			const blanks = (of: string) => of.split("\n").filter((line) => line === "").length;
			if (text.endsWith("\n")) expect(blanks(file.text)).toBeGreaterThanOrEqual(blanks(text) - 1);
			else expect(file.text.endsWith("\n")).toBe(text === "");
			const doc = await decryptDocument(file.text, { format: "dotenv", providers });
			expect(doc.text({ layout: "keep" })).toBe(text);
			expect(doc.findings.map(({ code }) => code)).not.toContain("layout-not-kept");
		});
	}

	it("an edit renews MAC and time in place, and touches nothing else", async () => {
		const plain = "# head\n\nA=one\nB=two\n\nC_unencrypted=x\nD=four";
		const before = await encryptDocument(plain, { format: "dotenv", keyGroups, layout: "keep" });
		const moved = before.text.replace(/(\n\nC_unencrypted=x)(.*?)(\nsops_version=[^\n]*)/s, "$3$1$2");
		expect(moved).not.toBe(before.text);
		const after = await editDocument(moved, { format: "dotenv", providers }, (draft) => {
			draft.set(["B"], "changed\ntwice");
			draft.delete(["D"]);
			draft.set(["E"], "new");
		});
		expect(after.findings).toEqual([]);
		const lines = (text: string) => text.split("\n").map((line) => line.replace(/^(\w+=ENC).*/, "$1"));
		expect(lines(after.text).sort()).toEqual(
			[...lines(moved).filter((line) => line !== "D=ENC" && !line.startsWith("sops_lastm")), "E=ENC"]
				.concat(lines(after.text).filter((line) => line.startsWith("sops_lastm")))
				.sort(),
		);
		const same = (name: RegExp) => expect(name.exec(after.text)![0]).toBe(name.exec(moved)![0]);
		same(/^A=.*/m);
		same(/^sops_age__list_0__map_enc=.*/m);
		expect(/^sops_mac=.*/m.exec(after.text)![0]).not.toBe(/^sops_mac=.*/m.exec(moved)![0]);
		const doc = await decryptDocument(after.text, { format: "dotenv", providers });
		expect(doc.text({ layout: "keep" })).toBe("# head\n\nA=one\nB=changed\\ntwice\n\nC_unencrypted=x\nE=new");
		expect(inspectDocument(after.text, { format: "dotenv" }).encryptedValues).toBe(4);
	});

	it("an edit that gives dotenv what it would change is refused", async () => {
		const { text } = await encryptDocument("A=1\nB_unencrypted=x\n", { format: "dotenv", keyGroups });
		for (const layout of ["keep", "reference"] as const) {
			const edit = (path: string, value: string | boolean | null | readonly string[]) =>
				editDocument(text, { format: "dotenv", providers, layout }, (draft) => draft.set([path], value));
			for (const value of ["C:\\new", true, null, ["x"]]) {
				const error = await refused(() => edit("B_unencrypted", value), "value-unsupported");
				expect(error.details.path).toEqual(["B_unencrypted"]);
			}
			// Encrypted, it is safe.
			const changed = await edit("A", "C:\\new");
			const doc = await decryptDocument(changed.text, { format: "dotenv", providers });
			expect(doc.data).toEqual({ A: "C:\\new", B_unencrypted: "x" });
			await refused(() => edit("sops_x", "y"), "already-encrypted");
		}
	});
});

it("bytes that are not UTF-8 stay what they are", async () => {
	const plain = latin1("#Gr\xfc\xdfe\nA=\xff\xfe\nB_unencrypted=\xe9\n\xe4=x\n");
	for (const layout of ["reference", "keep"] as const) {
		const file = await encryptDocument(plain, { format: "dotenv", keyGroups, layout });
		await refused(() => file.text, "text-not-utf8");
		const doc = await decryptDocument(file.bytes, { format: "dotenv", providers });
		await refused(() => doc.text(), "text-not-utf8");
		expect(doc.bytes()).toEqual(plain);
		expect(doc.bytes({ layout: "keep" })).toEqual(plain);
		expect(doc.get(["A"])).toEqual(Uint8Array.of(0xff, 0xfe));
		expect(doc.get(["\udce4"])).toBe("x");
	}
});

const PIECES: readonly string[] = [
	...["A", "KEY_1", "a_unencrypted", "sop", "=", "=", "=", "==", "#", " ", "\t", "\r", "\\n", "\\\\n", "\\"],
	...[
		"'x y'",
		'"q"',
		"export ",
		"é".normalize("NFC"),
		"\u00ff",
		"$VAR",
		"ENC[",
		"€",
		"x",
		"0",
		"\u0000",
		"\n\n",
	],
];

/** Some text, as bytes: every line is likely, but not sure, to have a "=". */
function randomDotenv(random: Random): Uint8Array {
	const parts: Buffer[] = [];
	for (let lines = random.int(7); lines > 0; lines--) {
		if (random.chance(15)) parts.push(Buffer.from("#"));
		else if (random.chance(95))
			parts.push(
				Buffer.from(random.chance(5) ? [0x4b, 0x80 + random.int(128)] : `K${random.int(4)}`),
				Buffer.from(random.chance(20) ? "_unencrypted=" : "="),
			);
		for (let n = random.int(5); n > 0; n--) {
			if (random.chance(6)) parts.push(Buffer.from([0x80 + random.int(128)]));
			else parts.push(Buffer.from(random.pick(PIECES)));
		}
		if (lines > 1 || random.chance(80)) parts.push(Buffer.from("\n"));
	}
	return Uint8Array.from(Buffer.concat(parts));
}

describeReference("dotenv, beside the reference", (reference) => {
	it("reads what an edit wrote, in both layouts, with several groups and every setting", async () => {
		const names = ["first", "second"] as const;
		const file = await encryptDocument("A=1\nB_unencrypted=x\n", {
			format: "dotenv",
			keyGroups: names.map((name) => [recipient(recipientOf(name))]),
			shamirThreshold: 2,
			macOnlyEncrypted: true,
		});
		expect(file.text).toMatch(/^sops_mac_only_encrypted=true\nsops_shamir_threshold=2$/m);
		const both = [age({ identities: names.map(identityFile) })];
		for (const layout of ["keep", "reference"] as const) {
			const edited = await editDocument(file.text, { format: "dotenv", providers: both, layout }, (draft) =>
				draft.set(["A"], "2\n3"),
			);
			expect(edited.findings).toEqual([]);
			const read = await reference.oracle.call("decrypt", {
				format: "dotenv",
				text: edited.text,
				ageIdentity: names.map(identityFile).join("\n"),
			});
			expect(read.text).toBe("A=2\\n3\nB_unencrypted=x\n");
			expect(read.metadata).toMatchObject({ macOnlyEncrypted: true, shamirThreshold: 2 });
		}
	});

	it("reads, writes, encrypts and decrypts the same", async () => {
		const counts = { accepted: 0, refused: 0, bytes: 0 };
		for (let seed = 1; seed <= 400; seed++) {
			const text = randomDotenv(new Random(seed * 7919));
			counts[await compareBytes(reference, dotenv, text, seed)]++;
			if (!isUtf8(text)) counts.bytes++;
		}
		expect(counts.accepted).toBeGreaterThan(200);
		expect(counts.refused).toBeGreaterThan(20);
		expect(counts.bytes).toBeGreaterThan(30);
	});
});
