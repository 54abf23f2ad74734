/// <reference lib="es2024.string" />
import { SopsError } from "../../errors.ts";
import type { Finding } from "../../finding.ts";
import { formatFloatJson, parseDecimal } from "../../leaf/float.ts";
import { parseGoInt } from "../../leaf/integer.ts";
import { type Leaf, NULL } from "../../leaf/leaf.ts";
import { formatPath, type Path } from "../../path.ts";
import {
	type EntryNode,
	entry,
	type ListNode,
	list,
	type MapNode,
	map,
	scalar,
	type ValueNode,
} from "../../tree/tree.ts";
import type { ParsedFile, ParseOptions } from "../codec.ts";
import { MAX_DEPTH } from "./depth.ts";

/** Findings are for people, and each of them names a path, whose length is the author's choice. */
const MAX_FINDINGS = 100;

/** Up to this many entries are compared one by one for duplicate keys; then a set pays. */
const FEW_ENTRIES = 8;

const PLAIN = /[^"\\\u0000-\u001f]*/y;

const TRUE: Leaf = { type: "bool", value: true };
const FALSE: Leaf = { type: "bool", value: false };

/**
 * JSON to a tree, with the typing of sops 3.13.3 (format section 9): integers that fit int64 are ints, every
 * other number is a float; duplicate keys are kept; surrogates without a partner become U+FFFD, in the
 * source too, where UTF-8 could not hold them either.
 *
 * Stricter than the reference in what is behind the root object (it ignores that), in files that end too
 * early (it drops the unfinished entry in two cases) and, unless the caller wants otherwise, in integers
 * beyond 64 bit (it rounds them).
 *
 * @throws `document-empty`, `root-not-mapping`, `syntax-invalid`, `depth-exceeded`, `integer-out-of-range`
 */
export function parseJson(text: string, options: ParseOptions): ParsedFile {
	return new Reader(text.toWellFormed(), options).read();
}

class Reader {
	readonly #source: string;
	readonly #wideIntegers: ParseOptions["wideIntegers"];
	readonly #findings: Finding[] = [];
	/** The open containers, outermost first; the one being filled is not among them. */
	readonly #open: (MapNode | ListNode)[] = [];
	/** The keys seen in mappings of many entries. */
	readonly #seen = new WeakMap<MapNode, Set<string>>();
	#at = 0;

	constructor(source: string, options: ParseOptions) {
		this.#source = source;
		this.#wideIntegers = options.wideIntegers;
	}

	read(): ParsedFile {
		const source = this.#source;
		this.#skipBlanks();
		if (this.#at === source.length) {
			throw new SopsError("document-empty", "The JSON file is empty: it needs an object.", {
				format: "json",
			});
		}
		const root = this.#openRoot();
		this.#fill(root);
		this.#skipBlanks();
		if (this.#at < source.length) this.#fail("something follows the root object");
		return { source, branches: [root], findings: this.#findings };
	}

	#openRoot(): MapNode {
		const start = this.#at;
		if (this.#source.charCodeAt(start) === OPEN_MAP) {
			this.#at++;
			return map([], start);
		}
		const list = this.#source.charCodeAt(start) === OPEN_LIST;
		// Only well-formed values are a root of another kind.
		if (!list) this.#readLeaf(undefined);
		throw new SopsError(
			"root-not-mapping",
			`The root of the JSON file is a ${list ? "list" : "single value"}: wrap it in an object.`,
			{ found: list ? "list" : "value" },
		);
	}

	/** Reads everything up to the bracket that closes `root`. The stack is ours, since its depth is the author's choice. */
	#fill(root: MapNode): void {
		const source = this.#source;
		const open = this.#open;
		let container: MapNode | ListNode = root;
		let first = true;
		for (;;) {
			this.#skipBlanks();
			const isMap: boolean = container.kind === "map";
			const c = source.charCodeAt(this.#at);
			if (c === (isMap ? CLOSE_MAP : CLOSE_LIST)) {
				this.#at++;
				container.end = this.#at;
				const parent = open.pop();
				if (parent === undefined) return;
				container = parent;
				first = false;
				continue;
			}
			if (!first) {
				if (c !== COMMA) {
					this.#fail(isMap ? "expected a comma or a closing brace" : "expected a comma or a closing bracket");
				}
				this.#at++;
				this.#skipBlanks();
			}
			let item: EntryNode | undefined;
			if (container.kind === "map") {
				item = this.#readKey(container);
				container.entries.push(item);
			}
			const start = this.#at;
			const v = source.charCodeAt(start);
			let value: ValueNode;
			if (v === OPEN_MAP) value = map([], start);
			else if (v === OPEN_LIST) value = list([], start);
			else {
				const leaf = this.#readLeaf(container);
				value = scalar(leaf, start, this.#at);
			}
			if (container.kind === "list") container.items.push(value);
			else item!.value = value;
			first = value.kind !== "scalar";
			if (value.kind === "scalar") continue;
			this.#at++;
			open.push(container);
			if (open.length >= MAX_DEPTH) {
				throw new SopsError(
					"depth-exceeded",
					`The JSON file is nested deeper than the ${MAX_DEPTH} levels that sops can write. Flatten the document.`,
					{ limit: MAX_DEPTH },
				);
			}
			container = value;
		}
	}

	/** Reads a key, its colon and the blanks around; the value is a placeholder. */
	#readKey(parent: MapNode): EntryNode {
		const start = this.#at;
		if (this.#source.charCodeAt(start) !== QUOTE) this.#fail("expected a key in double quotes");
		const key = this.#readString();
		const end = this.#at;
		if (this.#isDuplicate(parent, key)) {
			this.#note("key-duplicate", "A key appears twice in one object; both entries are kept.", parent, key);
		}
		this.#skipBlanks();
		if (this.#source.charCodeAt(this.#at) !== COLON) this.#fail("expected a colon behind the key");
		this.#at++;
		this.#skipBlanks();
		return entry(key, PLACEHOLDER, start, end);
	}

	#isDuplicate(parent: MapNode, key: string): boolean {
		const { entries } = parent;
		if (entries.length <= FEW_ENTRIES) {
			for (const other of entries) {
				if (other.kind === "entry" && other.key === key) return true;
			}
			return false;
		}
		let seen = this.#seen.get(parent);
		if (seen === undefined) {
			seen = new Set();
			for (const other of entries) {
				if (other.kind === "entry") seen.add(other.key);
			}
			this.#seen.set(parent, seen);
		}
		const before = seen.size;
		return seen.add(key).size === before;
	}

	/** @param container - what the value is in, to name it; undefined for the root */
	#readLeaf(container: MapNode | ListNode | undefined): Leaf {
		const c = this.#source.charCodeAt(this.#at);
		switch (c) {
			case QUOTE:
				return { type: "str", value: this.#readString() };
			case 0x74:
				this.#readWord("true");
				return TRUE;
			case 0x66:
				this.#readWord("false");
				return FALSE;
			case 0x6e:
				this.#readWord("null");
				return NULL;
			case MINUS:
				return this.#readNumber(container);
			default:
				if (isDigit(c)) return this.#readNumber(container);
				if (c === BOM && this.#at === 0) return this.#fail("a byte order mark is not allowed");
				if (c === 0x2f) return this.#fail("comments are not allowed");
				if (c === 0x27) return this.#fail("strings need double quotes");
				if (c === CLOSE_MAP || c === CLOSE_LIST)
					return this.#fail("expected a value before the closing bracket");
				return this.#fail("expected a value");
		}
	}

	#readWord(word: string): void {
		if (!this.#source.startsWith(word, this.#at)) this.#fail(`expected the word ${word}`);
		this.#at += word.length;
	}

	#readNumber(container: MapNode | ListNode | undefined): Leaf {
		const source = this.#source;
		const start = this.#at;
		let at = start;
		let c = source.charCodeAt(at);
		if (c === MINUS) c = source.charCodeAt(++at);
		if (!isDigit(c)) this.#fail("expected a digit", at);
		if (c === 0x30) at++;
		else at = skipDigits(source, at);
		c = source.charCodeAt(at);
		if (isDigit(c)) this.#fail("a number does not start with a zero", start);
		let isFloat = false;
		if (c === 0x2e) {
			isFloat = true;
			if (!isDigit(source.charCodeAt(at + 1)))
				this.#fail("expected a digit behind the decimal point", at + 1);
			at = skipDigits(source, at + 1);
			c = source.charCodeAt(at);
		}
		if (c === 0x65 || c === 0x45) {
			isFloat = true;
			c = source.charCodeAt(++at);
			if (c === MINUS || c === 0x2b) c = source.charCodeAt(++at);
			if (!isDigit(c)) this.#fail("expected a digit in the exponent", at);
			at = skipDigits(source, at);
		}
		const text = source.slice(start, at);
		if (!isFloat) {
			const digits = parseGoInt(text);
			if (digits !== undefined) {
				this.#at = at;
				return { type: "int", value: digits };
			}
			this.#checkWide(text, container);
		}
		const n = parseDecimal(text);
		if (n === undefined) return this.#fail("a number is too large for a 64-bit float", start);
		this.#at = at;
		return { type: "float", value: n };
	}

	/**
	 * An integer beyond 64 bit is a float to the reference. One that Go wrote for a float, which it does
	 * without an exponent up to 1e21, loses nothing by that; any other does.
	 */
	#checkWide(digits: string, container: MapNode | ListNode | undefined): void {
		if (formatFloatJson(Number(digits)) === digits) return;
		if (this.#wideIntegers === "refuse" && container !== undefined) {
			const path = this.#pathOf(container);
			throw new SopsError(
				"integer-out-of-range",
				`The integer at ${formatPath(path)} does not fit 64 bit. Put it in quotes, or pass wideIntegers: "round".`,
				{ path },
			);
		}
		this.#note("integer-rounded", "An integer beyond 64 bit was rounded to a float.", container);
	}

	/** Reads a string from its opening quote on. */
	#readString(): string {
		const source = this.#source;
		const start = this.#at + 1;
		PLAIN.lastIndex = start;
		PLAIN.test(source);
		const end = PLAIN.lastIndex;
		if (source.charCodeAt(end) !== QUOTE) return this.#readEscapedString(start, end);
		this.#at = end + 1;
		return source.slice(start, end);
	}

	/** @param at - the first character that is not plain */
	#readEscapedString(start: number, at: number): string {
		const source = this.#source;
		let text = source.slice(start, at);
		let surrogates = false;
		for (;;) {
			const c = source.charCodeAt(at);
			if (c === QUOTE) break;
			if (at >= source.length) this.#fail("a string is not closed", start - 1);
			if (c !== BACKSLASH) this.#fail("a control character in a string needs an escape", at);
			const kind = source.charCodeAt(at + 1);
			if (kind === 0x75) {
				const unit = readHex4(source, at + 2);
				if (unit < 0) this.#fail("expected four hexadecimal digits in the escape", at);
				if (unit >= 0xd800 && unit <= 0xdfff) surrogates = true;
				text += String.fromCharCode(unit);
				at += 6;
			} else {
				const plain = unescaped(kind);
				if (plain === undefined) this.#fail("unknown escape in a string", at);
				text += plain;
				at += 2;
			}
			PLAIN.lastIndex = at;
			PLAIN.test(source);
			if (PLAIN.lastIndex > at) {
				text += source.slice(at, PLAIN.lastIndex);
				at = PLAIN.lastIndex;
			}
		}
		this.#at = at + 1;
		return surrogates ? text.toWellFormed() : text;
	}

	#skipBlanks(): void {
		const source = this.#source;
		let at = this.#at;
		for (;;) {
			const c = source.charCodeAt(at);
			if (c !== 0x20 && c !== 0x09 && c !== 0x0a && c !== 0x0d) break;
			at++;
		}
		this.#at = at;
	}

	/**
	 * Where the value being read is: in a mapping its entry is already the last one, in a list the item is not.
	 *
	 * @param container - the one being filled; undefined: its own path is asked for
	 */
	#pathOf(container: MapNode | ListNode | undefined): Path {
		const path: (string | number)[] = [];
		for (const outer of this.#open) path.push(lastStep(outer, -1));
		if (container !== undefined) path.push(lastStep(container, 0));
		return path;
	}

	/** @param key - of an entry that is not in its mapping yet; without it, the value being read is meant */
	#note(
		code: "key-duplicate" | "integer-rounded",
		message: string,
		container: MapNode | ListNode | undefined,
		key?: string,
	): void {
		if (this.#findings.length >= MAX_FINDINGS) return;
		const path = key === undefined ? this.#pathOf(container) : [...this.#pathOf(undefined), key];
		this.#findings.push({ code, message, path });
	}

	#fail(reason: string, at: number = this.#at): never {
		const why = at >= this.#source.length ? "the file ends too early" : reason;
		const { line, column } = positionOf(this.#source, at);
		throw new SopsError(
			"syntax-invalid",
			`The file is not well-formed JSON: line ${line}, column ${column}: ${why}.`,
			{ format: "json", line, column, reason: why },
		);
	}
}

