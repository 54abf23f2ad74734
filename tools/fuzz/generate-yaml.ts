import type { Random } from "./random.ts";

/** What a generated document contains, by feature; the fuzz run sums and prints it. */
export type Coverage = Map<string, number>;

const WORDS = [
	"alpha",
	"b",
	"key",
	"db-host",
	"x y",
	"a.b",
	"path/to",
	"v1",
	"naïve",
	"日本",
	"Ωmega",
	"user_name",
	"😀 smile",
	"pass_secret",
	"open_unencrypted",
	"data",
	"stringData",
	"Key",
	"e\u0301",
];
/** Keys that are data like any other, or that go-yaml or JavaScript could take for more. */
const ODD_KEYS = [
	"__proto__",
	"constructor",
	"yes",
	"n",
	"'1'",
	'"true"',
	"'null'",
	'""',
	"0x",
	"1a",
	"-x",
	":x",
	"?x",
	"a#b",
	"a:b",
	"'a: b'",
	'"q\\"q"',
	"'it''s'",
	'"nl\\nx"',
	'"tab\\tx"',
	"x\ty",
	"=",
	'"<<"',
	"2024-01-05x",
	"1:20",
	"!!str 1",
	"!x tagged",
	"null ",
	"x ",
	"[",
];
/** Refused by both: no text. */
const BAD_KEYS = [
	"1",
	"true",
	"null",
	"~",
	"1.5",
	"2024-01-05",
	"[a, b]",
	"{a: 1}",
	".inf",
	"0o7",
	"!!int 1",
];
const PLAIN_VALUES = [
	"1",
	"0",
	"-17",
	"42",
	"007",
	"0644",
	"0x1F",
	"0o17",
	"0b101",
	"1_000",
	"9223372036854775807",
	"-9223372036854775808",
	"1.5",
	"-0.25",
	"1e3",
	"1E-7",
	"1.0",
	".5",
	"6.",
	"1e21",
	"123456789.125",
	".inf",
	"-.INF",
	".nan",
	"08",
	"1_0.5",
	"true",
	"False",
	"TRUE",
	"yes",
	"no",
	"on",
	"off",
	"y",
	"n",
	"null",
	"~",
	"Null",
	"NULL",
	"",
	"2024-01-05",
	"2024-01-05T10:11:12Z",
	"2001-12-14t21:59:43.10-05:00",
	"2001-12-14 21:59:43.1",
	"2023-02-29",
	"12:30:45",
	"1:20",
	"hello",
	"hello world",
	"a: b".replace(": ", ":"),
	"http://x.y/z?q=1#f",
	"-x",
	":x",
	"?x",
	"x:y",
	"a#b",
	"=",
	"<<".replace("<<", "<"),
	"%x".replace("%", "p"),
	"ENC[AES256_GCM,data:AAAA,iv:BBBB,tag:CCCC,type:str]",
	"!important".slice(1),
	"naïve",
	"日本語",
	"😀",
	"it's",
	'say "hi"',
	"tab\there",
	"@x".slice(1),
	"back\\slash",
];
const TEXTS = [
	"",
	" ",
	"a",
	"it's",
	'say "hi"',
	"line\nbreak",
	"trail ",
	" lead",
	"tab\there",
	"\ttab",
	"a: b",
	"a #b",
	"# no",
	"- x",
	"? y",
	"[z]",
	"{q}",
	"true",
	"12",
	"null",
	"~",
	"2024-01-05",
	"0x1f",
	"y",
	"1:20",
	"multi\nline\n",
	"multi\n\nline\n\n",
	"\nlead",
	"  two\nspaces",
	"x\n y\n",
	"nel\u0085x",
	"ls\u2028x",
	"bom\ufeffx",
	"ctl\u0001x",
	"del\u007f",
	"😀",
	"nbsp\u00a0",
	"*star",
	"&amp",
	"!bang",
	"|pipe",
	">gt",
	"%pct",
	"@at",
	"`tick",
	"---",
	"...",
	"--- x",
	",comma",
	"a,b",
	"trailing:",
	"colon: ",
	"\\",
	"\r\n",
	"cr\rx",
	"ENC[x]",
];

/** Options of one generated document; the caller varies them. */
export interface YamlShape {
	/** Constructs that the reference is known to treat in an unusual way may be left out. */
	readonly comments: boolean;
	readonly flow: boolean;
	readonly anchors: boolean;
	readonly tags: boolean;
	readonly documents: number;
	readonly indent: number;
	/** Tabs where blanks may stand. */
	readonly tabs: boolean;
	/** Keys written with `? `. */
	readonly complexKeys: boolean;
	/** A chain of collections, far deeper than the rest. */
	readonly deep: boolean;
}

