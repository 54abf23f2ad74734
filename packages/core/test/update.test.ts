// A new plaintext over a former file: what did not change keeps its ciphertext.
import { describeReference } from "@sopskit/reference/suite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { age, recipient } from "../../age/src/index.ts";
import type { Format } from "../src/formats/formats.ts";
import {
	type Draft,
	decryptDocument,
	editDocument,
	encryptDocument,
	type NewValue,
	type Path,
	updateDocument,
} from "../src/index.ts";
import { refused } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const providers = [age({ identities: identityFile("first") })];
const keyGroups = [[recipient(recipientOf("first"))]];
const made = (text: string, format: Format, layout: "keep" | "reference" = "reference") =>
	encryptDocument(text, { format, keyGroups, layout });
const ciphertexts = (text: string): string[] => text.match(/ENC\[AES256_GCM,[^\]]*\]/g) ?? [];
const read = async (text: string | Uint8Array, format: Format) =>
	(await decryptDocument(text, { format, providers })).text();

const TEXTS: Readonly<Record<Exclude<Format, "binary">, string>> = {
	yaml: "# head\na: x\nb:\n    # note\n    - same\n    - same\n    - c: 1\nd_unencrypted: z\n",
	json: '{\n\t"a": "x",\n\t"b": [\n\t\t"same",\n\t\t"same",\n\t\t{\n\t\t\t"c": 1\n\t\t}\n\t],\n\t"d_unencrypted": "z"\n}\n',
	dotenv: "#head\nA=x\nB=same\nC_unencrypted=z\n",
	ini: "; head\n[s]\n; note\na             = x\nb             = same\nd_unencrypted = z\n",
};
const FORMATS = Object.keys(TEXTS) as (keyof typeof TEXTS)[];

describe("updateDocument", () => {
	for (const format of FORMATS) {
		it(`gives the very file back when nothing changed: ${format}`, async () => {
			const { text } = await made(TEXTS[format], format);
			for (const layout of ["keep", "reference"] as const) {
				const again = await updateDocument(text, TEXTS[format], { format, providers, layout });
				expect([again.changed, again.text]).toEqual([false, text]);
			}
			const edited = await updateDocument(text, (before) => before.text(), { format, providers });
			expect(edited.changed).toBe(false);
		});

		it(`encrypts what changed and nothing else: ${format}`, async () => {
			const { text } = await made(TEXTS[format], format);
			const plain = TEXTS[format].replace(/x/, "changed");
			for (const layout of ["keep", "reference"] as const) {
				const next = await updateDocument(text, plain, { format, providers, layout });
				expect(next.findings).toEqual([]);
				const [before, after] = [ciphertexts(text), ciphertexts(next.text)];
				expect(after.length).toBe(before.length);
				// The value and the MAC.
				expect(after.filter((one) => !before.includes(one)).length).toBe(2);
				expect(await read(next.text, format)).toBe(plain);
			}
		});
	}

	it("keeps the layout of the former file for a plaintext that a program wrote", async () => {
		const odd = '{ "a":   "x",\n\n  "b": [1,   2], "c": "y" }\n';
		const { text } = await made(odd, "json", "keep");
		const next = await updateDocument(text, JSON.stringify({ a: "x", b: [1, 2, 3], c: "z" }), {
			format: "json",
			providers,
		});
		expect(next.findings).toEqual([]);
		const doc = await decryptDocument(next.text, { format: "json", providers });
		expect(doc.text({ layout: "keep" })).toBe('{ "a":   "x",\n\n  "b": [1,   2,   3], "c": "z" }\n');
		expect(
			(await updateDocument(text, '{"a":"x","b":[1,2],"c":"y"}', { format: "json", providers })).text,
		).toBe(text);
	});

	it("takes comments and order from the new plaintext", async () => {
		const { text } = await made(TEXTS.yaml, "yaml");
		const plain = "# head\n# more\n\nd_unencrypted: z\nb:\n  - same\n  # note\n  - same\n  - {c: 1}\na: x\n";
		const next = await updateDocument(text, plain, { format: "yaml", providers });
		const doc = await decryptDocument(next.text, { format: "yaml", providers });
		expect(doc.text({ layout: "keep" })).toBe(plain);
		const fresh = ciphertexts(next.text).filter((one) => !text.includes(one));
		// The comment that came, and the MAC.
		expect(fresh.map((one) => /type:(\w+)/.exec(one)![1])).toEqual(["comment", "str"]);
	});

	it("gives each of equal items its own ciphertext", async () => {
		const { text } = await made("a:\n    - s\n    - s\n    - t\n    - s\n", "yaml");
		const next = await updateDocument(text, "a:\n    - s\n    - new\n    - s\n    - s\n", {
			format: "yaml",
			providers,
		});
		const [before, after] = [ciphertexts(text), ciphertexts(next.text)];
		expect([after[0], after[2], after[3]]).toEqual([before[0], before[1], before[3]]);
		expect(before).not.toContain(after[1]);
	});

	it("encrypts a value again that moved, or changed its type", async () => {
		const { text } = await made("a: 1\nb: x\n", "yaml");
		const next = await updateDocument(text, 'a: "1"\nc: x\n', { format: "yaml", providers });
		expect(ciphertexts(next.text).filter((one) => text.includes(one))).toEqual([]);
	});

	it("refuses what is no plaintext", async () => {
		const { text } = await made(TEXTS.yaml, "yaml");
		const update = (plain: string) => updateDocument(text, plain, { format: "yaml", providers });
		await refused(() => update(text), "already-encrypted");
		await refused(() => update("a: ["), "syntax-invalid");
		await expect(update(1 as never)).rejects.toThrow(TypeError);
	});

	it("does binary files too", async () => {
		const { text } = await made("one", "binary");
		const next = await updateDocument(text, Uint8Array.of(0xff, 0), { format: "binary", providers });
		expect((await decryptDocument(next.bytes, { format: "binary", providers })).bytes()).toEqual(
			Uint8Array.of(0xff, 0),
		);
		expect(
			(await updateDocument(next.bytes, Uint8Array.of(0xff, 0), { format: "binary", providers })).changed,
		).toBe(false);
	});
});

