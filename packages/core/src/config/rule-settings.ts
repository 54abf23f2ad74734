import type { YamlNode } from "../formats/yaml/node.ts";
import type { KeyRef } from "../keys/contract.ts";
import type { Path } from "../path.ts";
import { compilePattern } from "../pattern.ts";
import { SELECTOR_NAMES, type Selector } from "../selectors.ts";
import type { RuleSettings } from "./config.ts";
import { PROFILE_FIELD, readGroup, readShorthand } from "./key-groups.ts";
import type { ConfigProblem } from "./problem.ts";
import type { Reader } from "./reader.ts";

type Fields = ReadonlyMap<string, YamlNode>;

/** The fields of a rule. */
export function ruleFields(reader: Reader): readonly string[] {
	return [
		"path_regex",
		...reader.keyTypes.map((type) => type.rules.ruleField),
		PROFILE_FIELD,
		"key_groups",
		"shamir_threshold",
		...SELECTOR_NAMES,
		"mac_only_encrypted",
	];
}

/** What a rule says beside its pattern; problems in the order in which the reference would meet them. */
export function readSettings(reader: Reader, fields: Fields, path: Path): RuleSettings {
	const { decoder } = reader;
	const problems: ConfigProblem[] = [];
	const selectors = readSelectors(reader, fields, path, problems);
	const keyGroups = readKeyGroups(reader, fields, path, problems);
	const shamirThreshold = readThreshold(reader, fields, path, keyGroups.length, problems);
	const macOnly = fields.get("mac_only_encrypted");
	return {
		keyGroups,
		...(shamirThreshold !== undefined && { shamirThreshold }),
		selectors,
		macOnlyEncrypted: (macOnly && decoder.boolean(macOnly, [...path, "mac_only_encrypted"])) ?? false,
		problems,
	};
}

/** RE2, or a problem. An empty pattern is none. */
export function readPattern(
	reader: Reader,
	fields: Fields,
	name: string,
	path: Path,
	problems: ConfigProblem[],
): string | undefined {
	const node = fields.get(name);
	const pattern = node && reader.decoder.text(node, [...path, name]);
	if (pattern === undefined || pattern === "") return undefined;
	requirePattern(pattern, [...path, name], problems);
	return pattern;
}

function requirePattern(pattern: string, path: Path, problems: ConfigProblem[]): void {
	const compiled = compilePattern(pattern);
	if (typeof compiled !== "string") return;
	const reason = `is not a regular expression of RE2, where look-around and back-references do not exist (${compiled})`;
	problems.push({ path, reason });
}

function readSelectors(
	reader: Reader,
	fields: Fields,
	path: Path,
	problems: ConfigProblem[],
): readonly Selector[] {
	const selectors = SELECTOR_NAMES.flatMap((name): readonly Selector[] => {
		const node = fields.get(name);
		const value = node && reader.decoder.text(node, [...path, name]);
		return value ? [{ name, value }] : [];
	});
	const [first, second] = selectors;
	if (second !== undefined) {
		const reason = `cannot stand beside ${first!.name}: only one selector can apply`;
		problems.push({ path: [...path, second.name], reason });
	}
	// The reference takes such a pattern for one that matches nothing, and encrypts all or nothing.
	for (const { name, value } of selectors) {
		if (name.endsWith("_regex")) requirePattern(value, [...path, name], problems);
	}
	return selectors;
}

function readKeyGroups(
	reader: Reader,
	fields: Fields,
	path: Path,
	problems: ConfigProblem[],
): readonly (readonly KeyRef[])[] {
	const own: ConfigProblem[] = [];
	// Also where `key_groups` wins: what is of a wrong type must not load.
	const shorthand = readShorthand(reader, fields, path, own);
	const node = fields.get("key_groups");
	const groups =
		node &&
		reader.decoder.list(node, [...path, "key_groups"], (one, at) => readGroup(reader, one, at, problems));
	if (groups === undefined || groups.length === 0) {
		problems.push(...own);
		return shorthand.length === 0 ? [] : [shorthand];
	}
	const ignored = [...reader.keyTypes.map((type) => type.rules.ruleField), PROFILE_FIELD].filter((name) =>
		fields.has(name),
	);
	for (const name of ignored)
		reader.find("config-part-ignored", [...path, name], "has no effect, because key_groups stands beside it");
	return groups;
}

function readThreshold(
	reader: Reader,
	fields: Fields,
	path: Path,
	groups: number,
	problems: ConfigProblem[],
): number | undefined {
	const at = [...path, "shamir_threshold"];
	const node = fields.get("shamir_threshold");
	const threshold = (node && reader.decoder.integer(node, at)) ?? 0;
	if (threshold === 0) return undefined;
	if (groups <= 1) {
		if (threshold !== 1)
			reader.find("config-part-ignored", at, "has no effect, because there are not several key groups");
		return undefined;
	}
	if (threshold < 2 || threshold > groups) {
		const range = groups === 2 ? "2" : `from 2 to ${groups}`;
		problems.push({ path: at, reason: `must be ${range}, because there are ${groups} key groups` });
	}
	return threshold;
}