export function randomShape(random: Random): YamlShape {
	return {
		comments: random.chance(60),
		flow: random.chance(40),
		anchors: random.chance(15),
		tags: random.chance(20),
		documents: random.chance(20) ? 1 + random.int(3) : 1,
		indent: random.pick([1, 2, 2, 2, 4, 4, 8]),
		tabs: random.chance(10),
		complexKeys: random.chance(12),
		deep: random.chance(4),
	};
}

/** A YAML file as a person might write it, in any style, with comments in every place. */
export function generateYaml(random: Random, shape: YamlShape, coverage: Coverage): string {
	const writer = new Writer(random, shape, coverage);
	return writer.file();
}

class Writer {
	private readonly random: Random;
	private readonly shape: YamlShape;
	private readonly coverage: Coverage;
	private readonly lines: string[] = [];
	private anchors: string[] = [];
	private budget: number;
	private keyCount = 0;
	private tagDirective = false;
	private documentKeys: string[] = [];

	constructor(random: Random, shape: YamlShape, coverage: Coverage) {
		this.random = random;
		this.shape = shape;
		this.coverage = coverage;
		this.budget = 3 + random.int(25);
	}

	file(): string {
		const { random, shape } = this;
		if (shape.tags && random.chance(10)) {
			this.count("directive");
			this.lines.push(
				random.pick(["%YAML 1.1", "%YAML 1.1 # old", "%TAG !e! tag:example.com,2000:", "%TAG ! !x"]),
				"---",
			);
			this.tagDirective = this.lines[0]!.startsWith("%TAG !e!");
		} else if (random.chance(15)) {
			this.count("document start");
			this.lines.push(random.pick(["---", "---", "---", "--- # start", "---  "]));
		}
		for (let i = 0; i < shape.documents; i++) {
			if (i > 0) {
				this.lines.push(random.pick(["---", "---", "---", "--- # next", "---\t"]));
				this.count("further document");
				this.documentKeys = [];
			}
			this.comments(0, 30);
			if (random.chance(2)) {
				this.count("document of another kind");
				this.lines.push(
					random.pick(["{}", "null", "~", "- a", "text", "{a: 1, b: [2]}", "# only\n", "!!map {}", "[]"]),
				);
			} else if (random.chance(shape.documents > 1 ? 4 : 1)) this.count("empty document");
			else if (shape.deep) this.chain();
			else this.mapping(0, 0);
			this.comments(0, 20);
			if (random.chance(6)) {
				this.count("document end marker");
				this.lines.push(random.pick(["...", "...", "... # end", "...\n# after"]));
			}
		}
		if (random.chance(1)) {
			this.count("comments only");
			this.lines.splice(0, this.lines.length, "# nothing", "", "  # here");
		}
		let text = this.lines.join("\n");
		if (!random.chance(8)) text += "\n";
		if (random.chance(4)) {
			this.count("CRLF");
			text = text.replaceAll("\n", "\r\n");
		}
		return text;
	}

	private count(feature: string): void {
		this.coverage.set(feature, (this.coverage.get(feature) ?? 0) + 1);
	}

	private comments(indent: number, percent: number): void {
		const { random } = this;
		if (random.chance(8)) {
			this.lines.push("");
			this.count("blank line");
		}
		if (!this.shape.comments || !random.chance(percent)) return;
		for (let i = 1 + random.int(3); i > 0; i--) {
			const shift = random.chance(15) ? random.int(5) : 0;
			this.lines.push(
				`${" ".repeat(Math.max(0, random.chance(50) ? indent + shift : indent - shift))}${this.commentText()}`,
			);
			this.count("comment line");
			if (random.chance(25)) this.lines.push(random.chance(10) ? random.pick(["  ", "\t", " \t"]) : "");
		}
	}

	private commentText(): string {
		return this.random.pick([
			"# note",
			"#tight",
			"# k: v",
			"#",
			"## twice",
			"# ünï",
			"#  spaced  ",
			"# - item",
			"# 'q'",
			"#!x",
			"# tab\there",
			"#\ttab",
			"# note 😀 ",
			"# ENC[x]",
			"# ENC[AES256_GCM,data:AAAA,iv:BBBB,tag:CCCC,type:comment]",
			`# very ${"long ".repeat(30)}`,
			// A break of YAML in a comment: the rest of the line is content.
			...(this.random.chance(1) ? ["# ls\u2028x"] : []),
		]);
	}