const KEYS = ["a", "b", "c d", "e_unencrypted", "ü", "1"];
const scalar = fc.oneof(
	fc.constantFrom("x", "", "same", "true", "1", "multi\nline", " #", "é"),
	fc.integer(),
	fc
		.double({ noNaN: true, noDefaultInfinity: true })
		.filter((n) => !Object.is(n, -0) && (Number.isSafeInteger(n) || !Number.isInteger(n))),
	fc.boolean(),
	fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
	tree: fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 5, noNullPrototype: true }),
	value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 4 }), tie("tree")),
}));

describe("properties", () => {
	it("decrypting is the inverse of encrypting", async () => {
		await fc.assert(
			fc.asyncProperty(tree, fc.constantFrom("yaml" as const, "json" as const), async (data, format) => {
				const { text } = await made(JSON.stringify(data), "json");
				const file =
					format === "json"
						? text
						: (
								await encryptDocument(JSON.stringify(data), {
									format: "json",
									outputFormat: "yaml",
									keyGroups,
								})
							).text;
				const doc = await decryptDocument(file, { format, providers });
				expect(doc.data).toEqual(JSON.parse(JSON.stringify(data)));
			}),
			{ numRuns: 150 },
		);
	});

	it("an update gives the new data, and touches no other ciphertext", async () => {
		await fc.assert(
			fc.asyncProperty(
				tree,
				tree,
				fc.constantFrom("keep" as const, "reference" as const),
				async (from, to, layout) => {
					const { text } = await made(JSON.stringify(from), "json");
					const plain = JSON.stringify({ ...(from as object), ...(to as object) });
					const next = await updateDocument(text, plain, { format: "json", providers, layout });
					const doc = await decryptDocument(next.text, { format: "json", providers });
					expect(doc.data).toEqual(JSON.parse(plain));
					if (Object.keys(to as object).length === 0) expect(next.text).toBe(text);
				},
			),
			{ numRuns: 200 },
		);
	});
});

// — one hundred random scripts of edits for each format, in both layouts —

