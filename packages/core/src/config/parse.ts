import { composeText } from "../formats/yaml/compose-text.ts";
import type { YamlNode } from "../formats/yaml/node.ts";
import type { KeyType } from "../keys/contract.ts";
import { KEY_TYPES } from "../keys/key-types.ts";
import { type Check, checkOptions, isText, isTextMap } from "../options.ts";
import { UsageError } from "../usage-error.ts";
import type { Config, CreationRule } from "./config.ts";
import { readDestinationRule } from "./destination-rules.ts";
import type { ConfigProblem } from "./problem.ts";
import { Reader, type RuleKeyType } from "./reader.ts";
import { readPattern, readSettings, ruleFields } from "./rule-settings.ts";
import { readStores } from "./stores.ts";

/** Options of {@link parseConfig}. */
export interface ParseConfigOptions {
	/** The absolute path of the file that the text came from: rules see paths without its folder. */
	readonly path?: string | undefined;
	/** The encryption context of AWS KMS keys in shorthand lists, as `--encryption-context`; key groups hold their own. */
	readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
	/** Types of keys beside the seven of SOPS; those with `rules` can be named in the configuration. */
	readonly keyTypes?: readonly KeyType[] | undefined;
}

export const PARSE_CHECKS: Readonly<Record<string, Check>> = {
	path: isText,
	encryptionContext: isTextMap,
	keyTypes: (value) =>
		Array.isArray(value) && value.every((one) => typeof one?.type === "string")
			? undefined
			: "an array of key types",
};

/** A group has its keys in this order (sops 3.13.3, config/config.go). */
const ORDER: readonly string[] = ["age", "pgp", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"];

/**
 * Reads a `.sops.yaml` into data: every rule, with its keys as refs. Like the reference it refuses values of wrong
 * types anywhere, and what makes a single rule unusable only when that rule applies (see `resolveRule`). Of several
 * YAML documents the first counts.
 *
 * @param text - the content of the file
 * @throws SopsError `syntax-invalid`, `depth-exceeded`, `alias-limit-exceeded`, `config-invalid`
 * @throws UsageError for unknown options and wrong argument types
 */
export function parseConfig(text: string, options: ParseConfigOptions = {}): Config {
	const of = "parseConfig()";
	checkOptions(of, options, PARSE_CHECKS);
	if (typeof text !== "string")
		throw new UsageError("argument-invalid", `${of} takes the content of a configuration as a string.`);
	const path = options.path === undefined ? {} : { path: options.path };
	const { documents } = composeText(text);
	const [document, ...others] = documents;
	if (document === undefined) return { ...path, destinationRules: [], stores: NO_STORES, findings: [] };

	const reader = new Reader(
		document.root,
		ruleKeyTypes(options.keyTypes ?? []),
		options.encryptionContext ?? {},
	);
	const { decoder } = reader;
	const fields = reader.struct(document.root, [], ["creation_rules", "destination_rules", "stores"]);
	const rules = fields?.get("creation_rules");
	const destinations = fields?.get("destination_rules");
	const creationRules =
		rules && decoder.list(rules, ["creation_rules"], (node, at) => readRule(reader, node, at));
	const destinationRules =
		destinations &&
		decoder.list(destinations, ["destination_rules"], (node, at) => readDestinationRule(reader, node, at));
	const stores = readStores(reader, fields?.get("stores"), ["stores"]);
	const numbered = creationRules?.map((rule, index) => ({ index, ...rule }));
	if (numbered !== undefined) findUnreachable(reader, numbered);
	if (others.length > 0) {
		reader.findings.push({
			code: "config-part-ignored",
			message: "The configuration has several YAML documents. Only the first has an effect.",
		});
	}
	return {
		...path,
		...(numbered && { creationRules: numbered }),
		destinationRules: (destinationRules ?? []).map((rule, index) => ({ index, ...rule })),
		stores,
		findings: reader.findings,
	};
}

const NO_STORES: Config["stores"] = { yaml: {}, json: {}, binary: {}, dotenv: {}, ini: {} };

function ruleKeyTypes(others: readonly KeyType[]): readonly RuleKeyType[] {
	const known = ORDER.map((type) => KEY_TYPES.find((one) => one.type === type)!);
	return [...known, ...others].filter((type): type is RuleKeyType => type.rules !== undefined);
}

function readRule(reader: Reader, node: YamlNode, path: readonly (string | number)[]) {
	const fields = reader.struct(node, path, ruleFields(reader));
	if (fields === undefined) return undefined;
	const problems: ConfigProblem[] = [];
	const pathRegex = readPattern(reader, fields, "path_regex", path, problems);
	const settings = readSettings(reader, fields, path);
	return {
		...(pathRegex !== undefined && { pathRegex }),
		...settings,
		problems: [...problems, ...settings.problems],
	};
}

/** Rules behind one that matches everything, or that has the same pattern. */
function findUnreachable(reader: Reader, rules: readonly CreationRule[]): void {
	const seen = new Map<string, number>();
	let all: number | undefined;
	for (const { index, pathRegex } of rules) {
		const first = all ?? (pathRegex === undefined ? undefined : seen.get(pathRegex));
		if (first !== undefined) {
			reader.find(
				"rule-unreachable",
				["creation_rules", index],
				`never applies: creation_rules[${first}] comes first and ${all === undefined ? "has the same path_regex" : "matches every path"}`,
			);
		}
		if (pathRegex === undefined) all ??= index;
		else if (!seen.has(pathRegex)) seen.set(pathRegex, index);
	}
}
