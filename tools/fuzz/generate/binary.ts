import { type Coverage, countFeature } from "../coverage.ts";
import type { Random } from "../random.ts";

export const BINARY_FEATURES = [
	...[
		"empty",
		"one byte",
		"text",
		"text that looks like another format",
		"any bytes",
		"zeros",
		"UTF-8 and one byte more",
	],
	...["UTF-16", "byte order mark", "blocks of the cipher", "large"],
] as const;

const LOOKS_LIKE = [
	"{}\n",
	'{"data": "x"}',
	'{"data": "x", "sops": {}}',
	"a: 1\n",
	"A=1\n",
	"[a]\nb = 1\n",
	"ENC[AES256_GCM,data:AAAA,iv:BBBB,tag:CCCC,type:str]",
	"null",
	"# comment\n",
];

/** A file of any bytes. */
export function generateBinary(random: Random, coverage: Coverage): string {
	const feature = random.pick(BINARY_FEATURES);
	countFeature(coverage, feature);
	const bytes = (length: number, below = 256): string =>
		String.fromCharCode(...Array.from({ length }, () => random.int(below)));
	switch (feature) {
		case "empty":
			return "";
		case "one byte":
			return bytes(1);
		case "text":
			return `${bytes(1 + random.int(200), 95).replace(/[\s\S]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 32))}\n`;
		case "text that looks like another format":
			return random.pick(LOOKS_LIKE);
		case "any bytes":
			return bytes(1 + random.int(300));
		case "zeros":
			return "\0".repeat(1 + random.int(100));
		case "UTF-8 and one byte more":
			return `na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80${bytes(1)}${random.chance(50) ? "end" : ""}`;
		case "UTF-16":
			return `\xff\xfe${[...bytes(1 + random.int(40), 128)].map((c) => `${c}\0`).join("")}`;
		case "byte order mark":
			return `\xef\xbb\xbf${bytes(random.int(20), 128)}`;
		case "blocks of the cipher":
			return bytes(16 * (1 + random.int(8)) + random.int(3) - 1);
		case "large":
			return bytes(256).repeat(40 + random.int(200));
	}
}
