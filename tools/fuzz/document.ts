import { FORMATS, type Format } from "../../packages/core/src/formats/formats.ts";
import { decodeAnyBytes } from "../../packages/core/src/leaf/any-bytes.ts";
import type { SelectorName } from "../../packages/core/src/selectors.ts";
import { fromBinaryText, toBinaryText, utf8BinaryText } from "./binary-text.ts";
import { type Coverage, countFeature } from "./coverage.ts";
import { generateBinary } from "./generate/binary.ts";
import { generateDotenv } from "./generate/dotenv.ts";
import { generateIni } from "./generate/ini.ts";
import { generateJson } from "./generate/json.ts";
import { generateYaml, randomShape } from "./generate/yaml.ts";
import { mutateBytes } from "./mutate/bytes.ts";
import { mutateText } from "./mutate/text.ts";
import { Random } from "./random.ts";
import type { SeedsOf } from "./seeds.ts";

export const FUZZ_FORMATS: readonly Format[] = FORMATS;

/**
 * Where a document comes from: a grammar; a realistic file, changed; either of the two with damaged bytes; or either
 * of the two, encrypted by the reference and then damaged. A file is one of a corpus, as it is.
 */
export type Kind = GeneratedKind | "file";
type GeneratedKind = "grammar" | "seed" | "bytes" | "encrypted";
/** Those of a generated run. */
export const KINDS: readonly GeneratedKind[] = ["grammar", "seed", "bytes", "encrypted"];

/** How a document is to be treated. */
export interface Treatment {
	readonly format: Format;
	/** Absent: what the reference does without configuration. */
	readonly indent: number | undefined;
	readonly selector: { readonly name: SelectorName; readonly value: string } | undefined;
	readonly macOnlyEncrypted: boolean;
	/** Wrapped by age itself on both sides, and not by a key wrapped once for the whole run. */
	readonly wrapped: boolean;
}

/** One generated document. All of it follows from seed and number. */
export interface FuzzDocument extends Treatment {
	readonly number: number;
	readonly kind: Kind;
	/** Of a file, below the folder of its corpus. */
	readonly name?: string;
	readonly input: Uint8Array;
	/** The same as text; bytes that are not UTF-8 are lone surrogates. */
	readonly text: string;
	/** Seeds the damage of the encrypted file; of the kind `encrypted` only. */
	readonly damage: number | undefined;
	readonly coverage: Coverage;
}

/**
 * Patterns that hit some of the names and comments that the generators use, each on some leaf of most documents. Those
 * of comments can match no ciphertext, which is refused, and random.
 */
const SELECTORS: readonly { readonly name: SelectorName; readonly values: readonly string[] }[] = [
	{ name: "unencrypted_suffix", values: ["_unencrypted", "1", "名"] },
	{ name: "encrypted_suffix", values: ["_secret", "2", "7"] },
	{ name: "unencrypted_regex", values: ["^(a|b)", "[02468]$", "(?i)KEY", "\\pL\\d"] },
	{ name: "encrypted_regex", values: ["^(user|key|db)", "[13579]$", "^data$|^stringData$", "[[:upper:]]"] },
	{ name: "unencrypted_comment_regex", values: ["^ ?note", "^ ?k", "^!"] },
	{ name: "encrypted_comment_regex", values: ["^ ?note", "^#? ?twice", "item$"] },
];

const INDENTS: Readonly<Record<Format, readonly (number | undefined)[]>> = {
	yaml: [1, 2, 3, 4, 6, 8, 9],
	json: [-1, 0, 1, 2, 3, 4, 8],
	binary: [-1, 0, 1, 2, 3, 4, 8],
	dotenv: [undefined],
	ini: [undefined],
};

/** @param formats - each in turn */
export function makeDocument(
	seed: number,
	number: number,
	formats: readonly Format[],
	seeds: SeedsOf,
): FuzzDocument {
	const random = Random.of(seed, number);
	const format = formats[number % formats.length]!;
	const coverage: Coverage = new Map();
	const chance = random.int(100);
	const kind = chance < 45 ? "grammar" : chance < 65 ? "seed" : chance < 80 ? "bytes" : "encrypted";
	const input = fromBinaryText(inputOf(kind, format, random, coverage, seeds));
	return documentOf({
		number,
		kind,
		format,
		input,
		...randomTreatment(format, random),
		damage: kind === "encrypted" ? random.int(0x7fffffff) : undefined,
		coverage,
	});
}

export function randomTreatment(format: Format, random: Random): Omit<Treatment, "format"> {
	const chosen = random.chance(35) ? undefined : random.pick(SELECTORS);
	return {
		indent: random.chance(60) ? undefined : random.pick(INDENTS[format]),
		selector: chosen && { name: chosen.name, value: random.pick(chosen.values) },
		macOnlyEncrypted: random.chance(25),
		wrapped: random.chance(10),
	};
}

/** A document with its text. */
export function documentOf(parts: Omit<FuzzDocument, "text">): FuzzDocument {
	const { format, input } = parts;
	const utf16 =
		format === "yaml" && [0xfe, 0xff].includes(input[0] ?? 0) && input[0]! + (input[1] ?? 0) === 0x1fd;
	if (!utf16) return { ...parts, text: decodeAnyBytes(input) };
	return { ...parts, text: new TextDecoder(input[0] === 0xff ? "utf-16le" : "utf-16be").decode(input) };
}

function inputOf(
	kind: GeneratedKind,
	format: Format,
	random: Random,
	coverage: Coverage,
	seeds: SeedsOf,
): string {
	if (kind === "grammar") {
		if (random.chance(1)) return "";
		const made = generate(format, random, coverage);
		return random.chance(8) ? mutateText(made, random, format) : made;
	}
	const take = (): string => {
		const seed = random.pick(seeds(format));
		coverage.set(`seed ${seed.name}`, 1);
		return toBinaryText(seed.bytes);
	};
	if (kind === "seed") return mutateText(take(), random, format);
	const whole = random.chance(60) ? generate(format, random, coverage) : take();
	return kind === "bytes" ? mutateBytes(whole, take(), random, format) : whole;
}

function generate(format: Format, random: Random, coverage: Coverage): string {
	switch (format) {
		case "yaml":
			return encodedYaml(generateYaml(random, randomShape(random), coverage), random, coverage);
		case "json":
			return utf8BinaryText(generateJson(random, coverage));
		case "dotenv":
			return generateDotenv(random, coverage);
		case "ini":
			return generateIni(random, coverage);
		case "binary":
			return generateBinary(random, coverage);
	}
}

/** YAML is UTF-8, or UTF-16 with a byte order mark. */
function encodedYaml(text: string, random: Random, coverage: Coverage): string {
	if (!random.chance(2)) return utf8BinaryText(text);
	countFeature(coverage, "UTF-16");
	const little = Buffer.from(`\ufeff${text.replace(/^\ufeff/, "")}`, "utf16le");
	return (random.chance(50) ? little : little.swap16()).toString("latin1");
}
