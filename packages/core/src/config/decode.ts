import { SopsError } from "../errors.ts";
import type { YamlNode } from "../formats/yaml/node.ts";
import { resolvePlain, resolveTagged } from "../formats/yaml/resolve.ts";
import type { Leaf } from "../leaf/leaf.ts";
import type { Path } from "../path.ts";
import { configInvalid } from "./problem.ts";

/** Nodes that one configuration may have once its aliases are expanded. */
const MAX_NODES = 400_000;

/** Merge keys within what merge keys bring. */
const MAX_MERGES = 100;

const YES: ReadonlySet<string> = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]);
const NO: ReadonlySet<string> = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF"]);

/**
 * Reads nodes into typed values as go-yaml does for the structs of the reference (go.yaml.in/yaml/v3 3.0.4,
 * decode.go): a number is text where text is wanted and not the other way round, null leaves the default, merge
 * keys and aliases count. Everything gives `undefined` for null.
 *
 * @throws SopsError `config-invalid` for another type; `alias-limit-exceeded`
 */
export class Decoder {
	private nodes = 0;

	text(given: YamlNode, path: Path): string | undefined {
		const node = this.enter(given);
		if (node.kind !== "scalar") throw mustBe(path, "text");
		const leaf = leafOf(node, path);
		if (leaf === undefined) return node.value;
		if (leaf.type === "null") return undefined;
		return leaf.type === "str" ? wellFormed(leaf, path) : node.value;
	}

	/** Truncated where it has a fraction, as there. */
	integer(given: YamlNode, path: Path): number | undefined {
		const node = this.enter(given);
		const leaf = node.kind === "scalar" ? leafOf(node, path) : undefined;
		if (leaf?.type === "null") return undefined;
		const number = leaf?.type === "int" || leaf?.type === "float" ? Math.trunc(Number(leaf.value)) : NaN;
		if (!Number.isSafeInteger(number)) throw mustBe(path, "a whole number, without quotes");
		return number;
	}

	boolean(given: YamlNode, path: Path): boolean | undefined {
		const node = this.enter(given);
		const leaf = node.kind === "scalar" ? leafOf(node, path) : undefined;
		if (leaf?.type === "null") return undefined;
		if (leaf?.type === "bool") return leaf.value;
		if (leaf?.type === "str" && YES.has(node.value)) return true;
		if (leaf?.type === "str" && NO.has(node.value)) return false;
		throw mustBe(path, "true or false, without quotes");
	}

	/** Items for which `item` gives nothing are left out, and so are nulls. */
	list<T>(given: YamlNode, path: Path, item: (node: YamlNode, path: Path) => T | undefined): T[] | undefined {
		const node = this.enter(given);
		if (isNull(node, path)) return undefined;
		if (node.kind !== "list") throw mustBe(path, "a list");
		return node.content
			.map((child, index) => item(child, [...path, index]))
			.filter((one): one is T & {} => one !== undefined && one !== null);
	}

	/** The values of a mapping by name, with those that merge keys bring. */
	fields(given: YamlNode, path: Path): ReadonlyMap<string, YamlNode> | undefined {
		const node = this.enter(given);
		if (isNull(node, path)) return undefined;
		if (node.kind !== "map") throw mustBe(path, "a mapping");
		const found = new Map<string, YamlNode>();
		this.collect(node, path, found, []);
		return found;
	}

	/** What a field holds that may be a text or a list: its text, its items, or the kind of anything else. */
	textOrList(given: YamlNode, path: Path): string | readonly (string | Other)[] | Other | undefined {
		const node = this.enter(given);
		if (isNull(node, path)) return undefined;
		if (node.kind === "list") return node.content.map((child) => this.one(child, path));
		return this.one(given, path);
	}

