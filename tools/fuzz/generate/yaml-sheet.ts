import { type Coverage, countFeature } from "../coverage.ts";
import type { Random } from "../random.ts";
import type { YamlFeature } from "./yaml-features.ts";
import { BAD_KEYS, ODD_KEYS, WORDS } from "./yaml-words.ts";

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
		tags: random.chance(40),
		documents: random.chance(20) ? 1 + random.int(3) : 1,
		indent: random.pick([1, 2, 2, 2, 4, 4, 8]),
		tabs: random.chance(10),
		complexKeys: random.chance(12),
		deep: random.chance(4),
	};
}

/** A YAML file while it is written, and what its parts share: comments, keys, properties. */
export class YamlSheet {
	readonly random: Random;
	readonly shape: YamlShape;
	readonly lines: string[] = [];
	readonly anchors: string[] = [];
	budget: number;
	keyCount = 0;
	tagDirective = false;
	documentKeys: string[] = [];
	private readonly coverage: Coverage;

	constructor(random: Random, shape: YamlShape, coverage: Coverage) {
		this.random = random;
		this.shape = shape;
		this.coverage = coverage;
		this.budget = 3 + random.int(25);
	}

	count(feature: YamlFeature): void {
		countFeature(this.coverage, feature);
	}

	/** Comment lines, and blank ones, some of the times. */
	comments(indent: number, percent: number, place: YamlFeature): void {
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
			this.count(place);
			if (random.chance(25)) this.lines.push(random.chance(10) ? random.pick(["  ", "\t", " \t"]) : "");
		}
	}

	commentText(): string {
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

	/** A comment behind something, some of the times. */
	lineComment(place: YamlFeature): string {
		if (!this.shape.comments || !this.random.chance(18)) return "";
		this.count(place);
		return `${this.random.pick(this.shape.tabs ? [" ", "\t", " \t"] : [" ", "  "])}${this.commentText()}`;
	}

	key(): string {
		const { random } = this;
		if (random.chance(4)) {
			this.count("odd key");
			return random.pick(ODD_KEYS);
		}
		if (random.chance(2)) {
			if (random.chance(20)) {
				this.count("key that is no text");
				return random.pick(BAD_KEYS);
			}
			if (this.documentKeys.length > 0 && random.chance(50)) {
				this.count("duplicate key");
				return random.pick(this.documentKeys);
			}
			if (random.chance(30)) {
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
	keyPrefix(lead: string, indent: number): string {
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
				`${lead}? ${random.pick(["|", "|-", ">-"])}${this.lineComment("comment behind a block header")}`,
				`${pad}  multi${this.keyCount++}`,
				`${pad}  line`,
			);
		} else if (kind < 3)
			this.lines.push(
				`${lead}? "folded${this.keyCount++}`,
				`${pad}  key"${this.lineComment("comment behind a complex key")}`,
			);
		else this.lines.push(`${lead}? ${this.key()}${this.lineComment("comment behind a complex key")}`);
		this.comments(indent, 10, "comment below a complex key");
		return `${pad}:`;
	}

	properties(percent = 12): string {
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

	/** Behind the key of a block collection. */
	collectionProperties(kind: "map" | "seq"): string {
		const props = this.properties();
		const tag = this.shape.tags && this.random.chance(5) ? `!!${kind} ` : "";
		if (tag !== "") this.count(`tag !!${kind}`);
		const all = `${props}${tag}`.trimEnd();
		return all === "" ? "" : ` ${all}`;
	}
}
