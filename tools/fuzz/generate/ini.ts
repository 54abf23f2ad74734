import { utf8BinaryText } from "../binary-text.ts";
import { type Coverage, countFeature } from "../coverage.ts";
import type { Random } from "../random.ts";
import { COMMENTS, KEYS, NOT_UTF8, SECTIONS, VALUES } from "./ini-words.ts";

export const INI_FEATURES = [
	...["section", "key", "blank line", "no newline at the end", "CRLF", "byte order mark", "duplicate key"],
	...[
		"duplicate section",
		"DEFAULT section",
		"key before any section",
		"section without keys",
		"comment above a section",
	],
	...[
		"comment above a key",
		"comment behind a value",
		"comment behind a section",
		"comment at the end",
		"both comment marks",
	],
	...["value in double quotes", "value in single quotes", "value in backquotes", "value in triple quotes"],
	...[
		"value over lines",
		"continued value",
		"quote that is not closed",
		"quoted key",
		"counted key",
		"colon",
		"empty value",
	],
	...[
		"flat separator",
		"indented line",
		"sops section",
		"line that is none",
		"any characters",
		"not UTF-8",
		"many lines",
	],
	...["no line at all"],
] as const;

type Feature = (typeof INI_FEATURES)[number];

/** An INI file, as bytes. */
export function generateIni(random: Random, coverage: Coverage): string {
	return new Writer(random, coverage).file();
}

class Writer {
	private readonly random: Random;
	private readonly coverage: Coverage;
	private readonly lines: string[] = [];
	private readonly marks: readonly string[];
	private readonly aligned: boolean;
	private readonly dirty: boolean;

	constructor(random: Random, coverage: Coverage) {
		this.random = random;
		this.coverage = coverage;
		this.marks = random.pick([[";"], ["#"], [";", "#"]]);
		this.aligned = random.chance(30);
		this.dirty = random.chance(15);
	}

	file(): string {
		const { random } = this;
		if (this.marks.length > 1) this.count("both comment marks");
		if (random.chance(1)) this.count("no line at all");
		else this.sections();
		const ending = random.chance(10) ? "\r\n" : "\n";
		if (ending === "\r\n") this.count("CRLF");
		let text = this.lines.map((line) => line.replaceAll("\n", ending) + ending).join("");
		if (random.chance(12)) {
			this.count("no newline at the end");
			text = text.replace(/\r?\n$/, "");
		}
		if (random.chance(4)) {
			this.count("byte order mark");
			text = `\xef\xbb\xbf${text}`;
		}
		return text;
	}

	private sections(): void {
		const { random } = this;
		if (random.chance(40)) {
			this.count("key before any section");
			this.keys(1 + random.int(4));
		}
		const names: string[] = [];
		let sections = random.int(5);
		if (random.chance(3)) {
			this.count("many lines");
			sections = 60 + random.int(90);
		}
		for (let i = 0; i < sections; i++) {
			this.gap();
			if (this.comments(30)) this.count("comment above a section");
			let name = utf8BinaryText(random.pick(SECTIONS)) + (random.chance(30) ? random.int(100) : "");
			if (names.length > 0 && random.chance(6)) {
				this.count("duplicate section");
				name = random.pick(names);
			}
			if (/^default$/i.test(name)) this.count("DEFAULT section");
			if (random.chance(1)) {
				this.count("sops section");
				name = "sops";
			}
			names.push(name);
			this.count("section");
			this.lines.push(
				`${this.indent()}[${name}${this.junk()}]${this.behind("comment behind a section", 10)}`,
			);
			const keys = random.int(6);
			if (keys === 0) this.count("section without keys");
			this.keys(keys);
		}
		if (this.comments(15)) this.count("comment at the end");
	}

	private keys(number: number): void {
		const { random } = this;
		const names: string[] = [];
		for (let i = 0; i < number; i++) {
			if (random.chance(10)) this.gap();
			if (this.comments(20)) this.count("comment above a key");
			if (random.chance(1)) {
				this.count("line that is none");
				this.lines.push(random.pick(["word", "[]", "[a", "=x", ":", "\\", '"a"', "`a` x", "[a] junk"]));
				continue;
			}
			let name = this.keyName();
			if (names.length > 0 && random.chance(4)) {
				this.count("duplicate key");
				name = random.pick(names);
			}
			names.push(name);
			const delimiter = random.pick([" = ", " = ", "=", "=", "= ", " =", ":", ": ", "\t=\t"]);
			if (delimiter.includes(":")) this.count("colon");
			const padded = this.aligned ? name.padEnd(14) : name;
			this.count("key");
			this.lines.push(`${this.indent()}${padded}${delimiter}${this.value()}`);
		}
	}

