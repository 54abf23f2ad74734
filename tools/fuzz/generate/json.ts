import { type Coverage, countFeature } from "../coverage.ts";
import type { Random } from "../random.ts";
import { KEYS, NUMBERS, TEXTS, WIDE_INTEGERS } from "./json-words.ts";

export const JSON_FEATURES = [
	...["compact", "pretty", "pretty CRLF", "unusual spacing", "string", "number", "literal", "wide integer"],
	...["unicode escape", "lone surrogate", "empty object", "empty list", "object", "list", "duplicate key"],
	...[
		"integer-like key",
		"__proto__",
		"sops key",
		"deep nesting",
		"trailing data",
		"truncated",
		"other root",
	],
	...["byte order mark", "large"],
] as const;

interface Spacing {
	/** Between tokens. */
	gap(): string;
	/** Where a line may end. */
	line(depth: number): string;
	colon(): string;
}

/** A JSON file in any spacing: compact, pretty by tab or spaces, or with blanks wherever they may stand. */
export function generateJson(random: Random, coverage: Coverage): string {
	return new Writer(random, coverage).file();
}

class Writer {
	private readonly random: Random;
	private readonly coverage: Coverage;
	private readonly spacing: Spacing;
	private budget: number;

	constructor(random: Random, coverage: Coverage) {
		this.random = random;
		this.coverage = coverage;
		this.budget = 3 + random.int(30);
		this.spacing = this.chooseSpacing();
	}

	file(): string {
		const { random } = this;
		const deep = random.chance(4);
		if (deep) {
			this.count("deep nesting");
			this.budget = 100;
		}
		const large = !deep && random.chance(2);
		if (large) {
			this.count("large");
			this.budget = 3000;
		}
		const body = large ? this.large() : deep ? this.deep() : this.object(0);
		const before = random.chance(6) ? random.pick([" ", "\n", "\t\n", "\r\n"]) : "";
		const after = random.chance(70) ? "\n" : random.pick(["", " ", "\n\n", "\r\n", "\t"]);
		if (random.chance(2)) {
			this.count("trailing data");
			return before + body + random.pick(["x", "{}", "}", "[]", ",", "null", "\n{}", "\u0000"]);
		}
		if (random.chance(2)) {
			this.count("truncated");
			return before + body.slice(0, random.int(body.length));
		}
		if (random.chance(1)) {
			this.count("other root");
			return random.pick(["[]", "null", "1", '"x"', "true", "", " ", "[{}]"]) + after;
		}
		if (random.chance(1)) {
			this.count("byte order mark");
			return `\ufeff${body}${after}`;
		}
		return before + body + after;
	}

	private chooseSpacing(): Spacing {
		const { random } = this;
		const kind = random.int(5);
		const none = { gap: () => "", colon: () => ":" };
		if (kind === 0) {
			this.count("compact");
			return { ...none, line: () => "" };
		}
		if (kind <= 3) {
			const unit = random.pick(["\t", "  ", "    ", " "]);
			const ending = random.chance(10) ? "\r\n" : "\n";
			this.count(ending === "\n" ? "pretty" : "pretty CRLF");
			return { ...none, colon: () => ": ", line: (depth) => ending + unit.repeat(depth) };
		}
		this.count("unusual spacing");
		const some = (): string => random.pick(["", "", " ", "  ", "\n", "\t", "\r\n", " \n\t "]);
		return { gap: some, line: some, colon: () => `${some()}:${some()}` };
	}

	private count(feature: (typeof JSON_FEATURES)[number]): void {
		countFeature(this.coverage, feature);
	}

	private deep(): string {
		const depth = 20 + this.random.int(200);
		let out = this.scalar();
		for (let i = 0; i < depth; i++) {
			out = this.random.chance(50) ? `{${this.text(this.random.pick(KEYS))}:${out}}` : `[${out}]`;
		}
		return `{"deep":${out}}`;
	}

	private large(): string {
		const items = Array.from({ length: 100 + this.random.int(100) }, () => this.value(1));
		return `{"large":[${items.join(",")}]}`;
	}

