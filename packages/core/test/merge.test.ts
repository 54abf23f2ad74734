import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import {
	type Draft,
	decryptDocument,
	editDocument,
	encryptDocument,
	type Format,
	mergeDocuments,
	rotateDocument,
	updateDocument,
	updateKeys,
} from "../src/index.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const providers = [age({ identities: identityFile("first") })];
const keys = (...names: string[]) => [names.map((name) => recipient(recipientOf(name)))];
const options = { format: "yaml", providers } as const;
const made = async (text: string, format: Format = "yaml") =>
	(await encryptDocument(text, { format, keyGroups: keys("first") })).text;
const edit = async (text: string, change: (draft: Draft) => void) =>
	(await editDocument(text, options, change)).text;
const plain = async (text: string, format: Format = "yaml") =>
	(await decryptDocument(text, { format, providers })).text();
const ciphertexts = (text: string): string[] => text.match(/ENC\[AES256_GCM,[^\]]*\]/g) ?? [];

const BASE = "# head\na: 1\nb: x\nlist:\n    - p\n    - q\n    - r\nmap:\n    inner: yy\n    gone: z\n";

describe("mergeDocuments", () => {
	it("brings the changes of both together, and keeps all ciphertext but the MAC", async () => {
		const base = await made(BASE);
		const ours = await edit(base, (draft) => {
			draft.set(["a"], 2);
			draft.set(["list", 0], "P");
			draft.set(["new"], "ours");
		});
		const theirs = await edit(base, (draft) => {
			draft.set(["b"], "X");
			draft.delete(["map", "gone"]);
			draft.set(["list", 3], "s");
			draft.set(["map", "more"], true);
		});
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		expect(conflicts).toEqual([]);
		expect(file.findings).toEqual([]);
		expect(await plain(file.text)).toBe(
			"# head\na: 2\nb: X\nlist:\n    - P\n    - q\n    - r\n    - s\nmap:\n    inner: yy\n    more: true\nnew: ours\n",
		);
		const known = new Set([...ciphertexts(ours), ...ciphertexts(theirs)]);
		expect(ciphertexts(file.text).filter((one) => !known.has(one)).length).toBe(1);
	});

	it("tells conflicts by place, and keeps ours there", async () => {
		const base = await made(BASE);
		const ours = await edit(base, (draft) => {
			draft.set(["a"], 2);
			draft.set(["map", "gone"], "kept");
			draft.set(["list", 1], "Q");
			draft.set(["both"], 1);
			draft.delete(["b"]);
		});
		const theirs = await edit(base, (draft) => {
			draft.set(["a"], 3);
			draft.delete(["map", "gone"]);
			draft.set(["list", 1], "other");
			draft.set(["both"], 2);
			draft.set(["b"], "changed");
		});
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		const sorted = [...conflicts].map(({ path, kind }) => `${kind} ${path.join(".")}`).sort();
		expect(sorted).toEqual(["changed a", "changed both", "changed list", "deleted b", "deleted map.gone"]);
		expect(await plain(file.text)).toBe(await plain(ours));
	});

	it("merges what is the same on both sides, and lists of mappings", async () => {
		const base = await made("l:\n    - num: 1\n    - num: 2\n");
		const ours = await edit(base, (draft) => draft.set(["l", 0, "num"], 10));
		const theirs = await edit(base, (draft) => draft.set(["l", 2], { num: 3 }));
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		expect([conflicts, await plain(file.text)]).toEqual([
			[],
			"l:\n    - num: 10\n    - num: 2\n    - num: 3\n",
		]);
		const same = await mergeDocuments({ base, ours, theirs: ours }, options);
		expect([same.file.changed, same.file.text, same.conflicts]).toEqual([false, ours, []]);
		const onlyTheirs = await mergeDocuments({ base, ours: base, theirs }, options);
		expect(await plain(onlyTheirs.file.text)).toBe(await plain(theirs));
	});

	it("works across a rotation", async () => {
		const base = await made(BASE);
		const ours = await edit(base, (draft) => draft.set(["a"], 2));
		const rotated = (await rotateDocument(base, options)).text;
		const theirs = await edit(rotated, (draft) => draft.set(["b"], "X"));
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		expect([conflicts, await plain(file.text)]).toEqual([
			[],
			BASE.replace("a: 1", "a: 2").replace("b: x", "b: X"),
		]);
	});

	it("takes over keys that one side changed, and tells when both did", async () => {
		const base = await made(BASE);
		const ours = await edit(base, (draft) => draft.set(["a"], 2));
		const joined = async (name: string) =>
			(await updateKeys(base, { ...options, keyGroups: keys("first", name) })).text;
		const theirs = await joined("second");
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		expect(conflicts).toEqual([]);
		expect(file.text).toContain(recipientOf("second"));
		expect(await plain(file.text)).toBe(BASE.replace("a: 1", "a: 2"));
		const both = await mergeDocuments({ base, ours: await joined("third"), theirs }, options);
		expect(both.conflicts).toEqual([{ path: [], kind: "keys" }]);
	});

	it("takes in comments above what theirs added", async () => {
		const base = await made(BASE);
		const ours = await edit(base, (draft) => draft.set(["a"], 2));
		const theirs = (await updateDocument(base, BASE.replace("b: x\n", "b: x\n# why\nc: 5\n"), options)).text;
		const { file, conflicts } = await mergeDocuments({ base, ours, theirs }, options);
		expect(conflicts).toEqual([]);
		expect(await plain(file.text)).toBe(
			BASE.replace("a: 1", "a: 2").replace("b: x\n", "b: x\n# why\nc: 5\n"),
		);
	});

	for (const [format, from, one, two, both] of [
		["json", '{"a": 1, "b": 2}', '{"a": 9, "b": 2}', '{"a": 1, "b": 8}', '{\n\t"a": 9,\n\t"b": 8\n}\n'],
		["dotenv", "A=1\nB=2\n", "A=9\nB=2\n", "A=1\nB=8\nC=3\n", "A=9\nB=8\nC=3\n"],
		["ini", "[s]\na = 1\nb = 2\n", "[s]\na = 9\nb = 2\n", "[s]\na = 1\nb = 8\n", "[s]\na = 9\nb = 8\n"],
	] as const) {
		it(`does ${format}`, async () => {
			const base = await made(from, format);
			const update = async (text: string) => (await updateDocument(base, text, { format, providers })).text;
			const { file, conflicts } = await mergeDocuments(
				{ base, ours: await update(one), theirs: await update(two) },
				{ format, providers },
			);
			expect([conflicts, await plain(file.text, format)]).toEqual([[], both]);
		});
	}
});
