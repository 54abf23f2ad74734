import type { Encrypted, Oracle, EncryptOptions as OracleEncryptOptions, Tree } from "@sopskit/reference";
import { age } from "../../packages/age/src/age.ts";
import { recipient, recipientRef } from "../../packages/age/src/recipient.ts";
import { isSopsError } from "../../packages/core/src/errors.ts";
import type { ParsedFile } from "../../packages/core/src/formats/codec.ts";
import { codecOf } from "../../packages/core/src/formats/formats.ts";
import { parseYaml } from "../../packages/core/src/formats/yaml/yaml.ts";
import type { KeyProvider, MasterKey } from "../../packages/core/src/keys/contract.ts";
import { decryptDocument } from "../../packages/core/src/operations/decrypt.ts";
import {
	type EncryptionSeams,
	type EncryptOptions,
	encryptWith,
} from "../../packages/core/src/operations/encrypt.ts";
import { openText } from "../../packages/core/src/operations/open.ts";
import type { FuzzDocument } from "./document.ts";
import { keptLines } from "./lines.ts";
import type { Side } from "./side.ts";
import { firstDifference, looseNumbers, typed, withoutComments } from "./typed.ts";

export type Stage = "load" | "emit" | "encrypt" | "keep";
export const STAGES: readonly Stage[] = ["load", "emit", "encrypt", "keep"];

/** Two implementations that do not agree. */
export interface Difference {
	readonly stage: Stage;
	/** Which comparison; the same mistake gives the same name. */
	readonly what: string;
	readonly ours: Side;
	readonly theirs: Side;
}

/** What became of one document. */
export interface Verdict {
	readonly differences: readonly Difference[];
	/** What happened, for the tally of the run. */
	readonly notes: readonly string[];
	/** As the reference reads it, when it does. */
	readonly tree: Tree | undefined;
}

/** Keys that are made once for a run. */
export interface RunKeys {
	readonly identity: string;
	readonly recipient: string;
	readonly dataKey: Uint8Array;
	/** `dataKey`, wrapped for `recipient`. */
	readonly enc: string;
}

/** Longer than the slowest document takes on a busy machine. */
const TIMEOUT = 20_000;

/** The oracle died or was ended, which says nothing about the document that asked. */
export class OracleGone extends Error {}

export class Checker {
	private readonly oracle: Oracle;
	private readonly keys: RunKeys;
	private readonly stages: ReadonlySet<Stage>;
	private readonly realProvider: KeyProvider;

	constructor(oracle: Oracle, keys: RunKeys, stages: ReadonlySet<Stage>) {
		this.oracle = oracle;
		this.keys = keys;
		this.stages = stages;
		this.realProvider = age({ identities: keys.identity });
	}

	/** For a document on which the reference dies: it should be refused. */
	checkAlone(document: FuzzDocument): Verdict {
		const run = new Check(document, this.oracle, this.keys, this.stages, this.realProvider);
		run.alone();
		return run;
	}

	/** @throws OracleGone */
	async check(document: FuzzDocument): Promise<Verdict> {
		const run = new Check(document, this.oracle, this.keys, this.stages, this.realProvider);
		await run.all();
		return run;
	}
}

class Check implements Verdict {
	readonly differences: Difference[] = [];
	readonly notes: string[] = [];
	tree: Tree | undefined;

	private readonly document: FuzzDocument;
	private readonly oracle: Oracle;
	private readonly keys: RunKeys;
	private readonly stages: ReadonlySet<Stage>;
	private readonly provider: KeyProvider;
	private readonly masterKey: MasterKey;

	constructor(
		document: FuzzDocument,
		oracle: Oracle,
		keys: RunKeys,
		stages: ReadonlySet<Stage>,
		realProvider: KeyProvider,
	) {
		this.document = document;
		this.oracle = oracle;
		this.keys = keys;
		this.stages = stages;
		this.masterKey = document.wrapped ? recipient(keys.recipient) : wrappedOnce(keys);
		this.provider = document.wrapped ? realProvider : providerOf(keys);
	}

