import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Format } from "../../packages/core/src/formats/formats.ts";

/** A realistic file, of tools/fuzz/seeds. */
export interface Seed {
	/** Without folder and extension. */
	readonly name: string;
	readonly extension: string;
	readonly bytes: Uint8Array;
}

export type SeedsOf = (format: Format) => readonly Seed[];

/**
 * The seeds of each format; a folder is read once.
 *
 * @param folder - tools/fuzz/seeds; a bundled program cannot tell where its source was
 */
export function seedsIn(folder: string): SeedsOf {
	const known = new Map<Format, readonly Seed[]>();
	return (format) => {
		let found = known.get(format);
		if (found === undefined) {
			found = readSeeds(join(folder, format));
			known.set(format, found);
		}
		return found;
	};
}

function readSeeds(folder: string): readonly Seed[] {
	return readdirSync(folder)
		.sort()
		.map((file) => {
			const dot = file.lastIndexOf(".");
			const bytes = Uint8Array.from(readFileSync(join(folder, file)));
			return { name: file.slice(0, dot), extension: file.slice(dot + 1), bytes };
		});
}
