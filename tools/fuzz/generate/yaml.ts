import type { Coverage } from "../coverage.ts";
import type { Random } from "../random.ts";
import { type YamlShape, YamlSheet } from "./yaml-sheet.ts";
import { writeValue } from "./yaml-value.ts";

export { randomShape } from "./yaml-sheet.ts";

/** A YAML file as a person might write it, in any style, with comments in every place. */
export function generateYaml(random: Random, shape: YamlShape, coverage: Coverage): string {
	return writeFile(new YamlSheet(random, shape, coverage));
}

function writeFile(sheet: YamlSheet): string {
	const { random, shape } = sheet;
	if (shape.tags && random.chance(20)) {
		const directive = random.pick([
			"%YAML 1.1",
			"%YAML 1.1 # old",
			"%TAG !e! tag:example.com,2000:",
			"%TAG ! !x",
		]);
		sheet.count(directive.startsWith("%YAML") ? "%YAML" : "%TAG");
		sheet.lines.push(directive, "---");
		sheet.tagDirective = directive.startsWith("%TAG !e!");
	} else if (random.chance(15)) {
		sheet.count("document start");
		sheet.lines.push(marker(sheet, ["---", "---", "---", "--- # start", "---  "]));
	}
	for (let i = 0; i < shape.documents; i++) {
		if (i > 0) {
			sheet.lines.push(marker(sheet, ["---", "---", "---", "--- # next", "---\t"]));
			sheet.count("further document");
			sheet.documentKeys = [];
		}
		sheet.comments(0, 30, "comment at the start of a document");
		if (random.chance(2)) {
			sheet.count("document of another kind");
			sheet.lines.push(
				random.pick(["{}", "null", "~", "- a", "text", "{a: 1, b: [2]}", "# only\n", "!!map {}", "[]"]),
			);
		} else if (random.chance(shape.documents > 1 ? 4 : 1)) sheet.count("empty document");
		else if (shape.deep) writeChain(sheet);
		else writeMapping(sheet, 0, 0);
		sheet.comments(0, 20, "comment at the end of a document");
		if (random.chance(6)) {
			sheet.count("document end marker");
			sheet.lines.push(random.pick(["...", "...", "... # end", "...\n# after"]));
		}
	}
	if (random.chance(1)) {
		sheet.count("comments only");
		sheet.lines.splice(0, sheet.lines.length, "# nothing", "", "  # here");
	}
	let text = sheet.lines.join("\n");
	if (!random.chance(8)) text += "\n";
	if (random.chance(4)) {
		sheet.count("CRLF");
		text = text.replaceAll("\n", "\r\n");
	}
	if (random.chance(2)) {
		sheet.count("byte order mark");
		text = `\ufeff${text}`;
	}
	return text;
}

function marker(sheet: YamlSheet, markers: readonly string[]): string {
	const chosen = sheet.random.pick(markers);
	if (chosen.includes("#")) sheet.count("comment behind a document marker");
	return chosen;
}

function writeMapping(sheet: YamlSheet, indent: number, depth: number): void {
	sheet.count("mapping");
	const n = 1 + sheet.random.int(depth === 0 ? 6 : 4);
	for (let i = 0; i < n; i++) {
		sheet.comments(indent, 18, "comment before a key");
		const pad = " ".repeat(indent);
		if (sheet.shape.anchors && sheet.anchors.length > 0 && sheet.random.chance(6)) {
			sheet.count("merge key");
			const name = (): string => `*${sheet.random.pick(sheet.anchors)}`;
			sheet.lines.push(
				`${pad}<<: ${sheet.random.chance(70) ? name() : sheet.random.pick([`[${name()}, ${name()}]`, "{m: 1}", "x", "null"])}${sheet.lineComment("comment behind an alias")}`,
			);
			continue;
		}
		writePair(sheet, sheet.keyPrefix(pad, indent), indent, depth);
	}
}

/** Collections in collections, far down. */
function writeChain(sheet: YamlSheet): void {
	sheet.count("deep nesting");
	const depth = 8 + sheet.random.int(60);
	let indent = 0;
	for (let i = 0; i < depth; i++) {
		const key = `${sheet.key()}:`;
		sheet.comments(indent, 5, "comment before a key");
		if (sheet.random.chance(30)) {
			sheet.lines.push(`${" ".repeat(indent)}${key}`, `${" ".repeat(indent)}-  down${i}:`);
			indent += 4;
		} else {
			sheet.lines.push(
				`${" ".repeat(indent)}${key}${sheet.lineComment("comment behind the key of a collection")}`,
			);
			indent += 1;
		}
	}
	writeMapping(sheet, indent, depth);
}

function writePair(sheet: YamlSheet, prefix: string, indent: number, depth: number): void {
	const { random } = sheet;
	sheet.budget--;
	const open = sheet.budget > 0 && depth < 6;
	if (open && random.chance(25)) {
		const props = sheet.collectionProperties("map");
		sheet.lines.push(`${prefix}${props}${sheet.lineComment("comment behind the key of a collection")}`);
		writeMapping(sheet, indent + sheet.shape.indent, depth + 1);
		sheet.comments(indent + sheet.shape.indent, 10, "comment below a mapping");
		return;
	}
	if (open && random.chance(25)) {
		const props = sheet.collectionProperties("seq");
		sheet.lines.push(`${prefix}${props}${sheet.lineComment("comment behind the key of a collection")}`);
		const inner = indent + (random.chance(30) ? 0 : sheet.shape.indent);
		if (inner === indent) sheet.count("list at the indentation of its key");
		writeSequence(sheet, inner, depth + 1);
		sheet.comments(inner, 10, "comment below a list");
		return;
	}
	writeValue(sheet, `${prefix} `, indent);
}

function writeSequence(sheet: YamlSheet, indent: number, depth: number): void {
	const { random } = sheet;
	sheet.count("list");
	const pad = " ".repeat(indent);
	for (let i = 1 + random.int(4); i > 0; i--) {
		sheet.comments(indent, 18, "comment before an item");
		sheet.budget--;
		const open = sheet.budget > 0 && depth < 6;
		if (open && random.chance(25)) {
			sheet.count("mapping in a list item");
			if (random.chance(15)) {
				sheet.lines.push(`${pad}-${sheet.lineComment("comment behind a dash")}`);
				writeMapping(sheet, indent + 2, depth + 1);
			} else {
				writePair(sheet, sheet.keyPrefix(`${pad}- `, indent + 2), indent + 2, depth + 1);
				for (let more = random.int(3); more > 0; more--) {
					sheet.comments(indent + 2, 12, "comment before a key");
					writePair(sheet, sheet.keyPrefix(`${pad}  `, indent + 2), indent + 2, depth + 1);
				}
			}
		} else if (open && random.chance(10)) {
			sheet.count("list in a list item");
			if (random.chance(50)) {
				sheet.lines.push(`${pad}-${sheet.lineComment("comment behind a dash")}`);
				writeSequence(sheet, indent + 2, depth + 1);
			} else {
				writeValue(sheet, `${pad}- - `, indent + 2);
				writeValue(sheet, `${pad}  - `, indent + 2);
			}
		} else writeValue(sheet, `${pad}- `, indent);
	}
}
