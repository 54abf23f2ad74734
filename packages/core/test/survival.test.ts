// What this library does not know in the metadata survives every operation; and a file survives every operation that fails.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import {
	addKeyGroup,
	type EncryptedFile,
	type ErrorCode,
	editDocument,
	encryptDocument,
	inspectDocument,
	isSopsError,
	mergeDocuments,
	rotateDocument,
	setValue,
	unsetValue,
	updateDocument,
	updateKeys,
} from "../src/index.ts";
import {
	addFileKeyGroup,
	deleteFileKeyGroup,
	editFile,
	encryptFile,
	rotateFile,
	setFileValue,
	unsetFileValue,
	updateFile,
	updateFileKeys,
} from "../src/node.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const providers = [age({ identities: identityFile("first") })];
const first = recipient(recipientOf("first"));
const second = recipient(recipientOf("second"));
const PLAIN = "a: x\nb: [1, 2]\nc: y\n";
const options = { format: "yaml", providers } as const;

/** A file with keys of a type that nobody knows, and fields of another version. */
async function odd(): Promise<string> {
	const { text } = await encryptDocument(PLAIN, { format: "yaml", keyGroups: [[first]] });
	const changed = text
		.replace(/\nsops:\n/, "\nsops:\n    moon_kms:\n        - crater: tycho\n          enc: bW9vbg==\n")
		.replace("- enc:", "- since: 2031\n          enc:")
		.replace(/\n {4}version:/, "\n    later: { deep: [1, true] }\n    version:");
	expect(changed.length).toBeGreaterThan(text.length + 80);
	return changed;
}

describe("metadata that is not known", () => {
	const operations: Readonly<Record<string, (text: string) => Promise<EncryptedFile>>> = {
		editDocument: (text) => editDocument(text, options, (draft) => draft.set(["a"], "z")),
		"editDocument, as sops writes": (text) =>
			editDocument(text, { ...options, layout: "reference" }, (draft) => draft.set(["a"], "z")),
		setValue: (text) => setValue(text, ["a"], "z", options),
		unsetValue: (text) => unsetValue(text, ["a"], options),
		updateDocument: (text) => updateDocument(text, "a: z\nb: [1, 2]\nc: y\n", options),
		"updateDocument, in another order": (text) => updateDocument(text, "c: y\na: x\nb: [1]\n", options),
		rotateDocument: (text) => rotateDocument(text, options),
		updateKeys: (text) => updateKeys(text, { ...options, keyGroups: [[first, second]] }),
		addKeyGroup: (text) => addKeyGroup(text, { ...options, keyGroup: [second] }),
		mergeDocuments: async (text) => {
			const [ours, theirs] = [
				await setValue(text, ["a"], "z", options),
				await setValue(text, ["c"], "w", options),
			];
			return (await mergeDocuments({ base: text, ours: ours.text, theirs: theirs.text }, options)).file;
		},
	};
	for (const [name, operate] of Object.entries(operations)) {
		it(`survives ${name}`, async () => {
			const { text } = await operate(await odd());
			expect(text).toMatch(/moon_kms:\n\s+- crater: tycho\n\s+enc: bW9vbg==/);
			expect(text).toMatch(/since: 2031/);
			expect(text).toMatch(/later:\s+(\{ deep: \[1, true\] \}|deep:\n\s+- 1\n\s+- true)/);
			const found = inspectDocument(text, { format: "yaml" }).findings;
			expect(found.map(({ path }) => path?.at(-1))).toEqual(expect.arrayContaining(["moon_kms", "later"]));
		});
	}
});

describe("a file", () => {
	let folder: string;
	let file: string;
	let content: string;
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "sopskit-survival-"));
		file = join(folder, "f.yaml");
		content = (await encryptDocument(PLAIN, { format: "yaml", keyGroups: [[first], [second]] })).text;
		writeFileSync(file, content);
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	const both = [age({ identities: [identityFile("first"), identityFile("second")] })];
	const noOne = [age()];
	const failures: readonly (readonly [string, () => Promise<unknown>, ErrorCode])[] = [
		[
			"a path across a single value",
			() => setFileValue(file, ["a", "x"], 1, { providers: both }),
			"path-not-found",
		],
		[
			"a position beyond the end",
			() => setFileValue(file, ["b", 7], 1, { providers: both }),
			"path-not-found",
		],
		["unset of nothing", () => unsetFileValue(file, ["q"], { providers: both }), "path-not-found"],
		["a rotation without a usable key", () => rotateFile(file, { providers: noOne }), "data-key-unavailable"],
		[
			"an edit without a usable key",
			() => editFile(file, { providers: noOne }, () => {}),
			"data-key-unavailable",
		],
		[
			"a key to remove that is not there",
			() => rotateFile(file, { providers: both, removeKeys: ["age1x"] }),
			"key-not-found",
		],
		[
			"a group without keys",
			() => rotateFile(file, { providers: both, removeKeys: [first.ref.id] }),
			"keys-missing",
		],
		[
			"a threshold above the groups",
			() => updateFileKeys(file, { providers: both, keyGroups: [[first], [second]], shamirThreshold: 3 }),
			"threshold-invalid",
		],
		[
			"a threshold below two",
			() => addFileKeyGroup(file, { providers: both, keyGroup: [first], shamirThreshold: 1 }),
			"threshold-invalid",
		],
		[
			"a group that is not there",
			() => deleteFileKeyGroup(file, { providers: both, group: 5 }),
			"group-not-found",
		],
		["a plaintext that is none", () => updateFile(file, "a: [", { providers: both }), "syntax-invalid"],
		[
			"a plaintext with metadata",
			() => updateFile(file, "a: 1\nsops: {}\n", { providers: both }),
			"already-encrypted",
		],
		[
			"a key of the metadata in an edit",
			() => editFile(file, { providers: both }, (draft) => draft.set(["sops"], 1)),
			"already-encrypted",
		],
		["encrypting again", () => encryptFile(file, { keyGroups: [[first]] }), "already-encrypted"],
		[
			"the placeholder of a masked file",
			() => setFileValue(file, ["a"], "MASKED_BY_SOPSKIT", { providers: both }),
			"value-masked",
		],
	];
	for (const [what, work, code] of failures) {
		it(`is as it was after ${what}: ${code}`, async () => {
			const thrown = await work().catch((error: unknown) => error);
			expect(isSopsError(thrown) ? thrown.code : thrown).toBe(code);
			expect(readFileSync(file, "utf8")).toBe(content);
			expect(readdirSync(folder)).toEqual(["f.yaml"]);
		});
	}
});
