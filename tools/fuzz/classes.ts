import { SELECTOR_NAMES } from "../../packages/core/src/selectors.ts";
import type { Verdict } from "./check/checker.ts";
import { type FuzzDocument, type FuzzFormat, KINDS } from "./document.ts";
import { BINARY_FEATURES } from "./generate/binary.ts";
import { DOTENV_FEATURES } from "./generate/dotenv.ts";
import { INI_FEATURES } from "./generate/ini.ts";
import { JSON_FEATURES } from "./generate/json.ts";
import { YAML_FEATURES } from "./generate/yaml-features.ts";

/** Names of classes, by group. */
export type Classes = ReadonlyMap<string, ReadonlySet<string>>;

const SIZES: readonly (readonly [number, string])[] = [
	[0, "empty"],
	[100, "to 100 bytes"],
	[1000, "to 1000 bytes"],
	[10_000, "to 10 000 bytes"],
	[Number.POSITIVE_INFINITY, "more than 10 000 bytes"],
];
const DEPTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 16, 32, 64, 128, 256, 512];

/** What one document was, and what became of it. */
export function classesOf(document: FuzzDocument, { notes, tree }: Verdict): Classes {
	const classes = new Map<string, Set<string>>();
	const add = (group: string, name: string): void => {
		const known = classes.get(group);
		if (known === undefined) classes.set(group, new Set([name]));
		else known.add(name);
	};
	const { text, input } = document;
	add("kind", document.kind);
	add("size", SIZES.find(([limit]) => input.length <= limit)![1]);
	if (text.includes("\r\n")) add("bytes", "CRLF");
	if (text.startsWith("\ufeff")) add("bytes", "byte order mark");
	if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
		add("bytes", "not UTF-8");
	if (text.includes("\0")) add("bytes", "NUL");
	if (!text.endsWith("\n")) add("bytes", "no newline at the end");
	add("selector", document.selector?.name ?? "none");
	if (document.macOnlyEncrypted) add("selector", "mac_only_encrypted");
	add("wrapped by", document.wrapped ? "age" : "a key of the run");
	if (document.indent !== undefined) add("indent", String(document.indent));
	for (const feature of document.coverage.keys()) {
		const group = feature.startsWith("seed ") ? "seed" : "feature";
		add(group, feature.replace(/^seed /, ""));
	}
	for (const note of notes) {
		const [what, how] = note.split(": ");
		if (how === undefined || !/refused/.test(what!)) add("outcome", note);
		else {
			add("outcome", what!);
			add(what!, how);
		}
	}
	if (tree !== undefined) {
		add("documents", tree.length > 3 ? "more than 3" : String(tree.length));
		const depth = measure(tree, (type) => add("type", type));
		const at = DEPTHS.findIndex((limit) => depth <= limit);
		add(
			"depth",
			at < 6 ? String(depth) : at === -1 ? "more than 512" : `${DEPTHS[at - 1]! + 1} to ${DEPTHS[at]}`,
		);
	}
	return classes;
}

/** Tells the types in a tree; gives its depth. */
function measure(node: unknown, saw: (type: string) => void): number {
	if (Array.isArray(node))
		return node.reduce((deepest: number, item) => Math.max(deepest, measure(item, saw)), 0);
	const item = node as { map?: unknown[]; list?: unknown[]; value?: unknown; inline?: boolean };
	if (item.map) {
		saw(item.map.length === 0 ? "empty mapping" : "mapping");
		return 1 + measure(item.map, saw);
	}
	if (item.list) {
		saw(item.list.length === 0 ? "empty list" : "list");
		return 1 + measure(item.list, saw);
	}
	if ("value" in item) return measure(item.value, saw);
	const type = Object.keys(item)[0]!;
	saw(item.inline ? `inline ${type}` : type);
	return 0;
}

const COMMON: Readonly<Record<string, readonly string[]>> = {
	kind: KINDS,
	"wrapped by": ["age", "a key of the run"],
	outcome: ["read by both", "exchanged", "damage refused by both", "damage read by both"],
};
const TEXT: typeof COMMON = {
	...COMMON,
	outcome: [
		...COMMON.outcome!,
		...["refused by both", "encryption refused by both", "keep: the author's text came back"],
	],
	selector: ["none", "mac_only_encrypted", ...SELECTOR_NAMES],
	size: SIZES.map(([, name]) => name),
	bytes: ["CRLF", "byte order mark", "NUL", "not UTF-8", "no newline at the end"],
};
const TREE_TYPES = ["str", "int", "float", "bool", "null", "mapping", "empty mapping", "list", "empty list"];
const KEPT = ["keep: only values came back in another spelling"];

/** What must come at least once in a run of some size. */
export const REQUIRED: Readonly<Record<FuzzFormat, Readonly<Record<string, readonly string[]>>>> = {
	yaml: {
		...TEXT,
		outcome: [
			...[...TEXT.outcome!, ...KEPT, "keep: fell back on encryption", "keep: fell back on decryption"],
			...["the author's text: scanned by lines", "the author's text: scanned by lexer"],
			...[
				"the reference's encrypted text: scanned by lines",
				"the reference's encrypted text: scanned by lexer",
			],
			"the reference fails on its own file",
		],
		documents: ["1", "2", "3"],
		depth: ["1", "2", "3", "4", "5", "6", "7 to 8", "9 to 16", "17 to 32", "33 to 64", "65 to 128"],
		type: [...TREE_TYPES, "time", "bytes", "comment", "inline comment"],
		feature: YAML_FEATURES,
	},
	json: {
		...TEXT,
		outcome: [...TEXT.outcome!, ...KEPT],
		depth: ["1", "2", "3", "4", "5", "6", "7 to 8", "33 to 64", "65 to 128", "129 to 256"],
		type: TREE_TYPES,
		feature: JSON_FEATURES,
	},
	dotenv: {
		...TEXT,
		depth: ["1"],
		type: ["str", "bytes", "comment", "commentBytes", "mapping", "empty mapping"],
		feature: DOTENV_FEATURES,
	},
	ini: {
		...TEXT,
		outcome: [...TEXT.outcome!, ...KEPT],
		depth: ["2"],
		type: ["str", "bytes", "comment", "commentBytes", "mapping", "empty mapping"],
		feature: INI_FEATURES,
	},
	binary: {
		...COMMON,
		selector: TEXT.selector!,
		size: TEXT.size!,
		bytes: TEXT.bytes!,
		depth: ["1"],
		type: ["str", "bytes"],
		feature: BINARY_FEATURES,
	},
};
