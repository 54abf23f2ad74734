import { isUtf8 } from "node:buffer";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { age, recipient } from "../../age/src/index.ts";
import { ini } from "../src/formats/ini/ini.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { encryptDocument } from "../src/operations/encrypt.ts";
import { compareBytes } from "./compare-bytes.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const keyGroups = [[recipient(recipientOf("first"))]];
const providers = [age({ identities: identityFile("first") })];
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

describe("INI that is not UTF-8", () => {
	it("with a counted key, which would be a comment to the next reader, is refused", async () => {
		const work = () => encryptDocument("[a]\n- = x\n", { format: "ini", keyGroups });
		const error = await refused(work, "value-unsupported");
		expect(error.details.path).toEqual(["a", "#1"]);
	});

	it("stays what it is, in both layouts", async () => {
		const plain = latin1("; Gr\xfc\xdfe\n[\xe9]\nna\xefve = \xff\xfe\nb_unencrypted=\xe9 ; \xe4\n");
		for (const layout of ["reference", "keep"] as const) {
			const file = await encryptDocument(plain, { format: "ini", keyGroups, layout });
			expect(file.findings).toEqual([]);
			await refused(() => file.text, "text-not-utf8");
			const doc = await decryptDocument(file.bytes, { format: "ini", providers });
			expect(doc.get(["\udce9", "na\udcefve"])).toEqual(Uint8Array.of(0xff, 0xfe));
			if (layout === "keep") expect(doc.bytes({ layout: "keep" })).toEqual(plain);
		}
	});
});

const PIECES: readonly string[] = [
	...[
		"a",
		"b",
		"c_unencrypted",
		"key",
		"=",
		" = ",
		":",
		"\n",
		"\n",
		"\n",
		"\r\n",
		"[a]\n",
		"\n[b]\n",
		"# x",
		";",
	],
	...['"', "'", "`", '"""', "\\\n", "x", "1", " ", "\u00e9", "\ufeff", "a = 1\n", "k = v\n", "-=x\n"],
];

function randomIni(random: Random): Uint8Array {
	const parts: Buffer[] = [];
	if (random.chance(10))
		parts.push(Buffer.from(random.pick(["\xff\xfe", "\xfe\xff", "\xef\xbb\xbf"]), "latin1"));
	for (let lines = random.int(8); lines > 0; lines--) {
		if (random.chance(70))
			parts.push(Buffer.from(`k${random.int(5)}${random.pick(["", "\xe9"])} = `, "latin1"));
		for (let n = random.int(4); n > 0; n--) {
			if (random.chance(20)) parts.push(Buffer.from([0x80 + random.int(128)]));
			else parts.push(Buffer.from(random.pick(PIECES)));
		}
		parts.push(Buffer.from("\n"));
	}
	return Uint8Array.from(Buffer.concat(parts));
}

describeReference("INI of any bytes, beside the reference", (reference) => {
	it("reads, writes, encrypts and decrypts the same", async () => {
		const counts = { accepted: 0, refused: 0, bytes: 0 };
		for (let seed = 1; seed <= 500; seed++) {
			const text = randomIni(new Random(seed * 104729));
			counts[await compareBytes(reference, ini, text, seed)]++;
			if (!isUtf8(text)) counts.bytes++;
		}
		expect(counts.accepted).toBeGreaterThan(150);
		expect(counts.refused).toBeGreaterThan(20);
		expect(counts.bytes).toBeGreaterThan(200);
	});
});
