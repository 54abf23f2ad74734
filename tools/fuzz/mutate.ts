import type { Random } from "./random.ts";

const YAML_PIECES = [
	...[
		"\n",
		" ",
		"  ",
		"\t",
		"#",
		" #",
		": ",
		":",
		"- ",
		"-",
		"? ",
		", ",
		"[",
		"]",
		"{",
		"}",
		"'",
		'"',
		"|",
		">",
		"&a ",
	],
	...[
		"*a",
		"!",
		"!!int ",
		"%",
		"\\",
		"\r",
		"\n\n",
		"---\n",
		"...\n",
		"~",
		"0",
		"é",
		"\u2028",
		"\ufeff",
		"\u0000",
	],
];
const JSON_PIECES = [
	...[
		",",
		":",
		"[",
		"]",
		"{",
		"}",
		'"',
		"\\",
		"\\u00",
		"\\ud800",
		"0",
		"-",
		"+",
		".",
		"e",
		"null",
		"tru",
		" ",
		"\n",
	],
	...["/", "//x", "'", "\u0000", "\u00a0", "\ufeff", "\t", "1e999", "99999999999999999999"],
];

/** A text with one to three small damages: what is refused matters as much as what is read. */
export function mutate(text: string, random: Random, format: "yaml" | "json"): string {
	const pieces = format === "yaml" ? YAML_PIECES : JSON_PIECES;
	let out = text;
	for (let i = 1 + random.int(3); i > 0; i--) {
		const at = random.int(out.length + 1);
		const length = random.int(4);
		const kind = random.int(4);
		if (kind === 0) out = out.slice(0, at) + out.slice(at + 1 + length);
		else if (kind === 1) out = out.slice(0, at) + random.pick(pieces) + out.slice(at);
		else if (kind === 2) out = out.slice(0, at) + random.pick(pieces) + out.slice(at + 1);
		else {
			// A line leaves, comes twice, or moves in or out by a column.
			const lines = out.split("\n");
			const line = random.int(lines.length);
			const choice = random.int(4);
			if (choice === 0) lines.splice(line, 1);
			else if (choice === 1) lines.splice(line, 0, lines[random.int(lines.length)]!);
			else if (choice === 2) lines[line] = ` ${lines[line]}`;
			else lines[line] = lines[line]!.replace(/^ /, "");
			out = lines.join("\n");
		}
	}
	return out.toWellFormed();
}