const SCRIPTS = 100;
const PLAINS: Readonly<Record<keyof typeof TEXTS, string>> = {
	yaml: "# settings\n\nname:   app   # inline\nlist: [1, 2,  3]\nnested:\n  'q': \"x\"\n\n  deep: {a: 1}\n  num: 5\n  items:\n  - one\n  # two\n  - two\ntail_unencrypted:  y\n",
	json: '{ "name":   "app",\n\n "list": [1,2,  3],\n "nested": { "q": "x", "deep": {"a": 1}, "num":5,\n  "items": [ "one", "two" ] },\n "tail_unencrypted":  "y" }\n',
	dotenv: "# settings\n\nNAME=app\n\n# more\nOTHER=x y\nTAIL_unencrypted=y\n",
	ini: "; settings\nname=app\n\n[nested]\nq  =  x ; inline\n# note\nn=5\n\n[tail]\nt_unencrypted = y\n",
};
/** Where a script puts values, and where it takes some away. */
const PLACES: Readonly<Record<keyof typeof TEXTS, readonly Path[]>> = (() => {
	const nested: readonly Path[] = [
		...[["name"], ["list", 0], ["list", 2], ["nested", "q"], ["nested", "deep", "a"], ["nested", "num"]],
		...[["nested", "items", 0], ["nested", "items", 1], ["tail_unencrypted"], ["nested", "new"], ["fresh"]],
	];
	return {
		yaml: nested,
		json: nested,
		dotenv: [["NAME"], ["OTHER"], ["TAIL_unencrypted"], ["NEW"], ["NEW_unencrypted"]],
		ini: [
			["DEFAULT", "name"],
			["nested", "q"],
			["nested", "n"],
			["tail", "t_unencrypted"],
			["tail", "new"],
			["more", "k"],
		],
	};
})();

interface Step {
	readonly path: Path;
	/** Absent: the value goes. */
	readonly value?: NewValue;
}

function script(format: keyof typeof TEXTS, random: Random): Step[] {
	const isFlat = format === "dotenv" || format === "ini";
	return Array.from({ length: 1 + random.int(4) }, () => {
		const path = random.pick(PLACES[format]);
		if (random.chance(15) && typeof path.at(-1) === "string") return { path };
		const texts: readonly NewValue[] = [
			"plain",
			"two words",
			'é # ; "q"',
			"1",
			"true",
			`x${random.int(1000)}`,
		];
		const others: readonly NewValue[] = [
			random.int(1e6),
			random.chance(50),
			1.5,
			null,
			"multi\nline",
			{ k: "v" },
			["i", 2],
		];
		return { path, value: random.pick(isFlat ? texts : [...texts, ...others]) };
	});
}

function apply(draft: Draft, steps: readonly Step[]): void {
	for (const { path, value } of steps) {
		// An earlier step may have put a single value where the way goes through.
		if (path.length > 1 && draft.has(path.slice(0, 1)) && !isHolder(draft.get(path.slice(0, -1)))) continue;
		if (value === undefined) draft.delete(path);
		else draft.set(path, value);
	}
}

const isHolder = (data: unknown): boolean =>
	data === undefined || (typeof data === "object" && data !== null);

describeReference("random edits", (reference) => {
	for (const format of FORMATS) {
		it(`of ${format}: the same data in both layouts, read by sops, and no other line touched`, async () => {
			const { text } = await made(PLAINS[format], format, "keep");
			const before = text.split("\n");
			const ask = (file: string) =>
				reference.oracle.call("decrypt", { format, text: file, ageIdentity: identityFile("first") });
			let fallbacks = 0;
			for (let seed = 1; seed <= SCRIPTS; seed++) {
				const steps = script(format, new Random(seed * 7919));
				const edit = (layout: "keep" | "reference") =>
					editDocument(text, { format, providers, layout }, (draft) => apply(draft, steps));
				const [kept, written] = [await edit("keep"), await edit("reference")];
				const shown = JSON.stringify(steps);
				const isKept = kept.findings.every(({ code }) => code !== "layout-not-kept");
				if (!isKept) fallbacks++;
				const data = async (file: string) => (await decryptDocument(file, { format, providers })).data;
				expect([shown, await data(kept.text)]).toEqual([shown, await data(written.text)]);
				for (const file of [kept.text, written.text])
					expect((await ask(file)).text).toBe(await read(file, format));
				// Lines that went are those of the edited items, of the time and of the MAC.
				if (!isKept) continue;
				const left = new Set(kept.text.split("\n"));
				const gone = before.filter((line) => !left.has(line) && !/lastmodified|mac/.test(line));
				const places = steps.flatMap(({ path }) => path.map(String));
				for (const line of gone) expect([shown, line, mayGo(line, places)]).toEqual([shown, line, true]);
			}
			// A comment behind a single value has no place behind a list.
			expect(fallbacks).toBeLessThanOrEqual(format === "yaml" ? 10 : 0);
		});
	}
});

/** A line of an edited item names its key, or is an item of a list, or of a holder that was replaced. */
function mayGo(line: string, places: readonly string[]): boolean {
	const isNamed = places.some((place) => new RegExp(`(^|[^\\w])${place}([^\\w]|$)`).test(line));
	return isNamed || /^\s*(- |["}\]])/.test(line) || /ENC\[.*\]/.test(line.replace(/^[\w' ]+[:=]/, ""));
}
