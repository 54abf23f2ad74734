import type { Oracle, Tree } from "@sopskit/reference";
import type { ParsedFile } from "../../../packages/core/src/formats/codec.ts";
import { codecOf } from "../../../packages/core/src/formats/formats.ts";
import { parseYaml } from "../../../packages/core/src/formats/yaml/yaml.ts";
import { inputText } from "../../../packages/core/src/steps/input.ts";
import { fromBinaryText, toBinaryText } from "../binary-text.ts";
import type { FuzzDocument, Treatment } from "../document.ts";
import { mutateEncrypted } from "../mutate/encrypted.ts";
import { Random } from "../random.ts";
import { compareSides, type Difference, type Stage } from "./difference.ts";
import { checkExchange } from "./exchange.ts";
import { checkKept } from "./keep.ts";
import { mask } from "./mask.ts";
import { emit, encrypt, open, parse, textOf } from "./ours.ts";
import type { RunKeys } from "./run-keys.ts";
import { mapSide, type Outcome, refusedWith, type Side, side, sideNow } from "./side.ts";
import { refuseOddTree, Theirs } from "./theirs.ts";
import { typed } from "./typed.ts";

/** What became of one document. */
export interface Verdict {
	readonly differences: readonly Difference[];
	/** What happened, for the tally of the run. */
	readonly notes: readonly string[];
	/** As the reference reads it, when it does. */
	readonly tree: Tree | undefined;
}

/** Compares both implementations, document by document. */
export class Checker {
	private readonly theirs: Theirs;
	private readonly keys: RunKeys;
	private readonly stages: ReadonlySet<Stage>;

	constructor(oracle: Oracle, keys: RunKeys, stages: ReadonlySet<Stage>) {
		this.theirs = new Theirs(oracle, keys);
		this.keys = keys;
		this.stages = stages;
	}

	/** For a document on which the reference dies: it should be refused. */
	checkAlone(document: FuzzDocument): Verdict {
		const check = new Check(document, this.theirs, this.keys, this.stages);
		check.alone();
		return check;
	}

	/** @throws OracleGone */
	async check(document: FuzzDocument): Promise<Verdict> {
		const check = new Check(document, this.theirs, this.keys, this.stages);
		await check.all();
		return check;
	}

	/** Both are given an encrypted file, which may be damaged. @throws OracleGone */
	async checkEncrypted(document: FuzzDocument, encrypted: Uint8Array): Promise<Verdict> {
		const check = new Check(document, this.theirs, this.keys, this.stages);
		await check.decryption(encrypted);
		return check;
	}
}

/** What the steps of a check share. */
export interface CheckContext {
	readonly document: FuzzDocument;
	readonly theirs: Theirs;
	readonly keys: RunKeys;
	note(text: string): void;
	compare(stage: Stage, what: string, ours: Side, theirs: Side): void;
}

class Check implements Verdict, CheckContext {
	readonly differences: Difference[] = [];
	readonly notes: string[] = [];
	tree: Tree | undefined;

	readonly document: FuzzDocument;
	readonly theirs: Theirs;
	readonly keys: RunKeys;
	private readonly stages: ReadonlySet<Stage>;

	constructor(document: FuzzDocument, theirs: Theirs, keys: RunKeys, stages: ReadonlySet<Stage>) {
		this.document = document;
		this.theirs = theirs;
		this.keys = keys;
		this.stages = stages;
	}

	async all(): Promise<void> {
		const ours = this.parse();
		const loaded = await this.load();
		this.compare(
			"load",
			"tree",
			mapSide(ours, (file) => typed(file.branches)),
			loaded,
		);
		if (this.differences.length > 0) return;
		if (!("value" in ours && "value" in loaded)) {
			this.note(`refused by both: ${"refused" in ours ? ours.refused.split(":")[0] : ""}`);
			return;
		}
		this.tree = loaded.value;
		this.note("read by both");
		await this.emission(ours.value);
		if (["encrypt", "keep", "decrypt"].some((stage) => this.stages.has(stage as Stage)))
			await this.encryption(ours.value);
	}

	alone(): void {
		this.note("the reference dies");
		this.compare(
			"load",
			"tree",
			mapSide(this.parse(), (file) => typed(file.branches)),
			{ refused: "process: dies" },
		);
	}

	private async load(): Promise<Outcome<Tree>> {
		const loaded = await this.theirs.load(this.document, this.document.input);
		return "value" in loaded ? refuseOddTree(loaded.value) : loaded;
	}

