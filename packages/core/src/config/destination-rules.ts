import type { YamlNode } from "../formats/yaml/node.ts";
import type { Path } from "../path.ts";
import type { Destination, DestinationRule, RuleSettings } from "./config.ts";
import type { ConfigProblem } from "./problem.ts";
import type { Reader } from "./reader.ts";
import { readPattern, readSettings, ruleFields } from "./rule-settings.ts";

const FIELDS: readonly string[] = [
	"path_regex",
	"s3_bucket",
	"s3_prefix",
	"gcs_bucket",
	"gcs_prefix",
	"vault_path",
	"vault_address",
	"vault_kv_mount_name",
	"vault_kv_version",
	"recreation_rule",
	"omit_extensions",
];

const NOTHING: RuleSettings = { keyGroups: [], selectors: [], macOnlyEncrypted: false, problems: [] };

/** One of `destination_rules` (sops 3.13.3, config/config.go, `parseDestinationRuleForFile`). */
export function readDestinationRule(
	reader: Reader,
	node: YamlNode,
	path: Path,
): Omit<DestinationRule, "index"> | undefined {
	const fields = reader.struct(node, path, FIELDS);
	if (fields === undefined) return undefined;
	const problems: ConfigProblem[] = [];
	const pathRegex = readPattern(reader, fields, "path_regex", path, problems);
	const destination = readDestination(reader, fields, path, problems);
	const recreation = fields.get("recreation_rule");
	const at = [...path, "recreation_rule"];
	const recreationFields = recreation && reader.struct(recreation, at, ruleFields(reader));
	const omit = fields.get("omit_extensions");
	return {
		...(pathRegex !== undefined && { pathRegex }),
		...(destination && { destination }),
		omitExtensions: (omit && reader.decoder.boolean(omit, [...path, "omit_extensions"])) ?? false,
		recreation: recreationFields ? readSettings(reader, recreationFields, at) : NOTHING,
		problems,
	};
}

function readDestination(
	reader: Reader,
	fields: ReadonlyMap<string, YamlNode>,
	path: Path,
	problems: ConfigProblem[],
): Destination | undefined {
	const text = (name: string): string => {
		const node = fields.get(name);
		return (node && reader.decoder.text(node, [...path, name])) ?? "";
	};
	const version = fields.get("vault_kv_version");
	const vault: Destination = {
		type: "vault",
		path: text("vault_path"),
		address: text("vault_address"),
		kvMountName: text("vault_kv_mount_name"),
		kvVersion: (version && reader.decoder.integer(version, [...path, "vault_kv_version"])) ?? 0,
	};
	const s3: Destination = { type: "s3", bucket: text("s3_bucket"), prefix: text("s3_prefix") };
	const gcs: Destination = { type: "gcs", bucket: text("gcs_bucket"), prefix: text("gcs_prefix") };
	const named = [
		...(s3.bucket === "" ? [] : [s3]),
		...(gcs.bucket === "" ? [] : [gcs]),
		...(vault.path === "" ? [] : [vault]),
	];
	if (named.length > 1) problems.push({ path, reason: "names more than one destination; keep one" });
	return named[0];
}