	private keyName(): string {
		const { random } = this;
		const name = utf8BinaryText(random.pick(KEYS)) + this.junk();
		if (/^["`]/.test(name)) this.count("quoted key");
		if (name === "-") this.count("counted key");
		if (/__(map|list)_/.test(name)) this.count("flat separator");
		return random.chance(50) && !/["`]/.test(name) && name !== "-" ? `${name}${random.int(100)}` : name;
	}

	private value(): string {
		const { random } = this;
		const kind = random.int(100);
		if (kind < 4) {
			this.count("continued value");
			const parts = ["one", " two ", "", "# three", "a = b", "\ttab", "it's", "[a]"];
			let out = `${random.pick(parts)}${random.pick(["\\", " \\", "\\ "])}`;
			for (let i = random.int(3); i > 0; i--)
				out += `\n${random.pick(["", "  ", "\t"])}${random.pick(parts)}\\`;
			return random.chance(85) ? `${out}\n  ${random.pick(parts)}` : out;
		}
		if (kind < 8) {
			this.count("value over lines");
			const quote = random.pick(["`", '"""']);
			const parts = ["one", "", "  two", "# three", "a = b", "[a]", "it's; so", "back\\", 'say "x"'];
			let out = quote + random.pick(parts);
			for (let i = 1 + random.int(3); i > 0; i--) out += `\n${random.pick(parts)}`;
			return random.chance(90) ? out + quote + this.behind("comment behind a value", 20) : out;
		}
		if (kind < 20) return this.anyText() + this.behind("comment behind a value", 10);
		const value = utf8BinaryText(random.pick(VALUES)) + this.junk();
		if (value === "") this.count("empty value");
		else if (value.startsWith('"""')) this.count("value in triple quotes");
		else if (/^".*"$/.test(value)) this.count("value in double quotes");
		else if (/^'.*'$/.test(value)) this.count("value in single quotes");
		else if (/^`.*`$/.test(value)) this.count("value in backquotes");
		if (/^(`|""")(?!.*\1)/.test(value)) this.count("quote that is not closed");
		return value + this.behind("comment behind a value", 15);
	}

	private anyText(): string {
		const { random } = this;
		this.count("any characters");
		let out = "";
		for (let i = random.int(10); i > 0; i--)
			out += random.pick([
				...[
					'"',
					"'",
					"`",
					"\\",
					"#",
					";",
					"=",
					":",
					" ",
					"[",
					"]",
					"a",
					"b",
					"%",
					"\t",
					"\r",
					"\u00a0",
					"\u0085",
					"é",
				],
				String.fromCodePoint(0x20 + random.int(0x5f)),
				String.fromCodePoint(0x1f600 + random.int(0x40)),
			]);
		return utf8BinaryText(out);
	}

	private comments(percent: number): boolean {
		const { random } = this;
		if (!random.chance(percent)) return false;
		for (let i = 1 + random.int(2); i > 0; i--) {
			this.lines.push(
				`${this.indent()}${random.pick(this.marks)}${utf8BinaryText(random.pick(COMMENTS))}${this.junk()}`,
			);
			if (random.chance(15)) this.gap();
		}
		return true;
	}

	private behind(feature: Feature, percent: number): string {
		const { random } = this;
		if (!random.chance(percent)) return "";
		this.count(feature);
		return `${random.pick([" ", "  ", "", "\t"])}${random.pick(this.marks)}${utf8BinaryText(random.pick(COMMENTS))}`;
	}

	private gap(): void {
		this.count("blank line");
		this.lines.push(this.random.pick(["", "", "", " ", "\t", "\u00a0".charAt(1), "\v"]));
	}

	private indent(): string {
		if (!this.random.chance(8)) return "";
		this.count("indented line");
		return this.random.pick(["  ", "\t", " \t", "\v", utf8BinaryText("\u00a0")]);
	}

	private junk(): string {
		if (!this.dirty || !this.random.chance(10)) return "";
		this.count("not UTF-8");
		return this.random.pick(NOT_UTF8);
	}

	private count(feature: Feature): void {
		countFeature(this.coverage, feature);
	}
}
