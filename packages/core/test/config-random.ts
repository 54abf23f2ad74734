import type { Random } from "../../../tools/fuzz/random.ts";
import { A, B, C } from "../../../tools/vectors/config-cases.mjs";
import type { Question } from "./config-answer.ts";

const PATTERNS = [
	"secret",
	"^secret",
	"yaml$",
	"(?i)SECRET",
	"a|b",
	"[a-c]/",
	"\\.json",
	"(?!x)",
	"[",
	"^/",
	"",
	"x{2,1}",
	"\\d\\.",
	"up/",
];
const FILES = ["secret.yaml", "a/secret.yaml", "b/c/x.json", "../other/secret.yaml", "12.env", "SECRET"];
const SCALARS = [
	"~",
	"",
	"true",
	"yes",
	'"yes"',
	"1",
	"2",
	"3",
	"2.5",
	'"2"',
	"-1",
	"0x2",
	"1e1",
	"text",
	"2020-01-01",
	"!!str 2",
	"[]",
	"{}",
	"!!int x",
];
const VAULTS = [
	"https://v/v1/t/keys/k",
	"HTTP://Vault:0443/v1/a/b/keys/k/",
	"https://v/v1/t/k",
	"https://v/x/v1/t/keys/k",
	"https://v/v1//t//keys//k",
	"https://v/v1/a/v2/b/c/d",
	"https://v/v12/a/./../../b/keys/k",
	"https://v/v1/t é/keys/k%41",
	"https://u:p@v:8200/v1/t/keys/k",
	"https://u%2Fx:p!w@v/v1/t/x/k",
	"https://[::1]:8200/v1/t/keys/k+1",
	"https://v/v1/t/keys/%zz",
	"https://v:port/v1/t/keys/k",
	"v/v1/t/keys/k",
	" https://v/v1/t/keys/k",
	"https://v/v1/t/keys/k ",
	"1https://v/v1/t/keys/k",
	"https://v/v1/[t]/keys/(k)!*'",
	"https://v/v1/t/keys/k;a=b@c$d&e",
	"https://v/v1/t/keys/k<x>",
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
	age: [A, B, C, ` ${A} `, `${A},${B}`, `${A}\u00a0`, "someone", `${A}, ${A}`],
	pgp: ["85D7 7543", "0xAB", "ab,cd", " x\ty "],
	kms: ["arn:aws:kms:x:1:key/a", "arn:a+arn:b", " arn:a + arn:b+arn:c", "+arn:x", "a,b"],
	gcp_kms: ["projects/p", " a b ", "x,y"],
	hckms: ["r:k", " r : k ", "r", ":k", "r:k, s:l,,", "a:b:c"],
	azure_kv: [
		"https://x/keys/k/v",
		" https://x:1/keys/k/v ",
		"http://x/keys/k/v",
		"https://x/keys//v",
		"https://x/y/keys/k/v",
		"https://x/keys/k/v,https://y/keys/l/w",
	],
	hc_vault: [...VAULTS, `${VAULTS[0]!},${VAULTS[1]!}`],
};
const RULE_FIELDS: readonly (readonly [string, string])[] = [
	["age", "age"],
	["pgp", "pgp"],
	["kms", "kms"],
	["gcp_kms", "gcp_kms"],
	["hckms", "hckms"],
	["azure_keyvault", "azure_kv"],
	["hc_vault_transit_uri", "hc_vault"],
];
const SELECTORS = [
	"unencrypted_suffix",
	"encrypted_suffix",
	"unencrypted_regex",
	"encrypted_regex",
	"unencrypted_comment_regex",
	"encrypted_comment_regex",
];

/** Sound more often than not: the first two of each type are. */
const oneOf = (random: Random, type: string): string =>
	random.chance(65) ? VALUES[type]![random.int(2)]! : random.pick(VALUES[type]!);

const quoted = (text: string): string => JSON.stringify(text);

/** A configuration in flow style, most of them sound, and a path to ask about. */
export function randomQuestion(random: Random): Question {
	const rules = Array.from({ length: 1 + random.int(3) }, () => rule(random));
	const anchor = random.chance(15)
		? `x: &r {age: ${quoted(A)}, encrypted_regex: x, shamir_threshold: 0}\n`
		: "";
	const merged =
		anchor === "" ? rules : rules.map((text) => (random.chance(50) ? text.replace("{", "{<<: *r, ") : text));
	const stores = random.chance(10)
		? `stores: {yaml: {indent: ${random.pick(["2", "~", "4.5", "0"])}}}\n`
		: "";
	return {
		config: `${anchor}creation_rules:\n${merged.map((text) => `  - ${text}\n`).join("")}${stores}`,
		file: random.pick(FILES),
		...(random.chance(10) && { kmsContext: { b: "1", a: "2" } }),
	};
}

