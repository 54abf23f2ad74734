import { utf8BinaryText } from "../binary-text.ts";
import type { FuzzFormat } from "../document.ts";
import type { Random } from "../random.ts";

/** What means something in each format; byte-level mutations take their bytes from here too. */
export const PIECES: Readonly<Record<FuzzFormat, readonly string[]>> = {
	yaml: [
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
			"<<: ",
		],
	],
	json: [
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
		...[
			"/",
			"//x",
			"'",
			"\u0000",
			"\u00a0",
			"\ufeff",
			"\t",
			"1e999",
			"99999999999999999999",
			"{}",
			"[]",
			'"":',
		],
	],
	dotenv: [
		...[
			"=",
			"\n",
			"#",
			"\r",
			"\\n",
			"\\",
			" ",
			"'",
			'"',
			"export ",
			"\t",
			"\u0000",
			"\ufeff",
			"é",
			"sops",
			"_",
			"$",
			":",
		],
		...["__map_", "__list_0", "_unencrypted", "\r\n", "==", "ENC["],
	],
	ini: [
		...[
			"=",
			":",
			"\n",
			"#",
			";",
			"[",
			"]",
			'"',
			"'",
			"`",
			'"""',
			"\\",
			"\\\n",
			" ",
			"\t",
			"\r",
			"-",
			"\u00a0",
			"\ufeff",
		],
		...["[a]\n", "DEFAULT", "é", "\u0000", "\n\n", "; x\n", "%(a)s", "__map_", "[DEFAULT]\n", "\u0085"],
	],
	binary: ["\u0000", "\n", "\r\n", "\ufeff", "{", "}", '"', "é", "a", "ENC["],
};

/**
 * A text, in UTF-8, with one to four small changes such as an author makes, or a slip: a piece or a line comes, goes,
 * moves, or stands twice.
 */
export function mutateText(text: string, random: Random, format: FuzzFormat): string {
	const pieces = PIECES[format];
	let out = text;
	for (let i = 1 + random.int(4); i > 0; i--) {
		const at = random.int(out.length + 1);
		const kind = random.int(6);
		if (kind === 0) out = out.slice(0, at) + out.slice(at + 1 + random.int(4));
		else if (kind === 1) out = out.slice(0, at) + utf8BinaryText(random.pick(pieces)) + out.slice(at);
		else if (kind === 2) out = out.slice(0, at) + utf8BinaryText(random.pick(pieces)) + out.slice(at + 1);
		else out = mutateLines(out, random);
	}
	return out;
}

function mutateLines(text: string, random: Random): string {
	const lines = text.split("\n");
	const at = random.int(lines.length);
	const line = lines[at]!;
	switch (random.int(7)) {
		case 0:
			lines.splice(at, 1 + random.int(2));
			break;
		case 1:
			lines.splice(at, 0, lines[random.int(lines.length)]!);
			break;
		case 2:
			lines[at] = ` ${line}`;
			break;
		case 3:
			lines[at] = line.replace(/^ /, "");
			break;
		case 4: {
			const other = random.int(lines.length);
			lines[at] = lines[other]!;
			lines[other] = line;
			break;
		}
		case 5:
			// What stands behind the first delimiter goes.
			lines[at] = line.replace(/([=:] ?).*/, "$1");
			break;
		default:
			// A paragraph stands twice.
			lines.splice(at, 0, ...lines.slice(at, at + 2 + random.int(6)));
	}
	return lines.join("\n");
}
