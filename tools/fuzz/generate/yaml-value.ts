import type { Random } from "../random.ts";
import { YAML_FEATURES, type YamlFeature } from "./yaml-features.ts";
import { writeFlow } from "./yaml-flow.ts";
import type { YamlSheet } from "./yaml-sheet.ts";
import { PLAIN_VALUES, TEXTS } from "./yaml-words.ts";

export function writeValue(sheet: YamlSheet, given: string, indent: number): void {
	const { random, shape } = sheet;
	let prefix = given;
	// Where a key may start, a tab is refused.
	if (shape.tabs && /[^\s-]: $/.test(prefix) && random.chance(30)) {
		sheet.count("tab before a value");
		prefix = `${prefix.slice(0, -1)}${random.pick(["\t", " \t", "\t "])}`;
	} else if (random.chance(3)) prefix += " ";
	const props = sheet.properties();
	if (random.chance(4)) {
		sheet.count(shape.comments ? "comment behind an empty value" : "empty value");
		sheet.lines.push(`${prefix}${props}`.trimEnd() + (shape.comments ? ` ${sheet.commentText()}` : ""));
		if (random.chance(40)) sheet.comments(indent + shape.indent, 100, "comment below an empty value");
		return;
	}
	if (random.chance(5)) {
		multiLineQuoted(sheet, prefix + props, indent);
		return;
	}
	if (random.chance(2)) {
		sheet.count("value on the next line");
		sheet.lines.push(
			`${prefix}${props}`.trimEnd() + sheet.lineComment("comment behind a scalar"),
			`${" ".repeat(indent + shape.indent)}${random.pick(["plain", "'single'", '"double"', "12", "[a]", "!!str 1", `|\n${" ".repeat(indent + shape.indent + 1)}x`])}`,
		);
		return;
	}
	if (random.chance(5)) {
		sheet.count("any characters");
		const text = anyText(sheet);
		const single = !/[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]|[\n\r\x85\u2028\u2029\ufeff]/.test(text);
		const style = single ? random.int(4) : 0;
		if (style === 1) sheet.lines.push(`${prefix}${props}'${text.replaceAll("'", "''")}'`);
		else if (style === 2) sheet.lines.push(`${prefix}${props}x${text.replace(/[:#]/g, "")}`);
		else if (style === 3)
			sheet.lines.push(`${prefix}${props}|-`, `${" ".repeat(indent + shape.indent)}x${text}`);
		else
			sheet.lines.push(
				`${prefix}${props}${doubleQuoted(text, random)}${sheet.lineComment("comment behind a scalar")}`,
			);
		return;
	}
	const kind = random.int(100);
	if (shape.anchors && sheet.anchors.length > 0 && kind < 10 && props === "") {
		sheet.count("alias");
		sheet.lines.push(
			`${prefix}*${random.pick(sheet.anchors)}${sheet.lineComment("comment behind an alias")}`,
		);
		return;
	}
	if (shape.flow && kind < 30) {
		writeFlow(sheet, prefix + props, indent);
		return;
	}
	if (kind < 45) {
		blockScalar(sheet, prefix + props, indent);
		return;
	}
	if (kind < 60) {
		sheet.count("double-quoted");
		sheet.lines.push(
			`${prefix}${props}${doubleQuoted(random.pick(TEXTS), random)}${sheet.lineComment("comment behind a scalar")}`,
		);
		return;
	}
	if (kind < 70) {
		sheet.count("single-quoted");
		const text = random.pick(
			TEXTS.filter((t) => /^[\x20-\x7e\u00a0-\ud7ff]*$/.test(t) && !/[\u2028]/.test(t)),
		);
		sheet.lines.push(
			`${prefix}${props}'${text.replaceAll("'", "''")}'${sheet.lineComment("comment behind a scalar")}`,
		);
		return;
	}
	if (kind < 75) {
		sheet.count("plain over lines");
		sheet.lines.push(
			`${prefix}${props}first part`,
			`${" ".repeat(indent + shape.indent + 1)}second part${sheet.lineComment("comment behind a scalar")}`,
		);
		return;
	}
	if ((shape.tags && kind < 80) || (sheet.tagDirective && random.chance(40))) {
		const tagged = random.pick([
			"!!str 12",
			"!!int 12",
			"!!float 3",
			"!!bool true",
			"!!null null",
			"!Ref x",
			"!x true",
			"! 12",
			'!!str "q"',
			"!!binary aGk=",
			"!!timestamp 2024-01-05",
			"!<tag:yaml.org,2002:str> 1",
			"!!float 1",
			"!!str",
			"!!null",
			"!!str null",
			"!!binary gA==",
			"!!set {a, b}",
			"!!omap [a: 1]",
			"!!python/none x",
			"!!int '12'",
			'!!float "1.5"',
			"!Sub 'x $y'",
			"!GetAtt [a, b]",
			`!!str |\n${" ".repeat(indent + shape.indent)}12`,
			...(sheet.tagDirective ? Array(20).fill("!e!x 1") : []),
			...(random.chance(10)
				? [
						"!!int abc",
						"!!bool yes",
						"!!timestamp x",
						"!!binary ?",
						"!!float x",
						"!!null x",
						"!undefined!x 1",
					]
				: []),
		]);
		sheet.count(tagFeature(tagged));
		sheet.lines.push(`${prefix}${props}${tagged}${sheet.lineComment("comment behind a scalar")}`);
		return;
	}
	sheet.count("plain");
	const text = random.pick(PLAIN_VALUES);
	sheet.lines.push(`${prefix}${props}${text}`.trimEnd() + sheet.lineComment("comment behind a scalar"));
}