	/** The tree is ours still: emission may not change it, encryption will. */
	private async emission(file: ParsedFile): Promise<void> {
		const { document } = this;
		const theirs = await this.theirs.roundtrip(document, document.input);
		this.compare(
			"emit",
			"text",
			sideNow(() => emit(document, file.branches)),
			mapSide(theirs, ({ text }) => text),
		);
		if ("refused" in theirs) this.note("emission refused by both");
		else if (document.format === "yaml") this.bothScanners(theirs.value.text, "the reference's plain text");
	}

	private parse(): Outcome<ParsedFile> {
		const { document } = this;
		if (document.format !== "yaml") return sideNow(() => parse(document, document.input));
		const text = sideNow(() => inputText("fuzz", document.input, codecOf("yaml")));
		return "value" in text ? this.bothScanners(text.value, "the author's text") : text;
	}

	/** Where the line scanner carries a text whole, the lexer must see the same in it. */
	private bothScanners(text: string, whose: string): Outcome<ParsedFile> {
		const parsed = sideNow(() => parseYaml(text));
		if ("refused" in parsed) return parsed;
		this.note(`${whose}: scanned by ${parsed.value.scannedBy}`);
		if (parsed.value.scannedBy === "lines") {
			const again = sideNow(() => typed(parseYaml(text, "lexer").branches));
			const lines = { value: typed(parsed.value.branches) };
			this.compare("load", `${whose}: line scanner against lexer`, lines, again);
		}
		return parsed;
	}

	private async encryption(file: ParsedFile): Promise<void> {
		const { document } = this;
		const theirs = await this.theirs.encrypt(document, document.input);
		const ours = await side(() => encrypt(document, document.input, this.keys, "reference"));
		if ("value" in theirs && refusedWith(ours, "value-unsupported")) {
			const read = await this.theirs.decrypt(document, theirs.value.bytes, document.wrapped);
			this.compare(
				"encrypt",
				"a file that its writer cannot read",
				ours,
				mapSide(read, () => "read"),
			);
			this.note("refused: the reference could not read what it wrote");
			return;
		}
		if ("refused" in ours || "refused" in theirs) {
			this.compare(
				"encrypt",
				"encrypted text",
				mapSide(ours, (made) => mask(textOf(made))),
				mapSide(theirs, (made) => mask(made.text)),
			);
			if ("refused" in ours && "refused" in theirs)
				this.note(`encryption refused by both: ${ours.refused.split(":")[0]}`);
			return;
		}
		if (document.format === "yaml") this.bothScanners(theirs.value.text, "the reference's encrypted text");
		if (document.damage !== undefined) {
			if (this.stages.has("decrypt"))
				await this.decryption(damaged(document, document.damage, theirs.value.bytes));
			return;
		}
		const decrypted = await this.theirs.decrypt(document, theirs.value.bytes, document.wrapped);
		if (this.stages.has("encrypt")) await checkExchange(this, ours.value, theirs.value, decrypted);
		if (this.stages.has("keep") && document.format !== "binary")
			await checkKept(this, file, theirs.value, decrypted);
	}

	/** Both are asked for the plaintext of one encrypted file, with an age identity. */
	async decryption(encrypted: Uint8Array): Promise<void> {
		const treatment: Treatment = this.document;
		const theirs = await this.theirs.decrypt(treatment, encrypted, true);
		const ours = await side(() => open(treatment, encrypted, this.keys.ageProvider));
		const found = compareSides("decrypt", "damaged file", ours, theirs);
		if (found !== undefined) this.differences.push({ ...found, encrypted });
		else if ("refused" in ours) this.note(`damage refused by both: ${ours.refused.split(":")[0]}`);
		else this.note("damage read by both");
	}

	// — both —

	note(text: string): void {
		this.notes.push(text);
	}

	compare(stage: Stage, what: string, ours: Side, theirs: Side): void {
		if (!this.stages.has(stage)) return;
		const found = compareSides(stage, what, ours, theirs);
		if (found !== undefined) this.differences.push(found);
	}
}

function damaged(document: FuzzDocument, seed: number, encrypted: Uint8Array): Uint8Array {
	const random = new Random(seed);
	for (let i = 0; i < 8; i++) random.int(2);
	const made = fromBinaryText(mutateEncrypted(toBinaryText(encrypted), random, document.format));
	return made;
}
