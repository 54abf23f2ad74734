import { expect, it } from "vitest";
import { recipientRef } from "../../age/src/recipient.ts";
import type { Format, MasterKey } from "../src/index.ts";
import { encryptDocument } from "../src/index.ts";
import { recipientOf } from "./vector-files.ts";

const key: MasterKey = { ref: recipientRef(recipientOf("first")), wrap: async () => "wrapped" };

/** docs/decisions/0011-nothing-unread-stays-in-clear.md */
const files: readonly (readonly [Format, string])[] = [
	["yaml", "%YAML 1.1 # hunter2\n---\na: x\n"],
	["yaml", "a: x\n... # hunter2\n"],
	["yaml", "{ # hunter2\n a: x}\n"],
	["ini", "[s]\na = x\n; hunter2\n"],
	["ini", "[s]\na = x\n; hunter2"],
	["ini", "[s]\r\na = x\r\n\r\n; hunter2\r\n  # hunter2\r\n"],
	["ini", "[s]\na = hunter2\na = x\n"],
	["ini", "[s]\n; hunter2\na = y\na = x\n"],
	["ini", "a = `x` ; hunter2\n"],
	["ini", 'a = """x""" hunter2\n'],
	["ini", "a = `\nx` hunter2\n"],
	["ini", "[s] hunter2\na = x\n"],
	["ini", '"a" hunter2 = x\n'],
];

for (const [format, text] of files) {
	it(`${JSON.stringify(text)}: nothing stays in clear that no tree has`, async () => {
		const made = await encryptDocument(text, { format, layout: "keep", keyGroups: [[key]] });
		expect(made.text).not.toContain("hunter2");
		expect(made.text).toContain("ENC[");
	});
}