	private lineComment(): string {
		if (!this.shape.comments || !this.random.chance(18)) return "";
		this.count("line comment");
		return `${this.random.pick(this.shape.tabs ? [" ", "\t", " \t"] : [" ", "  "])}${this.commentText()}`;
	}

	private key(): string {
		const { random } = this;
		if (random.chance(4)) {
			this.count("odd key");
			return random.pick(ODD_KEYS);
		}
		if (random.chance(1)) {
			if (random.chance(30)) {
				this.count("key that is no text");
				return random.pick(BAD_KEYS);
			}
			if (this.documentKeys.length > 0 && random.chance(50)) {
				this.count("duplicate key");
				return random.pick(this.documentKeys);
			}
			if (random.chance(10)) {
				this.count("sops key");
				return "sops";
			}
		}
		const long = random.chance(2);
		if (long) this.count("long key");
		const name = `${random.pick(WORDS)}${long ? "-long".repeat(random.pick([20, 24, 25, 30, 60, 210])) : ""}${this.keyCount++}`;
		this.documentKeys.push(name);
		if (random.chance(8)) {
			this.count("quoted key");
			return random.chance(50) ? `"${name}"` : `'${name}'`;
		}
		return name;
	}

	/** The lines before a value: usually `key:`, sometimes `? key` and `:` on lines of their own. */
	private keyPrefix(lead: string, indent: number): string {
		const { random, shape } = this;
		if (!shape.complexKeys || !random.chance(40)) {
			const space = random.chance(3) ? " " : "";
			return `${lead}${this.properties(2)}${this.key()}${space}:`;
		}
		this.count("complex key");
		const pad = " ".repeat(indent);
		const kind = random.int(10);
		if (kind < 2) {
			this.lines.push(
				`${lead}? ${random.pick(["|", "|-", ">-"])}${this.lineComment()}`,
				`${pad}  multi${this.keyCount++}`,
				`${pad}  line`,
			);
		} else if (kind < 3)
			this.lines.push(`${lead}? "folded${this.keyCount++}`, `${pad}  key"${this.lineComment()}`);
		else this.lines.push(`${lead}? ${this.key()}${this.lineComment()}`);
		this.comments(indent, 10);
		return `${pad}:`;
	}

	private properties(percent = 12): string {
		const { random, shape } = this;
		let out = "";
		if (shape.anchors && random.chance(percent)) {
			const name = `anc${this.anchors.length}`;
			this.anchors.push(name);
			out += `&${name} `;
			this.count("anchor");
		}
		return out;
	}

	private mapping(indent: number, depth: number): void {
		this.count(`mapping at depth ${depth}`);
		const n = 1 + this.random.int(depth === 0 ? 6 : 4);
		for (let i = 0; i < n; i++) {
			this.comments(indent, 18);
			const pad = " ".repeat(indent);
			if (this.shape.anchors && this.anchors.length > 0 && this.random.chance(6)) {
				this.count("merge key");
				const name = (): string => `*${this.random.pick(this.anchors)}`;
				this.lines.push(
					`${pad}<<: ${this.random.chance(70) ? name() : this.random.pick([`[${name()}, ${name()}]`, "{m: 1}", "x", "null"])}${this.lineComment()}`,
				);
				continue;
			}
			this.pair(this.keyPrefix(pad, indent), indent, depth);
		}
	}

	/** Collections in collections, far down. */
	private chain(): void {
		this.count("deep nesting");
		const depth = 8 + this.random.int(60);
		let indent = 0;
		for (let i = 0; i < depth; i++) {
			const key = `${this.key()}:`;
			this.comments(indent, 5);
			if (this.random.chance(30)) {
				this.lines.push(`${" ".repeat(indent)}${key}`, `${" ".repeat(indent)}-  down${i}:`);
				indent += 4;
			} else {
				this.lines.push(`${" ".repeat(indent)}${key}${this.lineComment()}`);
				indent += 1;
			}
		}
		this.mapping(indent, depth);
	}

	private pair(prefix: string, indent: number, depth: number): void {
		const { random } = this;
		this.budget--;
		const open = this.budget > 0 && depth < 6;
		if (open && random.chance(25)) {
			const props = this.collectionProperties("map");
			this.lines.push(`${prefix}${props}${this.lineComment()}`);
			this.mapping(indent + this.shape.indent, depth + 1);
			this.comments(indent + this.shape.indent, 10);
			return;
		}
		if (open && random.chance(25)) {
			const props = this.collectionProperties("seq");
			this.lines.push(`${prefix}${props}${this.lineComment()}`);
			const inner = indent + (random.chance(30) ? 0 : this.shape.indent);
			if (inner === indent) this.count("list at the indentation of its key");
			this.sequence(inner, depth + 1);
			this.comments(inner, 10);
			return;
		}
		this.value(`${prefix} `, indent);
	}