	async all(): Promise<void> {
		const { text, format, indent } = this.document;
		const ours = this.parse();
		const theirs = await this.ask(() =>
			this.oracle.call(
				"roundtrip",
				{ format, text, ...(indent === undefined ? {} : { indent }) },
				{ timeout: TIMEOUT },
			),
		);
		const loaded = "value" in theirs ? refuseOddTree(theirs.value.tree) : theirs;
		if ("value" in loaded) this.tree = loaded.value as Tree;
		this.compare(
			"load",
			"tree",
			mapSide(ours, (file) => typed(file.branches)),
			loaded,
		);
		if (this.differences.length > 0) return;
		if (!("value" in ours && "value" in loaded && "value" in theirs)) {
			if ("refused" in ours && "refused" in loaded) this.notes.push("refused by both");
			return;
		}
		// The tree is ours still: emission may not change it, encryption will.
		this.compare(
			"emit",
			"text",
			await side(async () =>
				codecOf(format).emit(ours.value.branches, indent === undefined ? {} : { indent }),
			),
			{ value: theirs.value.text },
		);
		if (format === "yaml") this.bothScanners(theirs.value.text, "the reference's plain text");
		if (this.stages.has("encrypt") || this.stages.has("keep")) await this.encryption(ours.value);
	}

	alone(): void {
		this.notes.push("the reference dies");
		this.compare(
			"load",
			"tree",
			mapSide(this.parse(), (file) => typed(file.branches)),
			{ refused: "process: dies" },
		);
	}

	private parse() {
		const { text, format } = this.document;
		if (format === "json") return sideNow(() => codecOf(format).parse(text, { wideIntegers: "refuse" }));
		return this.bothScanners(text, "the author's text");
	}

	/** Where the line scanner carries a text whole, the lexer must see the same in it. */
	private bothScanners(text: string, whose: string) {
		const parsed = sideNow(() => parseYaml(text));
		if ("refused" in parsed) return parsed;
		this.notes.push(`${whose}: scanned by ${parsed.value.scannedBy}`);
		if (parsed.value.scannedBy === "lines") {
			const again = sideNow(() => typed(parseYaml(text, "lexer").branches));
			const lines = { value: typed(parsed.value.branches) };
			this.compare("load", `${whose}: line scanner against lexer`, lines, again);
		}
		return parsed;
	}

	// — encrypt —

	private async encryption(file: ParsedFile): Promise<void> {
		const { text, format, indent, selector, macOnlyEncrypted, wrapped } = this.document;
		const { keys } = this;
		const now = new Date(Date.UTC(2024, 1, 3, 4, 5, 6));
		const request: OracleEncryptOptions = {
			format,
			text,
			macOnlyEncrypted,
			ageRecipients: [keys.recipient],
			dataKey: keys.dataKey,
			lastModified: "2024-02-03T04:05:06Z",
			...(wrapped ? {} : { enc: [[keys.enc]] }),
			...(indent === undefined ? {} : { indent }),
			...(selector === undefined ? {} : { selectors: { [selector.name]: selector.value } }),
		};
		const theirs = await this.ask(() => this.oracle.call("encrypt", request, { timeout: TIMEOUT }));
		const ours = await side(() => this.encrypt(now, "reference"));
		if ("refused" in ours || "refused" in theirs) {
			this.compare(
				"encrypt",
				"encrypted text",
				mapSide(ours, (made) => mask(made.text)),
				mapSide(theirs, (made) => mask(made.text)),
			);
			if ("refused" in ours && "refused" in theirs) this.notes.push("encryption refused by both");
			return;
		}
		if (format === "yaml") this.bothScanners(theirs.value.text, "the reference's encrypted text");
		const decrypted = await this.ask(() => this.oracleDecrypt(theirs.value.text));
		if (this.stages.has("encrypt")) await this.exchange(ours.value.text, theirs.value, decrypted);
		if (this.stages.has("keep")) await this.keep(file, now, decrypted);
	}

	/** Each reads the file of the other. */
	private async exchange(
		ours: string,
		theirs: Encrypted,
		theirsByThem: Awaited<ReturnType<Check["ask"]>>,
	): Promise<void> {
		this.compare("encrypt", "encrypted text", { value: mask(ours) }, { value: mask(theirs.text) });
		const oursByThem = await this.ask(() => this.oracleDecrypt(ours));
		const oursByUs = await side(() => this.open(ours));
		const theirsByUs = await side(() => this.open(theirs.text));
		if ("refused" in theirsByThem) {
			this.notes.push(`the reference fails on its own file`);
			this.compare("encrypt", "what the reference cannot read of its own", theirsByUs, theirsByThem);
			return;
		}
		const answer = theirsByThem.value as Awaited<ReturnType<Check["oracleDecrypt"]>>;
		this.compare(
			"encrypt",
			"MAC",
			mapSide(oursByThem, (made) => (made as typeof answer).storedMac),
			{ value: theirs.mac },
		);
		// A comment that moves to another level on the way stays ciphertext, on both sides.
		const content = (made: unknown): unknown =>
			JSON.parse(
				mask(JSON.stringify({ tree: (made as typeof answer).tree, text: (made as typeof answer).text })),
			);
		const plain = { value: content(answer) };
		this.compare("encrypt", "our file read by the reference", mapSide(oursByThem, content), plain);
		this.compare("encrypt", "the reference's file read by us", mapSide(theirsByUs, content), plain);
		this.compare("encrypt", "our file read by us", mapSide(oursByUs, content), plain);
	}