const PLACEHOLDER: ValueNode = scalar(NULL);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const BOM = 0xfeff;

function isDigit(c: number): boolean {
	return c >= 0x30 && c <= 0x39;
}

function skipDigits(source: string, at: number): number {
	let end = at;
	while (isDigit(source.charCodeAt(end))) end++;
	return end;
}

function unescaped(kind: number): string | undefined {
	switch (kind) {
		case QUOTE:
			return '"';
		case BACKSLASH:
			return "\\";
		case 0x2f:
			return "/";
		case 0x62:
			return "\b";
		case 0x66:
			return "\f";
		case 0x6e:
			return "\n";
		case 0x72:
			return "\r";
		case 0x74:
			return "\t";
		default:
			return undefined;
	}
}

/** The code unit of four hexadecimal digits, -1 for anything else. */
function readHex4(source: string, at: number): number {
	let unit = 0;
	for (let i = at; i < at + 4; i++) {
		const c = source.charCodeAt(i);
		let digit: number;
		if (isDigit(c)) digit = c - 0x30;
		else if (c >= 0x61 && c <= 0x66) digit = c - 0x57;
		else if (c >= 0x41 && c <= 0x46) digit = c - 0x37;
		else return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

function lastStep(container: MapNode | ListNode, offset: number): string | number {
	if (container.kind === "list") return container.items.length + offset;
	const last = container.entries.at(-1);
	return last?.kind === "entry" ? last.key : "";
}

/** Line and column from 1 on; a column is one UTF-16 unit. */
function positionOf(source: string, at: number): { line: number; column: number } {
	const breaks = /\r\n|\n|\r/g;
	let line = 1;
	let lineStart = 0;
	for (let match = breaks.exec(source); match !== null; match = breaks.exec(source)) {
		if (breaks.lastIndex > at) break;
		line++;
		lineStart = breaks.lastIndex;
	}
	return { line, column: at - lineStart + 1 };
}
