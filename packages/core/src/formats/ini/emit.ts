import { SopsError } from "../../errors.ts";
import { encodeAnyBytes } from "../../leaf/any-bytes.ts";
import { trim } from "../../leaf/blank.ts";
import type { Path } from "../../path.ts";
import type { Branches, MapNode, ValueNode } from "../../tree/tree.ts";
import { leafText } from "./leaf-text.ts";
import { DEFAULT_SECTION } from "./statement.ts";

interface WrittenKey {
	value: string;
	comment: string;
}

interface WrittenSection {
	readonly name: string;
	comment: string;
	/** Of equal keys the first has the place and the last one the value (ini.v1: section.go, `NewKey`). */
	readonly keys: Map<string, WrittenKey>;
}

/**
 * The tree as sops 3.13.3 writes INI: the sections of all branches (stores/ini/store.go, `encodeTree`) in the
 * pretty format of ini.v1 1.67.3 (file.go, `writeToBuffer`), on every system with line feeds.
 *
 * Like there, some of what is written reads back as something else: keys that begin with `#`, `;` or `[`, or
 * have blanks around; texts in quotes, ending in a backslash, or with a line break and `"""`; a comment of
 * the `DEFAULT` section; second lines of comments without a mark. An empty line in a comment, on which the
 * reference panics, is a mark alone.
 *
 * @throws SopsError `value-unsupported` for what is not a text or scalar in a section, and for empty names
 */
export function emitIni(branches: Branches): string {
	const sections = branches.flatMap((branch) => [...sectionsOf(branch)]);
	let out = "";
	for (const [index, section] of sections.entries()) {
		out += commentLines(section.comment, false);
		// The name of the section without a header is compared in upper case.
		const isHeadless = index === 0 && section.name.toUpperCase() === DEFAULT_SECTION;
		if (isHeadless && section.keys.size === 0) continue;
		if (!isHeadless) out += `[${section.name}]\n`;
		out += keyLines(section.keys);
		if (index < sections.length - 1) out += "\n";
	}
	return out;
}

/** Comments among sections are dropped. */
function* sectionsOf(branch: MapNode): Generator<WrittenSection> {
	for (const item of branch.entries) {
		if (item.kind === "comment") continue;
		const { key, value } = item;
		if (key === "") throw unsupported([key], "a section without a name");
		if (value.kind !== "map") throw unsupported([key], "a value outside a section");
		yield readSection(key, value);
	}
}

/**
 * A comment that comes first is the section's, any other one that of the key before it, if there is one; of
 * several the last one counts.
 */
function readSection(name: string, node: MapNode): WrittenSection {
	const section: WrittenSection = { name, comment: "", keys: new Map() };
	let last: WrittenKey | undefined;
	for (const [index, item] of node.entries.entries()) {
		if (item.kind === "comment") {
			if (index === 0) section.comment = item.text;
			else if (last !== undefined) last.comment = item.text;
			continue;
		}
		const value = textOf(item.value, [name, item.key]);
		if (item.key === "") throw unsupported([name, item.key], "a key without a name");
		const { key } = item;
		last = section.keys.get(key);
		if (last === undefined) {
			last = { value, comment: "" };
			section.keys.set(key, last);
		} else last.value = value;
	}
	return section;
}

function textOf(value: ValueNode, path: Path): string {
	if (value.kind !== "scalar") {
		throw unsupported(path, value.kind === "list" ? "a list" : "a mapping inside a section");
	}
	return leafText(value.leaf);
}

function keyLines(keys: ReadonlyMap<string, WrittenKey>): string {
	let width = 0;
	const quoted: [name: string, size: number, key: WrittenKey][] = [];
	for (const [key, written] of keys) {
		const name = quoteKey(key);
		const size = sizeOf(name);
		width = Math.max(width, size);
		quoted.push([name, size, written]);
	}
	let out = "";
	for (const [name, size, { value, comment }] of quoted) {
		out += `${commentLines(comment, true)}${name}${" ".repeat(width - size)} = ${quoteValue(value)}\n`;
	}
	return out;
}

/** Quotes in a name, or a delimiter: backquotes; a backquote: `"""`. */
function quoteKey(name: string): string {
	if (/["=:]/.test(name)) return `\`${name}\``;
	return name.includes("`") ? `"""${name}"""` : name;
}

function quoteValue(value: string): string {
	if (/[\n`]/.test(value)) return `"""${value}"""`;
	if (/[#;]/.test(value)) return `\`${value}\``;
	return trim(value) === value ? value : `"${value}"`;
}

/** Lines that have no mark get one; those of sections keep the blanks around the text then. */
function commentLines(text: string, ofKey: boolean): string {
	if (text === "") return "";
	let out = "";
	for (const line of text.split("\n")) {
		if (line === "") out += ";\n";
		else if (/^[#;]/.test(line)) out += `${line.charAt(0)} ${trim(line.slice(1))}\n`;
		else out += `; ${ofKey ? trim(line) : line}\n`;
	}
	return out;
}

/** ini.v1 aligns by bytes. */
function sizeOf(name: string): number {
	return encodeAnyBytes(name).length;
}

function unsupported(path: Path, found: string): SopsError {
	return new SopsError(
		"value-unsupported",
		`INI cannot hold ${found}: it has sections, and in them keys with one value each.`,
		{ path, found },
	);
}