function rule(random: Random): string {
	const fields: string[] = [];
	if (random.chance(70)) fields.push(`path_regex: ${quoted(random.pick(PATTERNS))}`);
	if (random.chance(30)) fields.push(`key_groups: ${groups(random)}`);
	for (const [field, type] of RULE_FIELDS)
		if (random.chance(18)) fields.push(`${field}: ${list(random, type, field === "hckms")}`);
	if (random.chance(10)) fields.push("aws_profile: prod");
	if (random.chance(15))
		fields.push(
			`shamir_threshold: ${random.chance(70) ? random.pick(["0", "1", "2", "3", "2.0"]) : random.pick(SCALARS)}`,
		);
	if (random.chance(15))
		fields.push(
			`mac_only_encrypted: ${random.chance(70) ? random.pick(["true", "false", "on", "no"]) : random.pick(SCALARS)}`,
		);
	for (const name of SELECTORS)
		if (random.chance(8))
			fields.push(
				`${name}: ${random.chance(70) ? quoted(random.pick(["x", "_s$", "^a|b"])) : random.pick(SCALARS)}`,
			);
	if (random.chance(5)) fields.push(`unknown: ${random.pick(SCALARS)}`);
	if (random.chance(3)) fields.push(random.pick(fields.length > 0 ? fields : ["age: ~"]));
	return `{${fields.join(", ")}}`;
}

function list(random: Random, type: string, listOnly: boolean): string {
	if (random.chance(3)) return random.pick(SCALARS);
	const values = Array.from({ length: 1 + random.int(2) }, () => oneOf(random, type));
	if (listOnly || random.chance(50)) {
		const items = values.map((value) => (random.chance(3) ? random.pick(SCALARS) || "~" : quoted(value)));
		return `[${items.join(", ")}]`;
	}
	return quoted(values.join(random.pick([",", ", ", " ,", ",,"])));
}

function groups(random: Random): string {
	const all = Array.from({ length: random.int(4) }, () => group(random, 0));
	return `[${all.map((text) => (random.chance(3) ? "~" : text)).join(", ")}]`;
}

function group(random: Random, depth: number): string {
	const fields: string[] = [];
	if (depth < 3 && random.chance(20))
		fields.push(`merge: [${group(random, depth + 1)}, ${group(random, depth + 1)}]`);
	// Not `{}`: the version of such an Azure key would be looked up over the network.
	const odd = SCALARS.filter((text) => text !== "{}" && text !== "");
	const items = (value: () => string): string =>
		`[${Array.from({ length: 1 + random.int(3) }, () => (random.chance(3) ? random.pick(odd) : value())).join(", ")}]`;
	for (const [field, type] of [
		["age", "age"],
		["pgp", "pgp"],
		["hc_vault", "hc_vault"],
	] as const)
		if (random.chance(30)) fields.push(`${field}: ${items(() => quoted(oneOf(random, type)))}`);
	if (random.chance(20)) {
		const context = () =>
			random.pick([
				"",
				", context: {}",
				", context: {a: b, c: 1}",
				", context: {c: 1, a: b}",
				", context: ~",
			]);
		fields.push(
			`kms: ${items(() => `{arn: ${random.pick(["a", "b +arn:c", "1"])}, role: ${random.pick(["~", "r"])}, aws_profile: ${random.pick(["~", "p"])}${context()}}`)}`,
		);
	}
	if (random.chance(15))
		fields.push(`gcp_kms: ${items(() => `{resource_id: ${random.pick(["a", "b c", "1.50"])}}`)}`);
	if (random.chance(15)) fields.push(`hckms: ${items(() => `{key_id: ${quoted(oneOf(random, "hckms"))}}`)}`);
	if (random.chance(15))
		fields.push(
			`azure_keyvault: ${items(() => `{vaultUrl: ${random.pick(['"https://x/"', "y"])}, key: k, version: ${random.pick(["v", "1.0"])}}`)}`,
		);
	if (random.chance(3)) fields.push(`x: ${random.pick(SCALARS)}`);
	return `{${fields.join(", ")}}`;
}
