import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Format, formatOfPath } from "../../packages/core/src/formats/formats.ts";
import { documentOf, randomTreatment } from "./document.ts";
import { Random } from "./random.ts";
import type { Source } from "./source.ts";

/**
 * The files of a folder and of those below it, as they are: each once without any option, and once under a treatment
 * that follows from the seed. Names say the formats; a name that says none is passed over.
 */
export function corpusSource(folder: string, seed: number, formats: readonly Format[]): Source {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.filter((path) => namesFormat(path) && formats.includes(formatOfPath(path)))
		.sort();
	if (files.length === 0) throw new TypeError(`--corpus: no file of ${formats.join(", ")} in ${folder}`);
	return {
		title: `seed ${seed}, ${files.length} files of a corpus, each in two ways`,
		size: files.length * 2,
		generated: false,
		complete: false,
		at(number) {
			const path = files[number >> 1]!;
			const format = formatOfPath(path);
			const treatment =
				number % 2 === 0
					? { indent: undefined, selector: undefined, macOnlyEncrypted: false, wrapped: false }
					: randomTreatment(format, Random.of(seed, number));
			return documentOf({
				...treatment,
				number,
				kind: "file",
				format,
				name: relative(folder, path),
				input: Uint8Array.from(readFileSync(path)),
				damage: undefined,
				coverage: new Map(),
			});
		},
	};
}

/** The format is binary for every name that is none of the others', so it has to be said. */
function namesFormat(path: string): boolean {
	return formatOfPath(path) !== "binary" || path.endsWith(".binary");
}
