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
}

export function randomShape(random: Random): YamlShape {
	return {
		comments: random.chance(60),
		flow: random.chance(40),
		anchors: random.chance(15),
		tags: random.chance(20),
		documents: random.chance(20) ? 1 + random.int(3) : 1,
		indent: random.pick([1, 2, 2, 2, 4, 4, 8]),
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
			this.lines.push("%YAML 1.1", "---");
		} else if (random.chance(15)) {
			this.count("document start");
			this.lines.push("---");
		}
		for (let i = 0; i < shape.documents; i++) {
			if (i > 0) {
				this.lines.push("---");
				this.count("further document");
			}
			this.comments(0, 30);
			if (random.chance(4)) this.count("empty document");
			else this.mapping(0, 0);
			this.comments(0, 20);
			if (random.chance(5)) this.lines.push("...");
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
			if (random.chance(25)) this.lines.push(random.chance(10) ? "  " : "");
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
		]);
	}

	private lineComment(): string {
		if (!this.shape.comments || !this.random.chance(18)) return "";
		this.count("line comment");
		return `${this.random.pick([" ", "  "])}${this.commentText()}`;
	}

	private key(): string {
		const { random } = this;
		const name = `${random.pick(WORDS)}${this.keyCount++}`;
		if (random.chance(8)) {
			this.count("quoted key");
			return random.chance(50) ? `"${name}"` : `'${name}'`;
		}
		return name;
	}

	private properties(): string {
		const { random, shape } = this;
		let out = "";
		if (shape.anchors && random.chance(12)) {
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
			this.pair(`${" ".repeat(indent)}${this.key()}:`, indent, depth);
		}
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
					const at = this.lines.length;
					this.pair(`${pad}- ${this.key()}:`, indent + 2, depth + 1);
					void at;
					for (let more = random.int(3); more > 0; more--) {
						this.comments(indent + 2, 12);
						this.pair(`${pad}  ${this.key()}:`, indent + 2, depth + 1);
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

	private value(prefix: string, indent: number): void {
		const { random, shape } = this;
		const props = this.properties();
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
			]);
			this.lines.push(`${prefix}${props}${tagged}${this.lineComment()}`);
			return;
		}
		this.count("plain");
		const text = random.pick(PLAIN_VALUES);
		this.lines.push(`${prefix}${props}${text}`.trimEnd() + this.lineComment());
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
		const multi = random.chance(15);
		const text = this.flowNode(0, multi ? `\n${" ".repeat(indent + this.shape.indent + 1)}` : " ");
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
			]);
		}
		const n = random.int(4);
		const parts: string[] = [];
		if (kind % 2 === 0) {
			for (let i = 0; i < n; i++) parts.push(this.flowNode(depth + 1, gap));
			if (n === 0) return "[]";
			return `[${gap === " " ? "" : gap}${parts.join(`,${gap}`)}${random.chance(5) ? "," : ""}]`;
		}
		for (let i = 0; i < n; i++)
			parts.push(
				`${random.pick(["k", '"q k"', "z-"])}${this.keyCount++}`.replace(/"(.*)"(\d+)/, '"$1$2"') +
					`: ${this.flowNode(depth + 1, gap)}`,
			);
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
		else if (code < 32 || code === 127 || code === 0x85 || code === 0xfeff || code === 0x2028) {
			out += `\\u${code.toString(16).padStart(4, "0")}`;
		} else if (code > 127 && random.chance(20)) out += `\\U${code.toString(16).padStart(8, "0")}`;
		else out += c;
	}
	return `"${out}"`;
}
