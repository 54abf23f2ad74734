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

/** @param folder - tools/fuzz/seeds; a bundled program cannot tell where its source was */
export function readSeeds(folder: string, format: Format): readonly Seed[] {
	return readdirSync(join(folder, format))
		.sort()
		.map((file) => {
			const dot = file.lastIndexOf(".");
			return {
				name: file.slice(0, dot),
				extension: file.slice(dot + 1),
				bytes: Uint8Array.from(readFileSync(join(folder, format, file))),
			};
		});
}
