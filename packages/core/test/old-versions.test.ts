import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { age } from "../../age/src/index.ts";
import { decryptDocument, editDocument, type Format } from "../src/index.ts";
import { identityFile } from "./vector-files.ts";

const ROOT = join(import.meta.dirname, "../../../vectors/old");
const EXTENSIONS: Readonly<Partial<Record<Format, string>>> = {
	yaml: "yaml",
	json: "json",
	dotenv: "env",
	ini: "ini",
	binary: "bin",
};
const providers = [age({ identities: identityFile("first") })];

/** Files that older versions of the real sops wrote (vectors/README.md). */
describe.each(readdirSync(ROOT))("sops %s", (version) => {
	it.each(Object.entries(EXTENSIONS) as [Format, string][])(
		"wrote %s that is read",
		async (format, extension) => {
			const read = (name: string): Buffer => readFileSync(join(ROOT, version, `${name}.${extension}`));
			const doc = await decryptDocument(read("encrypted"), { format, providers });
			expect(doc.mac).toBe("verified");
			expect(Buffer.from(doc.bytes())).toEqual(read("decrypted"));
		},
	);

	it.each(["yaml", "json"] as const)("wrote %s whose layout an edit keeps", async (format) => {
		const text = readFileSync(join(ROOT, version, `encrypted.${format}`), "utf8");
		const edited = await editDocument(text, { format, providers }, (draft) =>
			draft.set(["text"], "new words"),
		);
		expect(edited.findings).toEqual([]);
		const before = text.split("\n");
		const changed = edited.text.split("\n").filter((line, i) => line !== before[i]);
		// One value, and in the metadata of each document the MAC and the time.
		expect(changed).toHaveLength(format === "yaml" ? 5 : 3);
		expect((await decryptDocument(edited.text, { format, providers })).get(["text"])).toBe("new words");
	});
});