	private object(depth: number): string {
		this.count("object");
		const { random, spacing } = this;
		const n = depth === 0 ? 1 + random.int(8) : random.int(5);
		if (n === 0) {
			this.count("empty object");
			return `{${spacing.gap()}}`;
		}
		// Usually on one line or over lines as a whole.
		const inline = depth > 0 && random.chance(15);
		const line = (at: number): string => (inline ? "" : spacing.line(at));
		const keys: string[] = [];
		const parts: string[] = [];
		for (let i = 0; i < n; i++) {
			let key = random.chance(50) ? `${random.pick(KEYS)}${random.int(100)}` : random.pick(KEYS);
			if (random.chance(2) && keys.length > 0) key = random.pick(keys);
			if (keys.includes(key)) this.count("duplicate key");
			if (key === "__proto__") this.count("__proto__");
			if (/^\d+$/.test(key)) this.count("integer-like key");
			keys.push(key);
			if (depth === 0 && random.chance(1)) {
				this.count("sops key");
				key = "sops";
			}
			parts.push(
				`${line(depth + 1)}${this.text(key)}${spacing.colon()}${this.value(depth + 1)}${spacing.gap()}`,
			);
		}
		return `{${parts.join(",")}${line(depth)}}`;
	}

	private list(depth: number): string {
		this.count("list");
		const { random, spacing } = this;
		const n = random.int(5);
		if (n === 0) {
			this.count("empty list");
			return `[${spacing.gap()}]`;
		}
		const inline = random.chance(40);
		const line = (at: number): string => (inline ? "" : spacing.line(at));
		const parts: string[] = [];
		for (let i = 0; i < n; i++) parts.push(`${line(depth + 1)}${this.value(depth + 1)}${spacing.gap()}`);
		return `[${parts.join(",")}${line(depth)}]`;
	}

	private value(depth: number): string {
		this.budget--;
		const open = this.budget > 0 && depth < 8;
		if (open && this.random.chance(20)) return this.object(depth);
		if (open && this.random.chance(18)) return this.list(depth);
		return this.scalar();
	}

	private scalar(): string {
		const { random } = this;
		const kind = random.int(100);
		if (kind < 30) {
			this.count("number");
			if (random.chance(2)) {
				this.count("wide integer");
				return random.pick(WIDE_INTEGERS);
			}
			if (random.chance(20))
				return String((random.int(2_000_000) - 1_000_000) / random.pick([1, 10, 64, 1000, 3]));
			return random.pick(NUMBERS);
		}
		if (kind < 42) {
			this.count("literal");
			return random.pick(["true", "false", "null"]);
		}
		this.count("string");
		if (random.chance(15)) return this.text(this.anyText());
		return this.text(random.pick(TEXTS));
	}

	/** Characters of every class, at random. */
	private anyText(): string {
		const { random } = this;
		let out = "";
		for (let i = random.int(12); i > 0; i--) {
			const code = random.pick([
				random.int(0x80),
				random.int(0x80),
				0x80 + random.int(0x100),
				0x2000 + random.int(0x70),
				0xe000 + random.int(0x1fff),
				0x10000 + random.int(0x1000),
			]);
			out += String.fromCodePoint(code);
		}
		return out.toWellFormed();
	}

	private text(text: string): string {
		const { random } = this;
		let out = "";
		for (const c of text) {
			const code = c.codePointAt(0)!;
			if (c === '"' || c === "\\") out += `\\${c}`;
			else if (code < 32) {
				const short = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" }[code];
				out += short !== undefined && random.chance(70) ? short : this.escape(code);
			} else if (c === "/" && random.chance(30)) out += "\\/";
			else if (random.chance(code > 126 ? 25 : 1)) {
				this.count("unicode escape");
				out +=
					[...c].length === 1 && code > 0xffff
						? this.escape(c.charCodeAt(0)) + this.escape(c.charCodeAt(1))
						: this.escape(code);
			} else out += c;
		}
		if (random.chance(1)) {
			this.count("lone surrogate");
			out += random.pick(["\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800"]);
		}
		return `"${out}"`;
	}

	private escape(code: number): string {
		const hex = code.toString(16).padStart(4, "0");
		return `\\u${this.random.chance(50) ? hex : hex.toUpperCase()}`;
	}
}
