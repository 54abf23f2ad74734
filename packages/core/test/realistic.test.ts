// Files as people have them (tools/fuzz/seeds): the same bytes as sops, both ways, and back in their own layout.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { decryptDocument, type EncryptOptions, encryptDocument, type Format } from "../src/index.ts";
import { masked } from "./masked.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const SEEDS = join(import.meta.dirname, "..", "..", "..", "tools", "fuzz", "seeds");
const RECIPIENT = recipientOf("first");
const keyGroups = [[recipient(RECIPIENT)]];
const providers = [age({ identities: identityFile("first") })];
const FORMATS: readonly Format[] = ["yaml", "json", "dotenv", "ini", "binary"];
const FILES = FORMATS.flatMap((format) =>
	readdirSync(join(SEEDS, format)).map((name) => ({
		format,
		name,
		bytes: Uint8Array.from(readFileSync(join(SEEDS, format, name))),
	})),
);
const SELECTORS: readonly Pick<EncryptOptions, "encryptedRegex">[] = [
	{},
	{ encryptedRegex: "(?i)pass|token|secret|key|data|url|env" },
];
const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describeReference("realistic files", (reference) => {
	const { oracle } = reference;
	for (const { format, name, bytes } of FILES) {
		describe(`${format}/${name}`, () => {
			for (const selector of format === "binary" ? [{}] : SELECTORS) {
				it(`has the bytes of sops, both ways: ${selector.encryptedRegex ?? "all"}`, async () => {
					const theirs = await oracle.call("encrypt", {
						format,
						text: bytes,
						ageRecipients: [RECIPIENT],
						...(selector.encryptedRegex && { selectors: { encrypted_regex: selector.encryptedRegex } }),
					});
					const ours = await encryptDocument(bytes, { format, keyGroups, ...selector });
					expect(masked(shown(ours.bytes))).toBe(masked(shown(theirs.bytes)));
					const read = (text: Uint8Array) =>
						oracle.call("decrypt", { format, text, ageIdentity: identityFile("first") });
					const plain = await read(theirs.bytes);
					const doc = await decryptDocument(theirs.bytes, { format, providers });
					expect(shown(doc.bytes())).toBe(shown(plain.bytes));
					expect(shown((await read(ours.bytes)).bytes)).toBe(shown(plain.bytes));
				});
			}

			it("comes back in its own layout, but for values that have another spelling in sops", async () => {
				const file = await encryptDocument(bytes, { format, keyGroups, layout: "keep" });
				const doc = await decryptDocument(file.bytes, { format, providers });
				const again = await encryptDocument(doc.bytes({ layout: "keep" }), { format, keyGroups });
				const reference = await encryptDocument(bytes, { format, keyGroups });
				expect(masked(shown(again.bytes))).toBe(masked(shown(reference.bytes)));
				// Where some of the text has no place in a file of sops, a finding says so (decision 0011).
				if (file.findings.some(({ code }) => code === "layout-not-kept")) return;
				// `0644` and `1e21` are other texts of the same numbers, and folded lines of the same text.
				const back = new Set(shown(doc.bytes({ layout: "keep" })).split("\n"));
				const lines = shown(bytes).split("\n");
				expect(lines.filter((line) => !back.has(line)).length).toBeLessThanOrEqual(lines.length / 6);
			});
		});
	}
});
