import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseYaml } from "../../packages/core/src/formats/yaml/yaml.ts";
import { generateHandFormatted } from "../fuzz/generate/hand-formatted.ts";

/** How many files of each kind the line scanner carried whole. */
export function countScanners(
	root: string,
	inputs: {
		readonly yaml: { readonly plain: string; readonly encrypted: string };
		readonly secrets: { readonly plain: readonly string[]; readonly encrypted: readonly string[] };
	},
): { readonly kind: string; readonly lines: number; readonly of: number }[] {
	const kinds: Record<string, readonly string[]> = {
		"the large file, plain and encrypted by sops": [inputs.yaml.plain, inputs.yaml.encrypted],
		"1000 secrets, plain": inputs.secrets.plain,
		"1000 secrets, encrypted by sops": inputs.secrets.encrypted,
		vectors: vectors(join(root, "vectors")),
		"200 files formatted by hand": Array.from({ length: 200 }, (_, seed) => generateHandFormatted(seed).text),
	};
	return Object.entries(kinds).map(([kind, texts]) => {
		let lines = 0;
		let of = 0;
		for (const text of texts) {
			try {
				if (parseYaml(text).scannedBy === "lines") lines++;
				of++;
			} catch {
				// A damaged vector.
			}
		}
		return { kind, lines, of };
	});
}

function vectors(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((item) => item.isFile() && /\.ya?ml$/.test(item.name))
		.map((item) => readFileSync(join(item.parentPath, item.name), "utf8"));
}
