// One value of a long file that someone else's formatter has set: its line changes, with the time and the MAC.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { format as prettier } from "prettier";
import { describe, expect, it } from "vitest";
import { age } from "../../age/src/index.ts";
import { decryptDocument, setValue, unsetValue } from "../src/index.ts";
import { identityFile } from "./vector-files.ts";

const providers = [age({ identities: identityFile("first") })];
const options = { format: "yaml", providers } as const;
const recorded = (name: string) =>
	readFileSync(join(import.meta.dirname, "..", "..", "..", "vectors", "formatted", name), "utf8");

const FILES: readonly (readonly [string, () => string | Promise<string>])[] = [
	["sops", () => recorded("sops.yaml")],
	["yq", () => recorded("yq.yaml")],
	["prettier", () => prettier(recorded("sops.yaml"), { parser: "yaml" })],
	[
		"prettier with double the indentation",
		() => prettier(recorded("sops.yaml"), { parser: "yaml", tabWidth: 8 }),
	],
];

function changes(before: string, after: string): string[] {
	const [a, b] = [before.split("\n"), after.split("\n")];
	expect(b.length).toBe(a.length);
	return b.filter((line, i) => line !== a[i]).map((line) => line.trim().replace(/[:\s].*/, ""));
}

for (const [name, make] of FILES) {
	describe(`a file of 500 lines, formatted by ${name}`, () => {
		it("changes in one value, the time and the MAC", async () => {
			const text = await make();
			expect(text.split("\n").length).toBeGreaterThan(500);
			for (const [path, value, line] of [
				[["service_30", "password"], "changed: too", "password"],
				[["service_7", "port"], 1, "port"],
				[["service_40", "tags", 1], "new", "-"],
			] as const) {
				const next = await setValue(text, path, value, options);
				expect(next.findings).toEqual([]);
				expect(changes(text, next.text)).toEqual([line, "lastmodified", "mac"]);
				const doc = await decryptDocument(next.text, options);
				expect(doc.get(path)).toBe(value);
			}
			const less = await unsetValue(text, ["service_3", "tags", 0], options);
			expect(less.text.split("\n").length).toBe(text.split("\n").length - 1);
		});
	});
}

describeReference("sops on files that others formatted", (reference) => {
	for (const [name, make] of FILES) {
		it(`reads what we changed in the file of ${name}`, async () => {
			const next = await setValue(await make(), ["service_30", "password"], "changed: too", options);
			const { text } = await reference.oracle.call("decrypt", {
				format: "yaml",
				text: next.text,
				ageIdentity: identityFile("first"),
			});
			expect(text).toContain("password: 'changed: too'");
		});
	}
});
