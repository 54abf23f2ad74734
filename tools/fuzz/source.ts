import type { Format } from "../../packages/core/src/formats/formats.ts";
import { type FuzzDocument, makeDocument } from "./document.ts";
import type { SeedsOf } from "./seeds.ts";

/** Documents of each format in a generated run; from here on, no class of what is generated may be missing. */
export const DEFAULT_COUNT = 1000;

/** Where the documents of a run come from. */
export interface Source {
	/** What it is, for the report. */
	readonly title: string;
	readonly size: number;
	/** No row of differences may explain more than its share of them. */
	readonly generated: boolean;
	/** They should hold every class. */
	readonly complete: boolean;
	/** Always the same document for a number. */
	at(number: number): FuzzDocument;
}

/** @param count - of each format */
export function generatedSource(
	seed: number,
	count: number,
	formats: readonly Format[],
	seeds: SeedsOf,
): Source {
	return {
		title: `seed ${seed}, ${count} documents of each of ${formats.join(", ")}`,
		size: count * formats.length,
		generated: true,
		complete: count >= DEFAULT_COUNT,
		at: (number) => makeDocument(seed, number, formats, seeds),
	};
}
