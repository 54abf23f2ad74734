// Configurations whose truth comes from the reference; `make-config.mjs` records it in vectors/config/cases.json.

/** Recipients of vectors/keys. */
export const [A, B, C] = [
	"age16m6eqv87u4ukfw7eg34ek5m83th7tg4l68gde6fp7uc683vud5rq5hatec",
	"age1f65t5lm62drtqxwlevsrt9j93j6t72qlnlwrdc7f8q5n4l8yzars0ygfhk",
	"age1u522av9ympxksausq6gwh7xugq82qrqq57u36uqj8hy8daxqr3lqxcuykl",
];
/** A recipient without anyone behind it: the key was thrown away. */
const SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVZPG8WTerVvVcW//SwPyyXmxGHj0fsbCR21hMnaGZ1";
const ARN = "arn:aws:kms:eu-west-1:111122223333:key/1a2b";
const ROLE = "arn:aws:iam::111122223333:role/deploy";
const GCP = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const AZURE = "https://name.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef";
const VAULT = "https://vault.example.com:8200/v1/transit/keys/k";
const FP = "85D77543B3D624B63CEA9E6DBC17301B491B3F21";

/** One creation rule of these lines. */
const rule = (...lines) => `creation_rules:\n  - ${lines.join("\n    ")}\n`;
/** Rules of one line each. */
const rules = (...lines) => `creation_rules:\n${lines.map((line) => `  - {${line}}\n`).join("")}`;
/** One rule with key groups of these lines. */
const groups = (list, ...lines) =>
	rule(
		...lines,
		"key_groups:",
		...list.flatMap(([first, ...rest]) => [`  - ${first}`, ...rest.map((line) => `    ${line}`)]),
	);

const age = (text) => rule(`age: ${text}`);
const regex = (pattern) => rules(`path_regex: '${pattern}', age: ${A}`, `age: ${B}`);