	private collectionProperties(kind: string): string {
		const props = this.properties();
		const tag = this.shape.tags && this.random.chance(5) ? `!!${kind} ` : "";
		const all = `${props}${tag}`.trimEnd();
		return all === "" ? "" : ` ${all}`;
	}

	private sequence(indent: number, depth: number): void {
		const { random } = this;
		this.count(`list at depth ${depth}`);
		const pad = " ".repeat(indent);
		for (let i = 1 + random.int(4); i > 0; i--) {
			this.comments(indent, 18);
			this.budget--;
			const open = this.budget > 0 && depth < 6;
			if (open && random.chance(25)) {
				this.count("mapping in a list item");
				if (random.chance(15)) {
					this.lines.push(`${pad}-${this.lineComment()}`);
					this.mapping(indent + 2, depth + 1);
				} else {
					this.pair(this.keyPrefix(`${pad}- `, indent + 2), indent + 2, depth + 1);
					for (let more = random.int(3); more > 0; more--) {
						this.comments(indent + 2, 12);
						this.pair(this.keyPrefix(`${pad}  `, indent + 2), indent + 2, depth + 1);
					}
				}
			} else if (open && random.chance(10)) {
				this.count("list in a list item");
				if (random.chance(50)) {
					this.lines.push(`${pad}-${this.lineComment()}`);
					this.sequence(indent + 2, depth + 1);
				} else {
					this.value(`${pad}- - `, indent + 2);
					this.value(`${pad}  - `, indent + 2);
				}
			} else this.value(`${pad}- `, indent);
		}
	}

	private value(given: string, indent: number): void {
		const { random, shape } = this;
		let prefix = given;
		// Where a key may start, a tab is refused.
		if (shape.tabs && /[^\s-]: $/.test(prefix) && random.chance(30)) {
			this.count("tab before a value");
			prefix = `${prefix.slice(0, -1)}${random.pick(["\t", " \t", "\t "])}`;
		} else if (random.chance(3)) prefix += " ";
		const props = this.properties();
		if (random.chance(4)) {
			this.count("null with comment");
			this.lines.push(`${prefix}${props}`.trimEnd() + (shape.comments ? ` ${this.commentText()}` : ""));
			if (random.chance(40)) this.comments(indent + shape.indent, 100);
			return;
		}
		if (random.chance(5)) {
			this.multiLineQuoted(prefix + props, indent);
			return;
		}
		if (random.chance(2)) {
			this.count("value on the next line");
			this.lines.push(
				`${prefix}${props}`.trimEnd() + this.lineComment(),
				`${" ".repeat(indent + shape.indent)}${random.pick(["plain", "'single'", '"double"', "12", "[a]", "!!str 1", `|\n${" ".repeat(indent + shape.indent + 1)}x`])}`,
			);
			return;
		}
		if (random.chance(5)) {
			this.count("any characters");
			const text = this.anyText();
			const single = !/[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]|[\n\r\x85\u2028\u2029\ufeff]/.test(text);
			const style = single ? random.int(4) : 0;
			if (style === 1) this.lines.push(`${prefix}${props}'${text.replaceAll("'", "''")}'`);
			else if (style === 2) this.lines.push(`${prefix}${props}x${text.replace(/[:#]/g, "")}`);
			else if (style === 3)
				this.lines.push(`${prefix}${props}|-`, `${" ".repeat(indent + shape.indent)}x${text}`);
			else this.lines.push(`${prefix}${props}${doubleQuoted(text, random)}${this.lineComment()}`);
			return;
		}
		const kind = random.int(100);
		if (shape.anchors && this.anchors.length > 0 && kind < 10 && props === "") {
			this.count("alias");
			this.lines.push(`${prefix}*${random.pick(this.anchors)}${this.lineComment()}`);
			return;
		}
		if (shape.flow && kind < 30) {
			this.flow(prefix + props, indent);
			return;
		}
		if (kind < 45) {
			this.count("block scalar");
			this.blockScalar(prefix + props, indent);
			return;
		}
		if (kind < 60) {
			this.count("double-quoted");
			this.lines.push(`${prefix}${props}${doubleQuoted(random.pick(TEXTS), random)}${this.lineComment()}`);
			return;
		}
		if (kind < 70) {
			this.count("single-quoted");
			const text = random.pick(
				TEXTS.filter((t) => /^[\x20-\x7e\u00a0-\ud7ff]*$/.test(t) && !/[\u2028]/.test(t)),
			);
			this.lines.push(`${prefix}${props}'${text.replaceAll("'", "''")}'${this.lineComment()}`);
			return;
		}
		if (kind < 75) {
			this.count("plain over lines");
			this.lines.push(
				`${prefix}${props}first part`,
				`${" ".repeat(indent + shape.indent + 1)}second part${this.lineComment()}`,
			);
			return;
		}
		if (shape.tags && kind < 80) {
			this.count("tag");
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
				...(this.tagDirective ? ["!e!x 1", "!e!y 'q'"] : []),
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
			this.lines.push(`${prefix}${props}${tagged}${this.lineComment()}`);
			return;
		}
		this.count("plain");
		const text = random.pick(PLAIN_VALUES);
		this.lines.push(`${prefix}${props}${text}`.trimEnd() + this.lineComment());
	}

