import type { SelectorName } from "../../packages/core/src/selectors.ts";
import { generateJson } from "./generate-json.ts";
import { type Coverage, generateYaml, randomShape } from "./generate-yaml.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

export type FuzzFormat = "yaml" | "json";

/** One generated document and how it is to be treated. All of it follows from seed and number. */
export interface FuzzDocument {
	readonly number: number;
	readonly format: FuzzFormat;
	readonly text: string;
	/** Absent: what the reference does without configuration. */
	readonly indent: number | undefined;
	readonly selector: { readonly name: SelectorName; readonly value: string } | undefined;
	readonly macOnlyEncrypted: boolean;
	/** Wrapped by age itself on both sides, and not by a key wrapped once for the whole run. */
	readonly wrapped: boolean;
	/** Damaged at random: most of these are refused. */
	readonly mutated: boolean;
	readonly coverage: Coverage;
}

/** Patterns that hit some of the names and comments that the generators use, each on some leaf of most documents. */
const SELECTORS: readonly { readonly name: SelectorName; readonly values: readonly string[] }[] = [
	{ name: "unencrypted_suffix", values: ["_unencrypted", "1", "名"] },
	{ name: "encrypted_suffix", values: ["_secret", "2", "7"] },
	{ name: "unencrypted_regex", values: ["^(a|b)", "[02468]$", "(?i)KEY", "\\pL\\d"] },
	{ name: "encrypted_regex", values: ["^(user|key|db)", "[13579]$", "^data$|^stringData$", "[[:upper:]]"] },
	{ name: "unencrypted_comment_regex", values: ["note", "^ ?k", "^!"] },
	{ name: "encrypted_comment_regex", values: ["note", "twice", "item$"] },
];

export function makeDocument(seed: number, number: number, only: FuzzFormat | undefined): FuzzDocument {
	const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
	// The first numbers of a new generator resemble those of its neighbours.
	for (let i = 0; i < 16; i++) random.int(2);
	const format = only ?? (number % 2 === 0 ? "yaml" : "json");
	const coverage: Coverage = new Map();
	let text =
		format === "yaml" ? generateYaml(random, randomShape(random), coverage) : generateJson(random, coverage);
	const mutated = random.chance(8);
	if (mutated) text = mutate(text, random, format);
	const chosen = random.chance(35) ? undefined : random.pick(SELECTORS);
	return {
		number,
		format,
		text,
		indent: random.chance(60)
			? undefined
			: random.pick(format === "yaml" ? [1, 2, 3, 4, 6, 8, 9] : [-1, 0, 1, 2, 3, 4, 8]),
		selector: chosen && { name: chosen.name, value: random.pick(chosen.values) },
		macOnlyEncrypted: random.chance(25),
		wrapped: random.chance(10),
		mutated,
		coverage,
	};
}