	private one(given: YamlNode, path: Path): string | Other {
		const node = this.enter(given);
		if (node.kind !== "scalar") return { found: node.kind === "map" ? "a mapping" : "a list" };
		const leaf = leafOf(node, path);
		if (leaf?.type === "str") return wellFormed(leaf, path);
		return { found: leaf === undefined ? "a number" : FOUND[leaf.type] };
	}

	private collect(
		node: YamlNode,
		path: Path,
		found: Map<string, YamlNode>,
		merging: readonly YamlNode[],
	): void {
		if (merging.includes(node)) throw configInvalid({ path, reason: "merges an anchor into itself" });
		if (merging.length > MAX_MERGES)
			throw configInvalid({ path, reason: "merges mappings into mappings without end" });
		requireUnique(node, path);
		let merge: YamlNode | undefined;
		/** Of this mapping; what a merge brings may repeat what is there. */
		const own = new Set<string>();
		for (let i = 0; i < node.content.length; i += 2) {
			const key = node.content[i]!;
			const value = node.content[i + 1]!;
			if (isMergeKey(key)) {
				merge = value;
				continue;
			}
			const name = this.text(key, path);
			if (name === undefined) continue;
			if (own.has(name)) throw twice(path, name);
			own.add(name);
			if (!found.has(name)) found.set(name, value);
		}
		if (merge === undefined) return;
		const sources = merge.kind === "list" ? merge.content : [merge];
		for (const source of sources) {
			const target = this.enter(source);
			if (target.kind !== "map")
				throw configInvalid({ path, reason: "has a merge key (<<) that merges no mapping" });
			this.collect(target, path, found, [...merging, node]);
		}
	}

	/** What an alias stands for. */
	private enter(node: YamlNode): YamlNode {
		this.nodes++;
		if (this.nodes > MAX_NODES) {
			throw new SopsError(
				"alias-limit-exceeded",
				`The configuration has more than ${MAX_NODES} values once its aliases are expanded. Write the values out.`,
				{ limit: MAX_NODES },
			);
		}
		return node.kind === "alias" ? node.target! : node;
	}
}

/** A value of another type than wanted, in words. */
export interface Other {
	readonly found: string;
}

const FOUND: Readonly<Record<Leaf["type"], string>> = {
	str: "text",
	int: "a number",
	float: "a number",
	bool: "true or false",
	time: "a date",
	null: "nothing",
};

/** `undefined`: an integer that no leaf holds. */
function leafOf({ tag, value, style }: YamlNode, path: Path): Leaf | undefined {
	const plain = style === "plain";
	const leaf = plain && tag === "" ? resolvePlain(value) : resolveTagged(tag, value, !plain);
	if (typeof leaf !== "string") return leaf;
	if (leaf === "integer-out-of-range") return undefined;
	throw configInvalid({ path, reason: "has a tag that its value does not fit" });
}

function isNull(node: YamlNode, path: Path): boolean {
	return node.kind === "scalar" && leafOf(node, path)?.type === "null";
}

function isMergeKey({ kind, value, tag, style }: YamlNode): boolean {
	if (kind !== "scalar" || value !== "<<") return false;
	return tag === "" || tag === "!" ? style === "plain" : tag.endsWith(":merge");
}

function wellFormed(leaf: { readonly value: string | Uint8Array }, path: Path): string {
	if (typeof leaf.value === "string") return leaf.value;
	throw mustBe(path, "text in UTF-8");
}

/** By source text and kind of the keys, as go-yaml compares them. */
function requireUnique(node: YamlNode, path: Path): void {
	const seen = new Set<string>();
	for (let i = 0; i < node.content.length; i += 2) {
		const { kind, value } = node.content[i]!;
		if (seen.has(`${kind} ${value}`)) throw twice(path, value);
		seen.add(`${kind} ${value}`);
	}
}

function twice(path: Path, name: string): SopsError {
	return configInvalid({ path: [...path, name], reason: "stands twice" });
}

function mustBe(path: Path, what: string): SopsError {
	return configInvalid({ path, reason: `must be ${what}` });
}