	private encrypt(now: Date, layout: "reference" | "keep") {
		const { text, format, indent, selector, macOnlyEncrypted } = this.document;
		const options: EncryptOptions = {
			format,
			layout,
			macOnlyEncrypted,
			keyGroups: [[this.masterKey]],
			...(indent === undefined ? {} : { indent }),
			...(selector === undefined ? {} : { [optionOf(selector.name)]: selector.value }),
		};
		return encryptWith(text, options, seams(this.keys.dataKey, now));
	}

	private async open(text: string): Promise<{ tree: Tree; text: string }> {
		const { format, indent } = this.document;
		const codec = codecOf(format);
		const { branches } = await openText(text, {
			codec,
			providers: [this.provider],
			decryptionOrder: undefined,
			ignoreMac: false,
			signal: undefined,
			wideIntegers: "refuse",
		});
		return { tree: typed(branches), text: codec.emit(branches, indent === undefined ? {} : { indent }) };
	}

	private oracleDecrypt(text: string) {
		const { format, indent, wrapped } = this.document;
		const key = wrapped ? { ageIdentity: this.keys.identity } : { dataKey: this.keys.dataKey };
		return this.oracle.call(
			"decrypt",
			{ format, text, ...key, ...(indent === undefined ? {} : { indent }) },
			{ timeout: TIMEOUT },
		);
	}

	// — keep —

	private async keep(file: ParsedFile, now: Date, reference: Side): Promise<void> {
		const { text, format } = this.document;
		const made = await side(() => this.encrypt(now, "keep"));
		if ("refused" in made) {
			this.compare("keep", "encryption", made, { value: "encrypted in the reference's layout" });
			return;
		}
		const encrypted = made.value.text;
		if (made.value.findings.some((finding) => finding.code === "layout-not-kept")) {
			this.notes.push("keep: fell back on encryption");
			return;
		}
		if ("refused" in reference) return;
		// What the author wrote; on its way through the reference's layout some of it may change.
		const written: Side = { value: looseNumbers(withoutComments(typed(file.branches))) };
		const data = (value: unknown): unknown => looseNumbers(withoutComments((value as { tree: Tree }).tree));
		const byThem = await this.ask(() => this.oracleDecrypt(encrypted));
		this.compare("keep", "data read by the reference", mapSide(byThem, data), written);
		this.compare(
			"keep",
			"lines without anything encrypted",
			{ value: encrypted },
			keptLines(this.document, file, encrypted),
		);

		const back = await side(() => decryptDocument(encrypted, { format, providers: [this.provider] }));
		if ("refused" in back) {
			this.compare("keep", "decryption", back, reference);
			return;
		}
		const restored = sideNow(() => back.value.text({ layout: "keep" }));
		if ("refused" in restored) {
			this.compare("keep", "decrypted text", restored, reference);
			return;
		}
		if (restored.value === text) {
			this.notes.push("keep: the author's text came back");
			return;
		}
		const kept = keptLines(this.document, file, restored.value);
		const whole = "value" in kept && kept.value === restored.value;
		if (restored.value === back.value.text()) {
			this.notes.push(
				whole ? "keep: only values came back in another spelling" : "keep: fell back on decryption",
			);
			return;
		}
		const again = sideNow(() =>
			data({ tree: typed(codecOf(format).parse(restored.value, { wideIntegers: "refuse" }).branches) }),
		);
		this.compare("keep", "data of the text that came back", again, written);
		if (whole) this.notes.push("keep: only values came back in another spelling");
		else this.compare("keep", "lines without anything encrypted, decrypted", restored, kept);
	}

	// — both —

	/** @throws OracleGone */
	private async ask<T>(
		call: () => Promise<T>,
	): Promise<{ readonly value: T } | { readonly refused: string }> {
		try {
			return { value: await call() };
		} catch (error) {
			const { stage, panic, message } = error as { stage?: string; panic?: boolean; message: string };
			if (stage === "process") throw new OracleGone(message);
			return { refused: `${panic ? "panic" : (stage ?? "?")}: ${message.slice(0, 400)}` };
		}
	}