function anyText(sheet: YamlSheet): string {
	const { random } = sheet;
	let out = "";
	for (let i = random.int(14); i > 0; i--) {
		out += String.fromCodePoint(
			random.pick([
				0x20 + random.int(0x5f),
				0x20 + random.int(0x5f),
				...[0x20, 0x27, 0x22, 0x3a, 0x23, 0x2d],
				random.int(0x20),
				0x7f + random.int(0x30),
				0x2000 + random.int(0x70),
				0xe000 + random.int(0x1ffe),
				0x1f600 + random.int(0x40),
			]),
		);
	}
	return out;
}

function multiLineQuoted(sheet: YamlSheet, prefix: string, indent: number): void {
	const { random, shape } = sheet;
	sheet.count("quoted over lines");
	const pad = " ".repeat(indent + random.pick([1, shape.indent, shape.indent + 1]));
	const double = random.chance(60);
	const parts = ["first", "second", "", "third ", "# no comment", "a: b", "- c", "", "last"];
	const escapes = ["esc\\", "\\  lead", "a\\tb", "\\u00e9", "x \\", "\\N\\_"];
	const lines: string[] = [];
	for (let i = 2 + random.int(4); i > 0; i--)
		lines.push(random.pick(double ? [...parts, ...escapes] : parts));
	if (lines.at(-1)!.endsWith("\\")) lines.push("end");
	const quote = double ? '"' : "'";
	const text = lines
		.map((line, i) => (i === 0 ? line : line === "" ? random.pick(["", pad, "\t"]) : `${pad}${line}`))
		.join("\n");
	sheet.lines.push(`${prefix}${quote}${text}${quote}${sheet.lineComment("comment behind a scalar")}`);
}

function blockScalar(sheet: YamlSheet, prefix: string, indent: number): void {
	const { random, shape } = sheet;
	const folded = random.chance(35);
	const content = random.pick([
		["one"],
		["one", "two"],
		["one", "", "two"],
		["  lead", "x"],
		["x", "  more", "y"],
		["# not a comment"],
		["a: b", "- c"],
		["end ", "x"],
		["tab\tx"],
		[""],
		["", "x"],
		["x", ""],
		["-----BEGIN KEY-----", "AAAA", "-----END KEY-----"],
	]);
	const needsHint = content[0]!.startsWith(" ") || content[0] === "";
	const pad = shape.indent + (random.chance(20) ? 1 : 0);
	// An indicator counts from the parent block, which for an item of a list is the dash.
	const hint = needsHint && content.length > 1 ? String(Math.min(pad, 9)) : "";
	const chomp = random.pick(["", "", "-", "+"]);
	sheet.count(folded ? "folded" : "literal");
	sheet.count(chomp === "" ? "clipped block" : chomp === "-" ? "stripped block" : "kept block");
	if (hint !== "") sheet.count("indentation indicator");
	sheet.lines.push(
		`${prefix}${folded ? ">" : "|"}${hint}${chomp}${sheet.lineComment("comment behind a block header")}`,
	);
	for (const line of content) sheet.lines.push(line === "" ? "" : " ".repeat(indent + pad) + line);
	if (random.chance(15)) sheet.lines.push("");
}

function doubleQuoted(text: string, random: Random): string {
	let out = "";
	for (const c of text) {
		const code = c.codePointAt(0)!;
		if (c === '"' || c === "\\") out += `\\${c}`;
		else if (c === "\n") out += "\\n";
		else if (c === "\t" && random.chance(50)) out += "\\t";
		else if (
			code < 32 ||
			(code >= 127 && code < 160) ||
			[0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff].includes(code)
		) {
			out += `\\u${code.toString(16).padStart(4, "0")}`;
		} else if (code > 127 && random.chance(20)) out += `\\U${code.toString(16).padStart(8, "0")}`;
		else out += c;
	}
	return `"${out}"`;
}

function tagFeature(tagged: string): YamlFeature {
	const name = `tag ${/^!!\w+/.exec(tagged)?.[0]}`;
	const known = YAML_FEATURES.find((feature) => feature === name);
	if (known !== undefined) return known;
	if (tagged.startsWith("!<")) return "verbatim tag";
	if (tagged.startsWith("!e!")) return "tag of a handle";
	if (tagged.startsWith("! ")) return "non-specific tag";
	return /^!\w/.test(tagged) ? "local tag" : "unknown tag";
}
