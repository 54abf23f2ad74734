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
import {
	BOM,
	CLOSE_LIST,
	CLOSE_MAP,
	COLON,
	COMMA,
	isDigit,
	Lexer,
	MINUS,
	OPEN_LIST,
	OPEN_MAP,
	QUOTE,
} from "./lexer.ts";

/** Findings are for people, and each of them names a path, whose length is the author's choice. */
const MAX_FINDINGS = 100;

/** Up to this many entries are compared one by one for duplicate keys; then a set pays. */
const FEW_ENTRIES = 8;

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
	readonly #lexer: Lexer;
	readonly #wideIntegers: ParseOptions["wideIntegers"];
	readonly #findings: Finding[] = [];
	/** The open containers, outermost first; the one being filled is not among them. */
	readonly #open: (MapNode | ListNode)[] = [];
	/** The keys seen in mappings of many entries. */
	readonly #seen = new WeakMap<MapNode, Set<string>>();

	constructor(source: string, options: ParseOptions) {
		this.#lexer = new Lexer(source);
		this.#wideIntegers = options.wideIntegers;
	}

	read(): ParsedFile {
		const lexer = this.#lexer;
		const { source } = lexer;
		lexer.skipBlanks();
		if (lexer.at === source.length) {
			throw new SopsError("document-empty", "The JSON file is empty: it needs an object.", {
				format: "json",
			});
		}
		const root = this.#openRoot();
		this.#fill(root);
		lexer.skipBlanks();
		if (lexer.at < source.length) lexer.fail("something follows the root object");
		return { source, branches: [root], findings: this.#findings };
	}

	#openRoot(): MapNode {
		const lexer = this.#lexer;
		const start = lexer.at;
		if (lexer.source.charCodeAt(start) === OPEN_MAP) {
			lexer.at++;
			return map([], start);
		}
		const list = lexer.source.charCodeAt(start) === OPEN_LIST;
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
		const lexer = this.#lexer;
		const { source } = lexer;
		const open = this.#open;
		let container: MapNode | ListNode = root;
		let first = true;
		for (;;) {
			lexer.skipBlanks();
			const isMap: boolean = container.kind === "map";
			const c = source.charCodeAt(lexer.at);
			if (c === (isMap ? CLOSE_MAP : CLOSE_LIST)) {
				lexer.at++;
				container.end = lexer.at;
				const parent = open.pop();
				if (parent === undefined) return;
				container = parent;
				first = false;
				continue;
			}
			if (!first) {
				if (c !== COMMA) {
					lexer.fail(isMap ? "expected a comma or a closing brace" : "expected a comma or a closing bracket");
				}
				lexer.at++;
				lexer.skipBlanks();
			}
			let item: EntryNode | undefined;
			if (container.kind === "map") {
				item = this.#readKey(container);
				container.entries.push(item);
			}
			const start = lexer.at;
			const v = source.charCodeAt(start);
			let value: ValueNode;
			if (v === OPEN_MAP) value = map([], start);
			else if (v === OPEN_LIST) value = list([], start);
			else {
				const leaf = this.#readLeaf(container);
				value = scalar(leaf, start, lexer.at);
			}
			if (container.kind === "list") container.items.push(value);
			else item!.value = value;
			first = value.kind !== "scalar";
			if (value.kind === "scalar") continue;
			lexer.at++;
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
		const lexer = this.#lexer;
		const start = lexer.at;
		if (lexer.source.charCodeAt(start) !== QUOTE) lexer.fail("expected a key in double quotes");
		const key = lexer.readString();
		const end = lexer.at;
		if (this.#isDuplicate(parent, key)) {
			this.#note("key-duplicate", "A key appears twice in one object; both entries are kept.", parent, key);
		}
		lexer.skipBlanks();
		if (lexer.source.charCodeAt(lexer.at) !== COLON) lexer.fail("expected a colon behind the key");
		lexer.at++;
		lexer.skipBlanks();
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
		const lexer = this.#lexer;
		const c = lexer.source.charCodeAt(lexer.at);
		switch (c) {
			case QUOTE:
				return { type: "str", value: lexer.readString() };
			case 0x74:
				lexer.readWord("true");
				return TRUE;
			case 0x66:
				lexer.readWord("false");
				return FALSE;
			case 0x6e:
				lexer.readWord("null");
				return NULL;
			case MINUS:
				return this.#readNumber(container);
			default:
				if (isDigit(c)) return this.#readNumber(container);
				if (c === BOM && lexer.at === 0) return lexer.fail("a byte order mark is not allowed");
				if (c === 0x2f) return lexer.fail("comments are not allowed");
				if (c === 0x27) return lexer.fail("strings need double quotes");
				if (c === CLOSE_MAP || c === CLOSE_LIST)
					return lexer.fail("expected a value before the closing bracket");
				return lexer.fail("expected a value");
		}
	}

	#readNumber(container: MapNode | ListNode | undefined): Leaf {
		const { start, text, isFloat } = this.#lexer.readNumber();
		if (!isFloat) {
			const digits = parseGoInt(text);
			if (digits !== undefined) return { type: "int", value: digits };
			this.#checkWide(text, container);
		}
		const n = parseDecimal(text);
		if (n === undefined) return this.#lexer.fail("a number is too large for a 64-bit float", start);
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
}

const PLACEHOLDER: ValueNode = scalar(NULL);

function lastStep(container: MapNode | ListNode, offset: number): string | number {
	if (container.kind === "list") return container.items.length + offset;
	const last = container.entries.at(-1);
	return last?.kind === "entry" ? last.key : "";
}
