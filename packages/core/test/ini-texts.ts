import fc from "fast-check";

/** INI texts with everything that ini.v1 treats in a way of its own; about one in five is refused. */
const lineBreak = fc.oneof(
	{ weight: 8, arbitrary: fc.constant("\n") },
	fc.constantFrom("\r\n", "\n\n", "\n \t\n"),
);
const blank = fc.oneof({ weight: 6, arbitrary: fc.constant("") }, fc.constantFrom(" ", "\t", "  ", "\u00a0"));
const key = fc.oneof(
	{ weight: 6, arbitrary: fc.constantFrom("a", "b", "c", "key", "long_key", "é") },
	fc.constantFrom("-", "-", '"a"', "`b`", '"""c"""', '"k = x"', "`a`b", "'a'", '"- "', '"#1"', "a b", "a.b"),
);
const rareKey = fc.constantFrom('"', '""', '"""', '" "', "", "`a", '"a" junk ', "x\\", '"""é"""');
const delimiter = fc.constantFrom(" = ", " = ", "=", ": ", ":", " =", "\t=\t", "   = ");
const value = fc.oneof(
	{ weight: 5, arbitrary: fc.constantFrom("", "x", "value", "a b", "1", "true", "é\u{1F600}") },
	{
		weight: 3,
		arbitrary: fc.constantFrom(
			...['"x"', "'x'", "`x`", '"""x"""', "`a;b`", '"""a#b"""', '"p#ss"', "a;b", "a # b", '"a""b"', '"a'],
			...[
				"'a\"",
				"`a`b`",
				'"""a""""',
				'""""a"""',
				'""""""',
				'"""',
				"``",
				'""',
				"''",
				"a=b",
				"a: b",
				'\\"x\\"',
			],
		),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			...[
				'"""a\nb"""',
				"`a\nb`",
				'"""\n  a\r\nb\n"""',
				"`a\n[b]\n#c\n`",
				"a\\\nb",
				"a \\\n  b \\\n c",
				"a\\\n",
			],
			...["a\\\n\n", "a ; c \\\n b", "`a\nb`x\\\ny`", '"""a\nb""" \\\n"""', "\\\n", "`a\nb` z ; c", "\\;x"],
		),
	},
	fc.string({
		unit: fc.constantFrom("a", " ", '"', "'", "`", "#", ";", "\\", "=", "[", "]", "\n"),
		maxLength: 8,
	}),
);
const mark = fc.constantFrom("# ", "; ", "#", ";", ";; ", "#; ", "# \t");
const commentText = fc.constantFrom("note", "", "a ] b", "x = y", "two  words ", "`", "\\", "#", "; x");
const inline = fc.oneof(
	{ weight: 4, arbitrary: fc.constant("") },
	fc.tuple(fc.constantFrom(" ", "", "\t"), mark, commentText).map((parts) => parts.join("")),
);
const sectionName = fc.oneof(
	{ weight: 5, arbitrary: fc.constantFrom("a", "b", "sops", "section.sub", "DEFAULT", "default") },
	fc.constantFrom(" a ", "a]", "[a", "a b", '"a"', "a#b", "é", "a = b", "`"),
);

const keyLine = fc
	.tuple(blank, fc.oneof({ weight: 30, arbitrary: key }, rareKey), delimiter, value, blank, inline)
	.map((parts) => parts.join(""));
const commentLine = fc.tuple(blank, mark, commentText).map((parts) => parts.join(""));
const headerLine = fc.tuple(blank, sectionName, inline).map(([b, name, behind]) => `${b}[${name}]${behind}`);
const rareLine = fc.constantFrom("[]", "[a", "word", "=x", "\uFEFF", "[a] junk", "\v");

const line = fc.oneof(
	{ weight: 12, arbitrary: keyLine },
	{ weight: 5, arbitrary: commentLine },
	{ weight: 4, arbitrary: headerLine },
	{ weight: 2, arbitrary: blank },
	{ weight: 1, arbitrary: fc.oneof({ weight: 3, arbitrary: headerLine }, rareLine) },
);

export const iniText: fc.Arbitrary<string> = fc
	.tuple(
		fc.oneof({ weight: 9, arbitrary: fc.constant("") }, fc.constant("\uFEFF")),
		fc.array(fc.tuple(line, lineBreak), { maxLength: 9 }),
		fc.boolean(),
	)
	.map(([start, lines, isEnded]) => {
		const text = start + lines.map((parts) => parts.join("")).join("");
		return isEnded ? text : text.replace(/\r?\n$/, "");
	});
