import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "@sopskit/reference";
import { decodeUtf8 } from "../../packages/core/src/leaf/utf8.ts";
import type { Difference } from "./check/difference.ts";
import { mask } from "./check/mask.ts";
import { emit, encrypt, open, parse, textOf } from "./check/ours.ts";
import type { RunKeys } from "./check/run-keys.ts";
import { type Outcome, side } from "./check/side.ts";
import { refuseOddTree, type Theirs } from "./check/theirs.ts";
import { typed } from "./check/typed.ts";
import { explain } from "./differences.ts";
import type { FuzzDocument, FuzzFormat, Treatment } from "./document.ts";

/** What an implementation makes of a file; `refused` names the step at which it would not go on. */
export type Answer =
	| { readonly refused: "load" | "emit" | "encrypt" | "decrypt"; readonly tree?: Tree }
	| {
			readonly tree: Tree;
			/** The plaintext; bytes that are not UTF-8 are lone surrogates. */
			readonly text: string;
			/** The encrypted file without what is random in it; of plain files only. */
			readonly encrypted?: string;
			readonly mac: string;
	  };

/** A case on which the two implementations differed once, or where they easily might: vectors/regressions. */
export interface Regression {
	readonly why: string;
	/** Whether `input` is a plain file, or one that is encrypted to the key `first`. */
	readonly operation: "plain" | "decrypt";
	readonly treatment: Omit<Treatment, "format" | "wrapped">;
	readonly input: { readonly text: string } | { readonly base64: string };
	/** What sops 3.13.3 makes of it. */
	readonly reference: Answer;
	/** What this library makes of it where that is meant to be something else. */
	readonly ours?: { readonly refused: string } | Answer;
	/** Of `ours`: path of the decision record. */
	readonly decision?: string;
}

export function regressionInput({ input }: Regression): Uint8Array {
	return Uint8Array.from("text" in input ? Buffer.from(input.text) : Buffer.from(input.base64, "base64"));
}

export function treatmentOf(format: FuzzFormat, { treatment }: Regression): Treatment {
	const { indent, selector, macOnlyEncrypted } = treatment;
	return { format, indent, selector, macOnlyEncrypted, wrapped: false };
}

/** Name of the format and of the file, to the case. */
export function readRegressions(folder: string): ReadonlyMap<string, Regression> {
	const found = new Map<string, Regression>();
	for (const format of readdirSync(folder).sort()) {
		for (const file of readdirSync(join(folder, format)).sort())
			found.set(
				`${format}/${file.replace(/\.json$/, "")}`,
				JSON.parse(readFileSync(join(folder, format, file), "utf8")),
			);
	}
	return found;
}

/** What this library makes of a case. */
export async function ourAnswer(
	treatment: Treatment,
	regression: Regression,
	keys: RunKeys,
): Promise<Answer> {
	const input = regressionInput(regression);
	if (regression.operation === "decrypt") {
		const opened = await side(() => open(treatment, input, keys.ageProvider));
		return "refused" in opened ? { refused: "decrypt" } : opened.value;
	}
	const file = await side(async () => parse(treatment, input));
	if ("refused" in file) return { refused: "load" };
	const tree = typed(file.value.branches);
	const text = await side(async () => emit(treatment, file.value.branches));
	if ("refused" in text) return { refused: "emit", tree };
	const encrypted = await side(() => encrypt(treatment, input, keys, "reference"));
	if ("refused" in encrypted) return { refused: "encrypt", tree };
	const opened = await side(() => open(treatment, encrypted.value.bytes, keys.fastProvider));
	const mac = "value" in opened ? opened.value.mac : "";
	return { tree, text: text.value, encrypted: mask(textOf(encrypted.value)), mac };
}

/** What the reference makes of a case. */
export async function theirAnswer(
	treatment: Treatment,
	regression: Regression,
	theirs: Theirs,
): Promise<Answer> {
	const input = regressionInput(regression);
	if (regression.operation === "decrypt") {
		const opened = await theirs.decrypt(treatment, input, true);
		return "refused" in opened ? { refused: "decrypt" } : opened.value;
	}
	const loaded: Outcome<Tree> = await theirs.load(treatment, input);
	const tree = "value" in loaded ? refuseOddTree(loaded.value) : loaded;
	if ("refused" in tree) return { refused: "load" };
	const plain = await theirs.roundtrip(treatment, input);
	if ("refused" in plain) return { refused: "emit", tree: tree.value };
	const encrypted = await theirs.encrypt(treatment, input);
	if ("refused" in encrypted) return { refused: "encrypt", tree: tree.value };
	const opened = await theirs.decrypt(treatment, encrypted.value.bytes, false);
	const mac = "value" in opened ? opened.value.mac : "";
	return { tree: tree.value, text: plain.value.text, encrypted: mask(encrypted.value.text), mac };
}

/** The record of a case, as it is now. `why` is for people to fill in. */
export async function recordRegression(
	document: FuzzDocument,
	difference: Difference,
	theirs: Theirs,
	keys: RunKeys,
): Promise<Regression> {
	const bytes = difference.encrypted ?? document.input;
	const text = decodeUtf8(bytes);
	const { indent, selector, macOnlyEncrypted } = document;
	const asked: Omit<Regression, "reference"> = {
		why: `${difference.stage}: ${difference.what}`,
		operation: difference.encrypted === undefined ? "plain" : "decrypt",
		treatment: { indent, selector, macOnlyEncrypted },
		input: text === undefined ? { base64: Buffer.from(bytes).toString("base64") } : { text },
	};
	const treatment: Treatment = { ...document, wrapped: false };
	const reference = await theirAnswer(treatment, { ...asked, reference: { refused: "load" } }, theirs);
	const row = explain(document, difference);
	if (row === undefined) return { ...asked, reference };
	const ours = await ourAnswer(treatment, { ...asked, reference }, keys);
	return { ...asked, reference, ours, decision: row.decision };
}

/**
 * Writes the record of a case to its folder.
 *
 * @returns the name of the file
 */
export function saveRegression(folder: string, format: FuzzFormat, regression: Regression): string {
	const place = join(folder, format);
	mkdirSync(place, { recursive: true });
	const stem = regression.why
		.toLowerCase()
		.replace(/[^a-z]+/g, "-")
		.slice(0, 50)
		.replace(/^-|-$/g, "");
	const taken = new Set(readdirSync(place));
	let name = `${stem}.json`;
	for (let n = 2; taken.has(name); n++) name = `${stem}-${n}.json`;
	writeFileSync(join(place, name), `${JSON.stringify(regression, undefined, "\t")}\n`);
	return `${format}/${name}`;
}
