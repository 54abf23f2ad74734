import { isSopsError } from "../errors.ts";
import type { YamlNode } from "../formats/yaml/node.ts";
import type { KeyRef } from "../keys/contract.ts";
import type { KeyFields } from "../keys/key-fields.ts";
import type { RuleSyntax } from "../keys/rule-syntax/rule-syntax.ts";
import { trim } from "../leaf/blank.ts";
import type { Path } from "../path.ts";
import type { Other } from "./decode.ts";
import { type ConfigProblem, configInvalid } from "./problem.ts";
import type { Reader, RuleKeyType } from "./reader.ts";

/** Groups within `merge`; the reference goes as deep as its YAML. */
const MAX_DEPTH = 100;

type Fields = ReadonlyMap<string, YamlNode>;

/** The field beside the shorthand lists that goes with the keys of AWS KMS. */
export const PROFILE_FIELD = "aws_profile";

/**
 * The one group of a rule's shorthand lists, in the reference's order and with equal keys kept (sops 3.13.3,
 * config/config.go, `getKeyGroupsFromCreationRule`).
 */
export function readShorthand(
	reader: Reader,
	fields: Fields,
	path: Path,
	problems: ConfigProblem[],
): readonly KeyRef[] {
	const profile = fields.get(PROFILE_FIELD);
	const awsProfile =
		profile === undefined ? undefined : reader.decoder.text(profile, [...path, PROFILE_FIELD]);
	const settings = { awsProfile, encryptionContext: reader.encryptionContext };
	return reader.keyTypes.flatMap((type) => {
		const { ruleField, listOnly } = type.rules;
		const node = fields.get(ruleField);
		if (node === undefined) return [];
		const at = [...path, ruleField];
		const list =
			listOnly === true
				? reader.decoder.list(node, at, (one, place) => reader.decoder.text(one, place))?.join(",")
				: commaList(reader.decoder.textOrList(node, at), at, problems);
		if (list === undefined || list === "") return [];
		return refs(reader, type, () => type.rules.fromList(list, settings), at, problems);
	});
}

/**
 * One entry of `key_groups`: what it merges, then its own keys, each key once (sops 3.13.3, config/config.go,
 * `extractMasterKeys`). `undefined` for null.
 */
export function readGroup(
	reader: Reader,
	node: YamlNode,
	path: Path,
	problems: ConfigProblem[],
	depth = 0,
): readonly KeyRef[] | undefined {
	if (depth > MAX_DEPTH) throw configInvalid({ path, reason: "merges groups of groups without end" });
	const known = ["merge", ...reader.keyTypes.map((type) => type.rules.groupField)];
	const fields = reader.struct(node, path, known);
	if (fields === undefined) return undefined;
	const merge = fields.get("merge");
	const merged =
		merge &&
		reader.decoder.list(merge, [...path, "merge"], (one, at) =>
			readGroup(reader, one, at, problems, depth + 1),
		);
	const own = reader.keyTypes.flatMap((type) => {
		const list = fields.get(type.rules.groupField);
		if (list === undefined) return [];
		return (
			reader.decoder.list(list, [...path, type.rules.groupField], (one, at) => {
				const item = readItem(reader, type.rules.item, one, at, problems);
				return item === undefined ? [] : refs(reader, type, () => type.rules.fromItem(item), at, problems);
			}) ?? []
		).flat();
	});
	const seen = new Set<string>();
	return [...(merged ?? []).flat(), ...own].filter(({ type, id }) => {
		const fresh = !seen.has(`${type}/${id}`);
		seen.add(`${type}/${id}`);
		return fresh;
	});
}

function readItem(
	reader: Reader,
	shape: RuleSyntax["item"],
	node: YamlNode,
	path: Path,
	problems: ConfigProblem[],
): string | KeyFields | undefined {
	if (shape === "text") return reader.decoder.text(node, path);
	const names = shape.map(({ name }) => name);
	const fields = reader.struct(node, path, names);
	if (fields === undefined) return undefined;
	const item: Record<string, KeyFields[string]> = {};
	for (const { name, map } of shape) {
		const value = fields.get(name);
		if (value === undefined) continue;
		const at = [...path, name];
		const read = map ? readMap(reader, value, at, problems) : reader.decoder.text(value, at);
		if (read !== undefined) item[name] = read;
	}
	return item;
}

function readMap(
	reader: Reader,
	node: YamlNode,
	path: Path,
	problems: ConfigProblem[],
): Readonly<Record<string, string>> | undefined {
	const fields = reader.decoder.fields(node, path);
	if (fields === undefined) return undefined;
	const map = new Map<string, string>();
	for (const [name, value] of fields) {
		const text = reader.decoder.text(value, [...path, name]);
		// The reference crashes on it once the rule applies.
		if (text === undefined) problems.push({ path: [...path, name], reason: "must be text, and is nothing" });
		else map.set(name, text);
	}
	return Object.fromEntries(map);
}

function refs(
	reader: Reader,
	type: RuleKeyType,
	read: () => readonly KeyFields[],
	path: Path,
	problems: ConfigProblem[],
): readonly KeyRef[] {
	let found: readonly KeyRef[];
	try {
		found = read().map((fields) => type.fromFields(fields));
	} catch (thrown) {
		if (!isSopsError(thrown, "key-invalid")) throw thrown;
		problems.push({ path, reason: thrown.details.reason });
		return [];
	}
	if (found.some(hasCredentials)) {
		reader.find(
			"credentials-in-address",
			path,
			"has a user name or a password in an address. It goes into every file in clear; remove it",
		);
	}
	return found;
}

function hasCredentials({ fields }: KeyRef): boolean {
	return Object.values(fields).some(
		(value) => typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/]*@/i.test(value),
	);
}

/**
 * Items of a list stay as they are, empty ones too, and may be comma lists themselves; those of a text are trimmed,
 * and empty ones dropped (sops 3.13.3, config/config.go, `parseKeyField`).
 */
function commaList(
	given: string | readonly (string | Other)[] | Other | undefined,
	path: Path,
	problems: ConfigProblem[],
): string | undefined {
	if (given === undefined) return undefined;
	if (typeof given === "string") {
		return given
			.split(",")
			.map(trim)
			.filter((item) => item !== "")
			.join(",");
	}
	if (!Array.isArray(given)) {
		problems.push({ path, reason: wanted("text or a list of texts", given as Other) });
		return undefined;
	}
	const items = given as readonly (string | Other)[];
	const wrong = items.findIndex((item) => typeof item !== "string");
	if (wrong === -1) return items.join(",");
	problems.push({ path: [...path, wrong], reason: wanted("text", items[wrong] as Other) });
	return undefined;
}

/** A fingerprint of digits only is a number to YAML. */
function wanted(what: string, { found }: Other): string {
	return `must be ${what}, and is ${found}; put it in quotes if that is what it is`;
}