export const configCases = [
	// Recipients
	{ name: "age", config: age(A) },
	{ name: "age: comma text", config: age(`${A},${B}`) },
	{ name: "age: comma text with blanks and a comma at the end", config: age(`"  ${A} ,\\t${B},, "`) },
	{ name: "age: folded text", config: rule("age: >-", `  ${A},`, `  ${B}`) },
	{ name: "age: list", config: age(`[${A}, ${B}]`) },
	{ name: "age: comma text in a list", config: age(`[" ${A} ,${B}", ${C}]`) },
	{ name: "age: twice in a rule, both stay", config: age(`${A},${A}`) },
	{ name: "age: list with an empty item", config: age(`[${A}, ""]`), code: "config-invalid" },
	{ name: "age: list of one empty item", config: age('[""]') },
	{ name: "age: empty text", config: age('""') },
	{ name: "age: null", config: age("~") },
	{ name: "age: empty list", config: age("[]") },
	{ name: "age: list with null", config: age(`[${A}, ~]`), code: "config-invalid" },
	{ name: "age: list with a number", config: age(`[${A}, 12]`), code: "config-invalid" },
	{ name: "age: number", config: age("12"), code: "config-invalid" },
	{ name: "age: mapping", config: age(`{a: ${A}}`), code: "config-invalid" },
	{ name: "age: no recipient", config: age("someone"), code: "config-invalid" },
	{ name: "age: identity", config: age("AGE-SECRET-KEY-1QQQQ"), code: "config-invalid" },
	{ name: "age: SSH", config: age(`"${SSH}"`) },
	{ name: "age: SSH with a comment", config: age(`["${SSH} me@box", ${A}]`) },
	{ name: "no keys", config: rule("path_regex: .*") },

	// Which rule
	{ name: "first match", config: rules(`path_regex: secret, age: ${A}`, `path_regex: yaml$, age: ${B}`) },
	{ name: "second match", config: rules(`path_regex: ^other, age: ${A}`, `path_regex: yaml$, age: ${B}`) },
	{ name: "rule for the rest", config: rules(`path_regex: ^other, age: ${A}`, `age: ${B}`) },
	{ name: "empty pattern matches everything", config: rules(`path_regex: "", age: ${A}`, `age: ${B}`) },
	{ name: "null pattern matches everything", config: rules(`path_regex: ~, age: ${A}`, `age: ${B}`) },
	{ name: "no match", config: rules(`path_regex: ^other, age: ${A}`), code: "rule-not-found" },
	{ name: "no rules", config: "stores: {}\n", code: "rule-not-found" },
	{ name: "empty list of rules", config: "creation_rules: []\n", code: "rule-not-found" },
	{ name: "null for rules", config: "creation_rules:\n", code: "rule-not-found" },
	{ name: "empty file", config: "", code: "rule-not-found" },
	{ name: "comments only", config: "# nothing\n", code: "rule-not-found" },
	{ name: "null for a rule", config: `creation_rules:\n  - ~\n  - age: ${A}\n` },
	{ name: "pattern is searched, not matched", config: regex("cre") },
	{
		name: "pattern sees the folder below",
		config: regex("^deep/in/.*\\.yaml$"),
		file: "deep/in/secret.yaml",
	},
	{
		name: "pattern does not see the folder of the configuration",
		config: regex("up/home"),
		file: "secret.yaml",
	},
	{
		name: "pattern sees an absolute path elsewhere",
		config: regex("^/.*/up/other/"),
		file: "../other/secret.yaml",
	},
	{
		name: "folder whose name goes on is elsewhere",
		config: regex("^/.*/up/home2/"),
		file: "../home2/secret.yaml",
	},
	{ name: "path is cleaned first", config: regex("^secret"), file: "a/../secret.yaml" },
	{ name: "flags of RE2", config: regex("(?i)^SECRET\\.YAML$") },
	{ name: "classes of RE2", config: regex("^[[:alpha:]]+\\.\\pL+\\z") },
	{ name: "quoting of RE2", config: regex("\\Qt.y\\E") },
	{ name: "named group of RE2", config: regex("^(?P<name>s)(?:ecret)") },
	{ name: "dot does not match a break", config: regex("^secret.yaml"), file: "secret\nyaml.yaml" },
	{ name: "pattern is a number", config: rules(`path_regex: 12, age: ${A}`, `age: ${B}`), file: "x12.yaml" },
	{ name: "pattern is true", config: rules(`path_regex: true, age: ${A}`, `age: ${B}`), file: "true.yaml" },
	{ name: "look-ahead", config: regex("secret(?!x)"), code: "config-invalid" },
	{
		name: "look-behind, reached",
		config: rules(`path_regex: ^other, age: ${A}`, `path_regex: '(?<=s)e', age: ${B}`),
		code: "config-invalid",
	},
	{ name: "back-reference, behind the match", config: rules(`age: ${A}`, `path_regex: '(a)\\1', age: ${B}`) },
	{ name: "bracket left open", config: regex("[a"), code: "config-invalid" },
	{ name: "repetition beyond 1000", config: regex("s{1001}"), code: "config-invalid" },
	{ name: "catastrophic elsewhere, linear here", config: regex("^(s+)+$"), file: `${"s".repeat(60)}!.yaml` },
	{ name: "JSON file", config: rules(`path_regex: json$, age: ${A}`), file: "secret.json" },
	{ name: "binary file", config: rules(`age: ${A}, encrypted_regex: x`), file: "secret.bin" },

	// YAML
	{ name: "anchors", config: `keys:\n  - &a ${A}\n  - &b ${B}\ncreation_rules:\n  - age: [*a, *b]\n` },
	{ name: "anchor of a rule", config: `x: &r {age: ${A}, encrypted_regex: x}\ncreation_rules:\n  - *r\n` },
	{
		name: "merge key",
		config: `x: &r {age: ${A}, encrypted_regex: x}\ncreation_rules:\n  - <<: *r\n    age: ${B}\n`,
	},
	{
		name: "merge of a list",
		config: `x: &r {age: ${A}}\ny: &s {age: ${B}, encrypted_regex: y}\ncreation_rules:\n  - <<: [*r, *s]\n`,
	},
	{
		name: "merge within a merge",
		config: `x: &r {age: ${A}}\ny: &s {<<: *r, encrypted_regex: y}\ncreation_rules:\n  - {<<: *s}\n`,
	},
	{
		name: "merge of null over a value",
		config: `x: &r {age: ${A}, encrypted_regex: x}\ncreation_rules:\n  - {encrypted_regex: ~, <<: *r}\n`,
	},
	{
		name: "merge of a text",
		config: `x: &r text\ncreation_rules:\n  - {<<: *r, age: ${A}}\n`,
		code: "config-invalid",
	},
	{
		name: "anchor in itself",
		config: "creation_rules:\n  - key_groups:\n    - &g {merge: [*g]}\n",
		code: "config-invalid",
	},
	{ name: "unknown anchor", config: "creation_rules:\n  - age: *a\n", code: "syntax-invalid" },
	{
		name: "JSON as YAML",
		config: JSON.stringify({ creation_rules: [{ age: [A, B], shamir_threshold: 0 }] }),
	},
	{ name: "several documents", config: `${age(A)}---\n${age(B)}` },
	{ name: "CRLF", config: age(A).replaceAll("\n", "\r\n") },
	{ name: "byte order mark", config: `\ufeff${age(A)}` },
	{ name: "tag of text", config: age(`!!str ${A}`) },
	{ name: "unknown tag", config: age(`!x ${A}`) },
	{ name: "syntax", config: "creation_rules: [\n", code: "syntax-invalid" },
	{ name: "root is a list", config: `- age: ${A}\n`, code: "config-invalid" },
	{ name: "root is a text", config: "creation_rules\n", code: "config-invalid" },
	{ name: "root is null", config: "~\n", code: "rule-not-found" },
	{ name: "rules are a mapping", config: `creation_rules: {age: ${A}}\n`, code: "config-invalid" },
	{ name: "rule is a text", config: "creation_rules: [x]\n", code: "config-invalid" },
	{ name: "field twice", config: rule(`age: ${A}`, `age: ${B}`), code: "config-invalid" },
	{
		name: "field twice, not reached",
		config: `${rule(`age: ${A}`)}  - {pgp: a, pgp: b}\n`,
		code: "config-invalid",
	},
	{
		name: "unknown fields",
		config: `more: {}\n${rule(`age: ${A}`, "encryped_regex: x", "note: [1, {a: b, a: c}]")}`,
	},
	{ name: "field in other letters", config: rule(`Age: ${A}`, `age: ${B}`) },
	{
		name: "merge key twice",
		config: `x: &r {age: ${A}}\ncreation_rules:\n  - {<<: *r, <<: *r}\n`,
		code: "config-invalid",
	},

	// Types
	{ name: "threshold in quotes", config: rule(`age: ${A}`, 'shamir_threshold: "2"'), code: "config-invalid" },
	{ name: "threshold is true", config: rule(`age: ${A}`, "shamir_threshold: true"), code: "config-invalid" },
	{
		name: "threshold is a float",
		config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: 2.7"),
	},
	{
		name: "threshold is hexadecimal",
		config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: 0x2"),
	},
	{ name: "threshold is null", config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: ~") },
	{ name: "MAC only: yes", config: rule(`age: ${A}`, "mac_only_encrypted: yes") },
	{ name: "MAC only: yes in quotes", config: rule(`age: ${A}`, 'mac_only_encrypted: "yes"') },
	{
		name: "MAC only: true in quotes",
		config: rule(`age: ${A}`, 'mac_only_encrypted: "true"'),
		code: "config-invalid",
	},
	{ name: "MAC only: 1", config: rule(`age: ${A}`, "mac_only_encrypted: 1"), code: "config-invalid" },
	{ name: "pattern is a list", config: rule("path_regex: [a]", `age: ${A}`), code: "config-invalid" },
	{
		name: "wrong type in a rule that is not reached",
		config: rules(`age: ${A}`, "hckms: x"),
		code: "config-invalid",
	},
	{ name: "wrong value in a rule that is not reached", config: rules(`age: ${A}`, "age: 12") },
	{
		name: "wrong type in a destination rule",
		config: `${age(A)}destination_rules: [{vault_kv_version: two}]\n`,
		code: "config-invalid",
	},

	// Selectors
	...[
		"unencrypted_suffix",
		"encrypted_suffix",
		"unencrypted_regex",
		"encrypted_regex",
		"unencrypted_comment_regex",
		"encrypted_comment_regex",
	].map((name) => ({ name, config: rule(`age: ${A}`, `${name}: _x$`) })),
	{
		name: "two selectors",
		config: rule(`age: ${A}`, "encrypted_regex: x", "unencrypted_suffix: y"),
		code: "config-invalid",
	},
	{
		name: "two selectors, one empty",
		config: rule(`age: ${A}`, "encrypted_regex: x", 'unencrypted_suffix: ""'),
	},
	{
		name: "two selectors, not reached",
		config: rules(`age: ${A}`, "encrypted_regex: x, encrypted_suffix: y"),
	},
	{
		name: "selector that RE2 refuses",
		config: rule(`age: ${A}`, "encrypted_regex: (?=x)"),
		code: "config-invalid",
		differs: "0018",
	},
	{ name: "suffix that is no pattern", config: rule(`age: ${A}`, "encrypted_suffix: '[('") },

	// Key groups
	{ name: "two groups", config: groups([[`age: [${A}]`], [`age: [${B}, ${C}]`]]) },
	{
		name: "two of three groups",
		config: groups([[`age: [${A}]`], [`age: [${B}]`], [`age: [${C}]`]], "shamir_threshold: 2"),
	},
	{
		name: "three of two groups",
		config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: 3"),
		code: "config-invalid",
		differs: "command",
	},
	{
		name: "one of two groups",
		config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: 1"),
		code: "config-invalid",
		differs: "command",
	},
	{
		name: "negative threshold",
		config: groups([[`age: [${A}]`], [`age: [${B}]`]], "shamir_threshold: -2"),
		code: "config-invalid",
		differs: "command",
	},
	{ name: "threshold without groups", config: rule(`age: ${A}`, "shamir_threshold: 2") },
	{ name: "one group", config: groups([[`age: [${A}, ${B}]`]]) },
	{ name: "group of comma texts", config: groups([[`age: ["${A}, ${B}", ""]`]]) },
	{ name: "group of null", config: groups([[`age: [~, ${A}]`], ["~"]]) },
	{ name: "group without keys", config: groups([[`age: [${A}]`], ["age: []"]]) },
	{ name: "groups beside shorthand", config: groups([[`age: [${B}]`]], `age: ${A}`, "pgp: 12") },
	{ name: "empty groups beside shorthand", config: rule(`age: ${A}`, "key_groups: []") },
	{ name: "equal keys in a group", config: groups([[`age: [${A}, ${B}, ${A}]`], [`age: [${A}]`]]) },
	{
		name: "merged groups",
		config: groups([
			[
				"merge:",
				`  - age: [${B}]`,
				"    merge:",
				`      - age: [${C}]`,
				`  - age: [${B}, ${A}]`,
				`age: [${A}]`,
			],
		]),
	},
	{ name: "group with a text for a list", config: groups([[`age: ${A}`]]), code: "config-invalid" },
	{ name: "group is a list", config: groups([[`- age: ${A}`]]), code: "config-invalid" },
	{
		name: "group with unknown fields",
		config: groups([[`age: [${A}]`, `gpg: [${FP}]`, `hc_vault_transit_uri: ${VAULT}`]]),
	},

	// The other types, in lists
	{
		name: "all types in lists, in the order of the reference",
		config: rule(
			`hc_vault_transit_uri: ${VAULT}`,
			`azure_keyvault: ${AZURE}`,
			"hckms: [cn-north-1:1234]",
			`gcp_kms: ${GCP}`,
			`kms: ${ARN}`,
			`pgp: ${FP}`,
			`age: ${A}`,
		),
	},
	{ name: "pgp: blanks", config: rule(`pgp: "85D7 7543 B3D6 24B6 3CEA  9E6D BC17 301B 491B 3F21, ${FP}!"`) },
	{
		name: "pgp: digits only",
		config: rule("pgp: 1234567890123456789012345678901234567890"),
		code: "config-invalid",
	},
	{ name: "pgp: empty item", config: rule(`pgp: ["", ${FP}]`), code: "config-invalid", differs: "0018" },
	{ name: "kms: role", config: rule(`kms: ${ARN}+${ROLE},${ARN}`) },
	{ name: "kms: plus that is no role", config: rule(`kms: "+arn:x, ${ARN}+x, a + arn:b"`) },
	{ name: "kms: profile", config: rule(`kms: ${ARN}`, "aws_profile: prod") },
	{ name: "kms: context of the caller", config: rule(`kms: ${ARN}`), kmsContext: { b: "2", a: "1" } },
	{ name: "gcp_kms: blanks", config: rule(`gcp_kms: ["${GCP} , p q", r]`) },
	{ name: "hckms: list", config: rule('hckms: [" cn-north-1:1234 , a:b:c", ~, "", " c : d "]') },
	{ name: "hckms: text", config: rule("hckms: cn-north-1:1234"), code: "config-invalid" },
	{ name: "hckms: no region", config: rule('hckms: [":1234"]'), code: "config-invalid" },
	{ name: "hckms: no colon", config: rule("hckms: [cn-north-1]"), code: "config-invalid" },
	{ name: "azure_keyvault: several", config: rule(`azure_keyvault: "${AZURE} , https://x:8443/keys/K/v"`) },
	{ name: "azure_keyvault: http", config: rule("azure_keyvault: http://x/keys/k/v"), code: "config-invalid" },
	{
		name: "azure_keyvault: more behind",
		config: rule("azure_keyvault: https://x/keys/k/v/w"),
		code: "config-invalid",
	},
	{
		name: "hc_vault_transit_uri: engine with slashes",
		config: rule("hc_vault_transit_uri: https://v/v1/a/b/c/keys/k"),
	},
	{
		name: "hc_vault_transit_uri: address as typed",
		config: rule("hc_vault_transit_uri: HTTPS://Vault.Example.COM:443/v1/transit/keys/K/"),
	},
	{ name: "hc_vault_transit_uri: IPv6", config: rule('hc_vault_transit_uri: "http://[::1]:8200/v2/t/x/k"') },
	{
		name: "hc_vault_transit_uri: user and password",
		config: rule("hc_vault_transit_uri: https://us%40er:p%3Aw@v/v1/t/keys/k"),
	},
	{
		name: "hc_vault_transit_uri: escapes",
		config: rule('hc_vault_transit_uri: "https://v/v1/t%20é/keys/k (1)"'),
	},
	{ name: "hc_vault_transit_uri: dots", config: rule("hc_vault_transit_uri: https://v/v1/a/../b/./keys/k") },
	{
		name: "hc_vault_transit_uri: blank behind the comma",
		config: rule(`hc_vault_transit_uri: ["${VAULT}, ${VAULT}"]`),
		code: "config-invalid",
	},
	{
		name: "hc_vault_transit_uri: trimmed in a text",
		config: rule(`hc_vault_transit_uri: "${VAULT}, ${VAULT} ,"`),
	},
	{
		name: "hc_vault_transit_uri: prefix",
		config: rule("hc_vault_transit_uri: https://v/x/v1/t/keys/k"),
		code: "config-invalid",
	},
	{
		name: "hc_vault_transit_uri: no scheme",
		config: rule("hc_vault_transit_uri: vault/v1/t/keys/k"),
		code: "config-invalid",
	},
	{
		name: "hc_vault_transit_uri: too short",
		config: rule("hc_vault_transit_uri: https://v/v1/t/k"),
		code: "config-invalid",
	},
	{
		name: "hc_vault_transit_uri: query",
		config: rule("hc_vault_transit_uri: https://v/v1/t/keys/k?x=1"),
		code: "config-invalid",
		differs: "0019",
	},
	{
		name: "hc_vault_transit_uri: no host",
		config: rule("hc_vault_transit_uri: https:///v1/t/keys/k"),
		code: "config-invalid",
		differs: "0019",
	},

	// The other types, in groups
	{
		name: "all types in a group, in the order of the reference",
		config: groups([
			[
				`hc_vault: [${VAULT}]`,
				`azure_keyvault: [{vaultUrl: "https://x/", key: k, version: v}]`,
				"hckms: [{key_id: cn-north-1:1234}]",
				`gcp_kms: [{resource_id: "${GCP} "}]`,
				`kms: [{arn: ${ARN}, role: ${ROLE}, context: {b: 2, a: one}, aws_profile: prod}]`,
				`pgp: ["85D7 7543"]`,
				`age: [${A}]`,
			],
		]),
	},
	{
		name: "kms in a group is verbatim",
		config: groups([[`kms: [{arn: "${ARN} +${ROLE}"}, {arn: 12, context: {}, role: ~}]`]]),
	},
	{
		name: "kms in a group: equal but for the context",
		config: groups([
			[
				`kms: [{arn: a, context: {x: y}}, {arn: a}, {arn: a, aws_profile: "x:y"}, {arn: a, context: {x: y}, role: ""}]`,
			],
		]),
	},
	{
		name: "kms in a group: null in the context",
		config: groups([[`kms: [{arn: ${ARN}, context: {a: ~}}]`]]),
		code: "config-invalid",
	},
	{ name: "kms in a group: text", config: groups([[`kms: [${ARN}]`]]), code: "config-invalid" },
	{
		name: "kms in a group: no ARN",
		config: groups([["kms: [{role: x}]"]]),
		code: "config-invalid",
		differs: "0018",
	},
	{
		name: "pgp in a group: comma text",
		config: groups([[`pgp: ["${FP},${FP}"]`]]),
		code: "config-invalid",
		differs: "0018",
	},
	{ name: "hckms in a group: bad", config: groups([["hckms: [{key_id: x}]"]]), code: "config-invalid" },
	{ name: "hc_vault in a group: empty", config: groups([['hc_vault: [""]']]), code: "config-invalid" },
	{ name: "hc_vault in a group: text", config: groups([[`hc_vault: ${VAULT}`]]), code: "config-invalid" },

	// Stores
	{
		name: "stores",
		config: `${age(A)}stores: {yaml: {indent: 2}, json: {indent: 0}, json_binary: {indent: 3}, dotenv: {}, ini: {x: 1}}\n`,
	},
	{
		name: "stores: nothing",
		config: `${age(A)}stores: {yaml: {indent: 0}, json: ~, json_binary: {indent: ~}}\n`,
	},
	{ name: "stores: tab", config: `${age(A)}stores: {json: {indent: -1}}\n`, file: "secret.json" },
	{ name: "stores: text", config: `${age(A)}stores: {yaml: {indent: two}}\n`, code: "config-invalid" },
	{
		name: "stores: negative",
		config: `${age(A)}stores: {yaml: {indent: -1}}\n`,
		code: "config-invalid",
		differs: "command",
	},

	// Destinations
	...[
		["s3", "{s3_bucket: b, s3_prefix: p/}"],
		["gcs", "{gcs_bucket: b, gcs_prefix: p/, omit_extensions: on}"],
		["vault", "{vault_path: p/, vault_address: https://v, vault_kv_mount_name: m/, vault_kv_version: 1}"],
		["vault with defaults", "{vault_path: p/}"],
		[
			"recreation",
			`{path_regex: secret, s3_bucket: b, recreation_rule: {age: "${A},${B}", encrypted_regex: x}}`,
		],
	].map(([name, text]) => ({
		name: `destination: ${name}`,
		config: `destination_rules: [${text}]\n`,
		destination: true,
	})),
	{
		name: "destination: two",
		config: "destination_rules: [{s3_bucket: b, gcs_bucket: b}]\n",
		destination: true,
		code: "config-invalid",
	},
];