	private anyText(): string {
		const { random } = this;
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

	private multiLineQuoted(prefix: string, indent: number): void {
		const { random, shape } = this;
		this.count("quoted over lines");
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
		this.lines.push(`${prefix}${quote}${text}${quote}${this.lineComment()}`);
	}

	private blockScalar(prefix: string, indent: number): void {
		const { random, shape } = this;
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
		this.lines.push(`${prefix}${folded ? ">" : "|"}${hint}${chomp}${this.lineComment()}`);
		for (const line of content) this.lines.push(line === "" ? "" : " ".repeat(indent + pad) + line);
		if (random.chance(15)) this.lines.push("");
	}

	private flow(prefix: string, indent: number): void {
		const { random } = this;
		this.count("flow collection");
		const multi = random.chance(25);
		const pad = `\n${" ".repeat(indent + this.shape.indent + 1)}`;
		if (multi) this.count("flow over lines");
		let text = this.flowNode(0, multi ? pad : " ");
		if (multi && this.shape.comments && random.chance(50)) {
			this.count("comment in flow");
			text = text.replace(/\n/g, (gap) => {
				if (!random.chance(30)) return gap;
				return random.chance(50) ? ` ${this.commentText()}${gap}` : `${pad}${this.commentText()}${gap}`;
			});
		}
		this.lines.push(prefix + text + this.lineComment());
	}

	private flowNode(depth: number, gap: string): string {
		const { random } = this;
		const kind = random.int(depth > 2 ? 60 : 100);
		if (kind < 60 && depth > 0) {
			return random.pick([
				"a",
				"1",
				"true",
				"'q'",
				'"d"',
				"x y",
				"null",
				"1.5",
				"2024-01-05",
				"''",
				"a-b",
				"~",
				"",
				"a:b",
				"'it''s'",
				'"a, b"',
				"http://x/y",
				"-1",
				"!!str 1",
				"x#y",
				...(this.anchors.length > 0 ? [`*${random.pick(this.anchors)} `] : []),
			]);
		}
		const n = random.int(4);
		const parts: string[] = [];
		if (kind % 2 === 0) {
			for (let i = 0; i < n; i++) {
				// An empty item in the middle of a list is an error.
				const item = this.flowNode(depth + 1, gap) || "e";
				if (random.chance(6)) {
					this.count("pair in a flow list");
					parts.push(`p${this.keyCount++}: ${item}`);
				} else parts.push(item);
			}
			if (n === 0) return "[]";
			return `[${gap === " " ? "" : gap}${parts.join(`,${gap}`)}${random.chance(5) ? "," : ""}]`;
		}
		for (let i = 0; i < n; i++) {
			const key = `${random.pick(["k", '"q k"', "z-", "'s'"])}${this.keyCount++}`.replace(
				/(["'])(.*)\1(\d+)/,
				"$1$2$3$1",
			);
			if (random.chance(5)) {
				this.count("flow key without value");
				parts.push(key);
			} else {
				const colon = key.startsWith('"') && random.chance(30) ? ":" : random.chance(5) ? " : " : ": ";
				parts.push(`${random.chance(3) ? "? " : ""}${key}${colon}${this.flowNode(depth + 1, gap)}`);
			}
		}
		if (n === 0) return "{}";
		return `{${gap === " " ? random.pick(["", " "]) : gap}${parts.join(`,${gap}`)}${random.pick(["", " "])}}`;
	}
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
