import { utf8BinaryText } from "../binary-text.ts";
import { type Coverage, countFeature } from "../coverage.ts";
import type { Random } from "../random.ts";
import { COMMENTS, NAMES, NOT_UTF8, VALUES } from "./dotenv-words.ts";

export const DOTENV_FEATURES = [
	...[
		"entry",
		"comment",
		"blank line",
		"no newline at the end",
		"CRLF",
		"some CR",
		"byte order mark",
		"duplicate name",
	],
	...[
		"name that is not UTF-8",
		"value that is not UTF-8",
		"comment that is not UTF-8",
		"escaped newline",
		"export",
	],
	...[
		"flat separator",
		"empty value",
		"empty name",
		"line without =",
		"sops name",
		"quotes",
		"control character",
	],
	...["no line at all", "many lines", "any characters", "indented comment"],
] as const;

/** A dotenv file, as bytes. */
export function generateDotenv(random: Random, coverage: Coverage): string {
	const count = (feature: (typeof DOTENV_FEATURES)[number]): void => countFeature(coverage, feature);
	const dirty = random.chance(20);
	const junk = (feature: (typeof DOTENV_FEATURES)[number]): string => {
		if (!dirty || !random.chance(15)) return "";
		count(feature);
		return random.pick(NOT_UTF8);
	};
	const anyText = (): string => {
		count("any characters");
		let out = "";
		for (let i = random.int(12); i > 0; i--)
			out += String.fromCodePoint(
				random.pick([
					0x20 + random.int(0x5f),
					0x20 + random.int(0x5f),
					0x5c,
					0x6e,
					random.int(0x20),
					0x7f + random.int(0x90),
					0x2000 + random.int(0x70),
					0x1f600 + random.int(0x40),
				]),
			);
		return utf8BinaryText(out.replace(/\n/g, "n"));
	};
	const names: string[] = [];
	const entry = (): string => {
		count("entry");
		let name = utf8BinaryText(random.pick(NAMES)) + (random.chance(40) ? random.int(100) : "");
		if (names.length > 0 && random.chance(5)) {
			count("duplicate name");
			name = random.pick(names);
		}
		if (random.chance(1)) {
			count("sops name");
			name = random.pick(["sops_mac", "sops_x", "sops_", "sops_age__list_0__map_enc"]);
		}
		name += junk("name that is not UTF-8");
		names.push(name);
		let value = random.chance(20) ? anyText() : utf8BinaryText(random.pick(VALUES));
		value += junk("value that is not UTF-8");
		if (name.startsWith("export ")) count("export");
		if (/__(map|list)_/.test(name)) count("flat separator");
		if (name === "") count("empty name");
		if (value === "") count("empty value");
		if (value.includes("\\n")) count("escaped newline");
		if (/^(["'`]).*\1$/.test(value)) count("quotes");
		if (/[\x00-\x08\x0b-\x1f]/.test(value)) count("control character");
		return `${name}=${value}`;
	};
	const line = (): string => {
		const kind = random.int(200);
		if (kind < 130) return entry();
		if (kind < 170) {
			count("comment");
			return `#${utf8BinaryText(random.pick(COMMENTS))}${junk("comment that is not UTF-8")}`;
		}
		if (kind < 196) {
			count("blank line");
			return "";
		}
		if (kind < 198) {
			count("indented comment");
			return ` #${random.pick(COMMENTS)}`.replace(/[^\x20-\x7e]/g, "x") + (random.chance(60) ? "=1" : "");
		}
		count("line without =");
		return random.pick(["word", " ", "\t", "export A", "'quoted'", "\r"]);
	};
	let size = 1 + random.int(12);
	if (random.chance(3)) {
		count("many lines");
		size = 100 + random.int(500);
	}
	if (random.chance(1)) {
		count("no line at all");
		size = 0;
	}
	const ending = random.chance(8) ? "\r\n" : "\n";
	if (ending === "\r\n") count("CRLF");
	const mixed = random.chance(4);
	if (mixed) count("some CR");
	const lines = Array.from({ length: size }, line).filter((made) => ending === "\n" || made !== "");
	let text = lines.map((made) => made + (mixed && random.chance(30) ? "\r" : "") + ending).join("");
	if (random.chance(12)) {
		count("no newline at the end");
		text = text.replace(/\r?\n$/, "");
	}
	if (random.chance(3)) {
		count("byte order mark");
		text = `\xef\xbb\xbf${text}`;
	}
	return text;
}