	private compare(stage: Stage, what: string, ours: Side, theirs: Side): void {
		if (!this.stages.has(stage)) return;
		if ("refused" in ours && "refused" in theirs) return;
		if ("value" in ours && "value" in theirs && JSON.stringify(ours.value) === JSON.stringify(theirs.value))
			return;
		const how =
			"refused" in ours
				? `we refuse (${kindOfRefusal(ours.refused)})`
				: "refused" in theirs
					? `the reference refuses (${kindOfRefusal(theirs.refused)})`
					: kindOfDifference(ours.value, theirs.value);
		this.differences.push({ stage, what: `${what}: ${how}`, ours, theirs });
	}
}

/** A refusal without what is particular to one document. */
function kindOfRefusal(text: string): string {
	return text
		.split("\n")[0]!
		.replace(/"[^"]*"|`[^`]*`/g, "…")
		.replace(/\b(line|column) \d+(, )?/g, "")
		.replace(/ at \S+ /g, " at … ")
		.replace(/\d+/g, "0")
		.slice(0, 160);
}

function kindOfDifference(ours: unknown, theirs: unknown): string {
	if (typeof ours === "string" && typeof theirs === "string") {
		const lines = theirs.split("\n");
		const found = ours.split("\n");
		const at = found.findIndex((line, i) => line !== lines[i]);
		return `differs: ${shape(found[at])} for ${shape(lines[at === -1 ? found.length : at])}`;
	}
	const path = firstDifference(ours, theirs)?.split(":")[0] ?? "in order";
	return `differs in ${path
		.split(".")
		.filter((name) => !/^\d+$/.test(name))
		.slice(-2)
		.join(".")}`;
}

/** A line without its words. */
function shape(line: string | undefined): string {
	return line === undefined
		? "nothing"
		: line
				.trim()
				.replace(/[\p{L}\p{N}_]+/gu, "a")
				.replace(/ +/g, " ")
				.slice(0, 12);
}

function sideNow<T>(make: () => T): { readonly value: T } | { readonly refused: string } {
	try {
		return { value: make() };
	} catch (error) {
		return refusal(error);
	}
}

async function side<T>(
	make: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly refused: string }> {
	try {
		return { value: await make() };
	} catch (error) {
		return refusal(error);
	}
}

function refusal(error: unknown): { readonly refused: string } {
	if (isSopsError(error)) return { refused: `${error.code}: ${error.message.slice(0, 400)}` };
	return { refused: `crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
}

function mapSide<T>(
	of: { readonly value: T } | { readonly refused: string },
	make: (value: T) => unknown,
): Side {
	return "value" in of ? { value: make(of.value) } : of;
}

/** The reference loads some trees that it refuses as soon as it walks them. */
function refuseOddTree(tree: Tree): Side {
	const text = JSON.stringify(tree);
	if (!text.includes('{"badKey":') && !text.includes('{"unknown":')) return { value: tree };
	const odd = /\{"(badKey|unknown)":"([^"]*)"/.exec(text)!;
	return { refused: `walk: ${odd[1] === "badKey" ? "a key" : "a value"} of type ${odd[2]}` };
}

function optionOf(selector: string): string {
	return selector.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The first thing that is drawn is the data key. */
function seams(dataKey: Uint8Array, now: Date): EncryptionSeams {
	let first = true;
	return {
		now: () => now,
		random: (length) => {
			if (!first) return crypto.getRandomValues(new Uint8Array(length));
			first = false;
			return dataKey.slice(0, length);
		},
	};
}

function wrappedOnce(keys: RunKeys): MasterKey {
	return { ref: recipientRef(keys.recipient), wrap: async () => keys.enc };
}

function providerOf(keys: RunKeys): KeyProvider {
	return {
		name: "fuzz",
		masterKey: (ref) => ({ ref, unwrap: async () => keys.dataKey.slice() }),
	};
}

/** An encrypted file without what is random in it; the length of each ciphertext stays. */
export function mask(text: string): string {
	return text
		.replace(
			/ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:[A-Za-z0-9+/]{43}=,tag:[A-Za-z0-9+/]{22}==,type:/g,
			(_, data: string) => `ENC[AES256_GCM,data:${data.length},iv,tag,type:`,
		)
		.replace(/-----BEGIN AGE ENCRYPTED FILE-----[^-]*-----END AGE ENCRYPTED FILE-----/g, "AGE");
}
