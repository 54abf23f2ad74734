import { describe, expect, it } from "vitest";
import { A, B, C } from "../../../tools/vectors/config-cases.mjs";
import { age } from "../../age/src/index.ts";
import { testedPath } from "../src/config/tested-path.ts";
import {
	bindKeyGroups,
	encryptDocument,
	type Finding,
	isSopsError,
	type KeyProvider,
	type KeyRef,
	type KeyType,
	parseConfig,
	parseKeyList,
	resolveRule,
	SopsError,
} from "../src/index.ts";
import { anyone } from "./config-answer.ts";
import { misused } from "./refusal.ts";

const CANARY = "hunter2-canary";

function refused(run: () => unknown): SopsError {
	try {
		run();
	} catch (thrown) {
		if (isSopsError(thrown)) return thrown;
		throw thrown;
	}
	throw new Error("nothing was refused");
}

const told = (findings: readonly Finding[]) =>
	findings.map(({ code, path }) => `${code} ${(path ?? []).join("/")}`);

describe("a rule that cannot be used", () => {
	const place = (config: string, path = "x.yaml") => refused(() => resolveRule(parseConfig(config), path));
	const second = (text: string) => `creation_rules: [{path_regex: ^y, age: ${A}}, {${text}}]`;

	it.each([
		["two selectors", "encrypted_regex: a, encrypted_suffix: b", "encrypted_regex"],
		["a path pattern that RE2 refuses", "path_regex: 'x(?!y)'", "path_regex"],
		["a selector that RE2 refuses", "unencrypted_regex: '(a)\\1'", "unencrypted_regex"],
		["a value that names no key", "azure_keyvault: nowhere", "azure_keyvault"],
		["a number for a fingerprint", "pgp: 1234567890", "pgp"],
		["a number in a list", "age: [1]", "age/0"],
		[
			"a threshold above the groups",
			`shamir_threshold: 3, key_groups: [{age: [${A}]}, {age: [${B}]}]`,
			"shamir_threshold",
		],
		[
			"a threshold below two",
			`shamir_threshold: 1, key_groups: [{age: [${A}]}, {age: [${B}]}]`,
			"shamir_threshold",
		],
		[
			"a key in a group",
			"key_groups: [{}, {merge: [{hckms: [{key_id: x}]}]}]",
			"key_groups/1/merge/0/hckms/0",
		],
	])("%s: the error names rule and field", (_, text, field) => {
		const error = place(second(text));
		expect(error).toMatchObject({ code: "config-invalid" });
		expect((error as SopsError<"config-invalid">).details.path.join("/")).toBe(`creation_rules/1/${field}`);
		const [last] = field.split("/");
		expect(error.message).toContain(`creation_rules[1].${last}`);
	});

	it("does no harm to files that another rule takes", () => {
		const config = parseConfig(second("encrypted_regex: a, encrypted_suffix: b, path_regex: '('"));
		expect(resolveRule(config, "y.yaml").index).toBe(0);
		expect(config.creationRules?.[1]?.problems.map(({ path }) => path.at(-1))).toEqual([
			"path_regex",
			"encrypted_regex",
		]);
	});

	it("is told with the file where that is known", () => {
		const config = parseConfig(second("age: nobody"), { path: "/repo/.sops.yaml" });
		expect(refused(() => resolveRule(config, "/repo/x.yaml")).message).toMatch(
			/^\/repo\/\.sops\.yaml cannot be used: creation_rules\[1\]\.age /,
		);
	});

	it("an identity in the place of a recipient is said to be one", () => {
		expect(place("creation_rules: [{age: AGE-SECRET-KEY-1QQQ}]").message).toMatch(/identity.*secret/);
	});
});

describe("no value of a configuration is repeated", () => {
	const VALUES = [
		`https://user:${CANARY}@vault/x/v1/t/keys/k`,
		`https://user:${CANARY}@vault/v1/t/keys/k?x`,
		`AGE-SECRET-KEY-${CANARY}`,
		`${CANARY}`,
		`"${CANARY}, ,"`,
		`{a: ${CANARY}}`,
		`[{a: ${CANARY}}]`,
		`!!int ${CANARY}`,
		`!!binary ${CANARY}`,
		`"${CANARY}\\u0001"`,
	];
	const FIELDS = [
		"age",
		"pgp",
		"kms",
		"gcp_kms",
		"hckms",
		"azure_keyvault",
		"hc_vault_transit_uri",
		"key_groups",
		"shamir_threshold",
		"mac_only_encrypted",
		"aws_profile",
	];
	const GROUP_FIELDS = ["merge", "age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault"];

	it("in errors and findings", () => {
		let count = 0;
		const check = (config: string) => {
			let said: unknown[] = [];
			try {
				const parsed = parseConfig(config);
				said = parsed.findings.map(({ message }) => message);
				bindKeyGroups(resolveRule(parsed, "x").keyGroups, []);
			} catch (thrown) {
				if (!isSopsError(thrown)) throw thrown;
				said.push(thrown.message, JSON.stringify(thrown.details));
				count++;
			}
			expect(said.join("\n"), config).not.toContain(CANARY);
		};
		for (const value of VALUES) {
			for (const field of FIELDS) check(`creation_rules:\n  - ${field}: ${value}\n`);
			for (const field of FIELDS) check(`creation_rules:\n  - ${field}: [${value}]\n`);
			for (const field of GROUP_FIELDS)
				check(`creation_rules:\n  - key_groups:\n    - ${field}: [${value}]\n`);
			for (const field of ["yaml", "json"]) check(`stores:\n  ${field}:\n    indent: ${value}\n`);
			check(`creation_rules:\n  - ${value}\n`);
			check(`stores: ${value}\n`);
		}
		expect(count).toBeGreaterThan(200);
	});

	it("an address with credentials is a finding", () => {
		const config = parseConfig(
			`creation_rules: [{hc_vault_transit_uri: "https://me:${CANARY}@v/v1/t/keys/k"}]`,
		);
		expect(told(config.findings)).toEqual(["credentials-in-address creation_rules/0/hc_vault_transit_uri"]);
	});
});

describe("findings", () => {
	const found = (text: string) => told(parseConfig(text).findings);

	it("fields that nothing reads, anywhere", () => {
		const text = `
creation_rules:
  - age: ${A}
    encrypted-regex: x
    key_groups: [{ages: [], kms: [{ARN: x, arn: y}]}]
destination_rules: [{bucket: b, recreation_rule: {mac_only: true}}]
stores: {yaml: {indents: 2}, toml: {}}
creation_rule: []
`;
		expect(found(text)).toEqual([
			"config-field-unknown creation_rule",
			"config-field-unknown creation_rules/0/encrypted-regex",
			"config-field-unknown creation_rules/0/key_groups/0/ages",
			"config-field-unknown creation_rules/0/key_groups/0/kms/0/ARN",
			"config-part-ignored creation_rules/0/age",
			"config-field-unknown destination_rules/0/bucket",
			"config-field-unknown destination_rules/0/recreation_rule/mac_only",
			"config-field-unknown stores/toml",
			"config-field-unknown stores/yaml/indents",
		]);
		const messages = parseConfig(text).findings.map(({ message }) => message);
		expect(messages[0]).toContain("creation_rules may be meant");
		expect(messages[1]).toContain("encrypted_regex may be meant");
	});

	it("typing errors are told with what may be meant", () => {
		const meant = (name: string) =>
			/; (\w+) may be meant/.exec(parseConfig(`creation_rules: [{${name}: x}]`).findings[0]!.message)?.[1];
		expect(meant("encripted_regex")).toBe("encrypted_regex");
		expect(meant("unencryptedSuffix")).toBe("unencrypted_suffix");
		expect(meant("keygroup")).toBe("key_groups");
		expect(meant("something")).toBeUndefined();
		expect(meant("agx")).toBeUndefined();
	});

	it("fields that hold anchors for others are in order", () => {
		expect(
			found(`keys: [&a ${A}]\nx: {y: [&b {age: ${B}}]}\nz: &c ${C}\ncreation_rules: [{age: *a}, *b]\n`),
		).toEqual(["config-field-unknown z", "rule-unreachable creation_rules/1"]);
	});

	it("rules that nothing reaches", () => {
		expect(
			found("creation_rules: [{path_regex: a}, {path_regex: b}, {path_regex: a}, {}, {path_regex: c}]"),
		).toEqual(["rule-unreachable creation_rules/2", "rule-unreachable creation_rules/4"]);
	});

	it("overlaps at the path that is asked about, but not with the rule for the rest", () => {
		const config = parseConfig(
			"creation_rules: [{path_regex: ^x}, {path_regex: y, z: 1}, {path_regex: '(', z: 1}, {z: 2}]",
		);
		expect(told(resolveRule(config, "xy").findings)).toEqual(["rules-overlap creation_rules/1"]);
		expect(told(resolveRule(config, "x").findings)).toEqual([]);
		expect(told(resolveRule(config, "y").findings)).toEqual(["config-field-unknown creation_rules/1/z"]);
	});

	it("a threshold without groups, and documents behind the first", () => {
		const config = parseConfig(`creation_rules: [{age: ${A}, shamir_threshold: 2}]\n---\nx: 1\n`);
		expect(told(config.findings)).toEqual([
			"config-part-ignored creation_rules/0/shamir_threshold",
			"config-part-ignored ",
		]);
		expect(resolveRule(config, "x").options).toEqual({ macOnlyEncrypted: false });
	});
});

describe("resolveRule", () => {
	const config = parseConfig(`creation_rules: [{path_regex: ^a/, age: ${A}}, {path_regex: ^b/, age: ${B}}]`, {
		path: "/repo/.sops.yaml",
	});

	it("says why earlier rules do not apply", () => {
		const rule = resolveRule(config, "/repo/b/x.yaml");
		expect(rule).toMatchObject({ index: 1, path: "b/x.yaml" });
		expect(rule.passed).toEqual([{ rule: 0, reason: "its path_regex does not match b/x.yaml" }]);
	});

	it("no rule: the error has the path and every rule", () => {
		const error = refused(() => resolveRule(config, "/elsewhere/b/x.yaml")) as SopsError<"rule-not-found">;
		expect(error.code).toBe("rule-not-found");
		expect(error.details.path).toBe("/elsewhere/b/x.yaml");
		expect(error.details.passed.map(({ rule }) => rule)).toEqual([0, 1]);
		expect(error.message).toContain("/repo/.sops.yaml");
	});

	it("tests the path without the folder of the configuration, as text", () => {
		expect(testedPath("/repo/a/x", "/repo/.sops.yaml")).toBe("a/x");
		expect(testedPath("/repo2/a/x", "/repo/.sops.yaml")).toBe("/repo2/a/x");
		expect(testedPath("a/x", "/repo/.sops.yaml")).toBe("a/x");
		expect(testedPath("./a//../b/./x", "/repo/.sops.yaml")).toBe("b/x");
		expect(testedPath("../other/x", "/repo/.sops.yaml")).toBe("/other/x");
		expect(testedPath("/repo/../repo/x", "/repo/.sops.yaml")).toBe("x");
		expect(testedPath("x", "/.sops.yaml")).toBe("/x");
		expect(testedPath("./a/x", undefined)).toBe("a/x");
		expect(testedPath("/a/x", "/.sops.yaml")).toBe("/a/x");
		expect(testedPath("C:\\repo\\a\\x", "C:\\repo\\.sops.yaml")).toBe("a\\x");
		expect(testedPath("C:\\a\\x", "C:\\.sops.yaml")).toBe("C:\\a\\x");
		expect(testedPath("/repo\\b/x", "/repo\\b/.sops.yaml")).toBe("x");
		expect(testedPath("/repo/a/x", undefined)).toBe("/repo/a/x");
	});

	it("misuse is told apart", async () => {
		for (const path of ["", 1, null, undefined]) {
			await misused(() => resolveRule(config, path as never), "argument-invalid");
		}
		for (const wrong of [null, undefined, "x", {}]) {
			await misused(() => resolveRule(wrong as never, "x"), "argument-invalid");
		}
		await misused(() => parseConfig(1 as never), "argument-invalid");
		await misused(() => parseConfig("", { paths: "x" } as never), "option-unknown");
		await misused(() => parseConfig("", { encryptionContext: { a: 1 } } as never), "argument-invalid");
		await misused(() => parseConfig("", { keyTypes: [{}] } as never), "argument-invalid");
	});
});

describe("hostile configurations", () => {
	it("aliases of aliases end at a limit", () => {
		const merges = Array.from(
			{ length: 8 },
			(_, i) => `m${i + 1}: &m${i + 1} {merge: [${`*m${i}, `.repeat(20)}]}\n`,
		).join("");
		const bomb = `m0: &m0 {age: [${A}]}\n${merges}creation_rules: [{key_groups: [*m8]}]\n`;
		expect(refused(() => parseConfig(bomb)).code).toBe("alias-limit-exceeded");
	});

	it("deep nesting is refused, not crashed on", () => {
		const deep = (n: number) =>
			`creation_rules: [{key_groups: [${"{merge: [".repeat(n)}{}${"]}".repeat(n)}]}]`;
		expect(parseConfig(deep(50)).creationRules).toHaveLength(1);
		expect(refused(() => parseConfig(deep(2000))).code).toBe("config-invalid");
		expect(refused(() => parseConfig(`x: ${"[".repeat(20_000)}`)).code).toMatch(
			/depth-exceeded|syntax-invalid/,
		);
	});

	it("long chains of merge keys are refused, not crashed on", () => {
		const chain = (n: number) =>
			`m0: &m0 {age: ${A}}\n${Array.from({ length: n }, (_, i) => `m${i + 1}: &m${i + 1} {<<: *m${i}}\n`).join("")}creation_rules: [*m${n}]\n`;
		expect(resolveRule(parseConfig(chain(50)), "x").keyGroups.flat()).toHaveLength(1);
		expect(refused(() => parseConfig(chain(20_000))).code).toBe("config-invalid");
		expect(refused(() => parseConfig("creation_rules: [&m {<<: *m}]")).code).toBe("config-invalid");
	});

	it("names of JavaScript are names like any other", () => {
		const config = parseConfig(
			"__proto__: {polluted: 1}\ncreation_rules: [{constructor: 1, key_groups: [{kms: [{arn: a, context: {__proto__: x, toString: y}}]}]}]",
		);
		expect(config.findings.map(({ path }) => path?.at(-1))).toEqual(["__proto__", "constructor"]);
		const [[key]] = resolveRule(config, "x").keyGroups as [[KeyRef]];
		expect(Object.entries(key.fields.context!)).toEqual([
			["__proto__", "x"],
			["toString", "y"],
		]);
		expect(key.id).toBe("a|__proto__:x,toString:y");
	});
});

describe("bindKeyGroups", () => {
	const groups = resolveRule(
		parseConfig(
			`creation_rules: [{key_groups: [{age: [${A}], kms: [{arn: a}]}, {hckms: [{key_id: "r:k"}], pgp: [F], gcp_kms: [{resource_id: r}], azure_keyvault: [{vaultUrl: u, key: k}], hc_vault: ["https://v/v1/t/keys/k"]}]}]`,
		),
		"x",
	).keyGroups;

	it("names the package to install for what nobody answers for, and nothing else", () => {
		const error = refused(() => bindKeyGroups(groups, [age()])) as SopsError<"provider-missing">;
		expect(error.code).toBe("provider-missing");
		expect(error.details.missing).toEqual([
			{ type: "kms", group: 0, key: 1, package: "@sopskit/aws-kms" },
			{ type: "pgp", group: 1, key: 0, package: "@sopskit/pgp" },
			{ type: "gcp_kms", group: 1, key: 1, package: "@sopskit/gcp-kms" },
			{ type: "hckms", group: 1, key: 2 },
			{ type: "azure_kv", group: 1, key: 3, package: "@sopskit/azure-keyvault" },
			{ type: "hc_vault", group: 1, key: 4, package: "@sopskit/hc-vault" },
		]);
		expect(error.message).toContain("install @sopskit/aws-kms");
		expect(refused(() => bindKeyGroups([groups[0]!], [])).message).toContain("install @sopskit/age");
	});

	it("misuse is told apart", async () => {
		for (const [wrong, providers] of [
			[undefined, [anyone]],
			[["x"], [anyone]],
			[groups, anyone],
			[groups, [{}]],
			[groups, undefined],
		]) {
			await misused(() => bindKeyGroups(wrong as never, providers as never), "argument-invalid");
		}
	});

	it("takes the first provider that can encrypt", () => {
		const reader: KeyProvider = {
			name: "reader",
			masterKey: (ref) => ({ ref, unwrap: async () => ({ notMine: "" }) }),
		};
		const other: KeyProvider = {
			...anyone,
			masterKey: (ref) => (ref.type === "kms" ? { ref, wrap: async () => "other" } : undefined),
		};
		const bound = bindKeyGroups(groups, [reader, other, anyone]);
		expect(bound.map((group) => group.map((key) => key.ref.type))).toEqual(
			groups.map((group) => group.map((ref) => ref.type)),
		);
		expect(bound[0]![1]!.ref).toBe(groups[0]![1]);
		expect(refused(() => bindKeyGroups(groups, [reader])).code).toBe("provider-missing");
	});

	it("encrypts with what a rule says", async () => {
		const config = parseConfig(
			`creation_rules: [{age: ${A}, encrypted_regex: ^secret$}]\nstores: {yaml: {indent: 2}}\n`,
		);
		const rule = resolveRule(config, "x.yaml");
		const { text } = await encryptDocument("public: 1\nnested:\n    secret: 2\n", {
			format: "yaml",
			keyGroups: bindKeyGroups(rule.keyGroups, [age()]),
			...rule.options,
			...rule.stores.yaml,
		});
		expect(text).toMatch(/^public: 1\nnested:\n {2}secret: ENC\[.*type:int\]\nsops:\n/);
		expect(text).toContain("encrypted_regex: ^secret$");
	});
});

describe("key types of others", () => {
	const type: KeyType = {
		type: "hsm",
		timestamped: true,
		fromFields: (fields) => ({ type: "hsm", id: String(fields.slot), fields }),
		rules: {
			ruleField: "hsm",
			groupField: "hsm",
			item: [{ name: "slot" }],
			fromList: (text) => text.split(",").map((slot) => ({ slot })),
			fromItem: (item) => {
				if (typeof item !== "string" && item.slot !== undefined) return [{ slot: item.slot }];
				throw new SopsError("key-invalid", "no slot", { type: "hsm", reason: "has no slot" });
			},
		},
	};
	const ids = (text: string, keyTypes: readonly KeyType[]) =>
		resolveRule(parseConfig(text, { keyTypes }), "x").keyGroups.map((group) => group.map(({ id }) => id));

	it("are read where they bring a syntax, behind those of SOPS", () => {
		expect(ids(`creation_rules: [{hsm: "1, 2", age: ${A}}]`, [type])).toEqual([[A, "1", "2"]]);
		expect(ids("creation_rules: [{key_groups: [{hsm: [{slot: 3}, {slot: 3}]}]}]", [type])).toEqual([["3"]]);
		expect(refused(() => ids("creation_rules: [{key_groups: [{hsm: [{}]}]}]", [type]))).toMatchObject({
			code: "config-invalid",
			details: { path: ["creation_rules", 0, "key_groups", 0, "hsm", 0], reason: "has no slot" },
		});
		const { rules: _, ...silent } = type;
		expect(told(parseConfig("creation_rules: [{hsm: 1}]", { keyTypes: [silent] }).findings)).toEqual([
			"config-field-unknown creation_rules/0/hsm",
		]);
	});
});

describe("parseKeyList", () => {
	it("reads the lists of flags and variables", () => {
		const [first, second] = parseKeyList("kms", "arn:a, arn:b+arn:c", {
			awsProfile: "p",
			encryptionContext: { k: "v" },
		});
		expect(first).toEqual({
			type: "kms",
			id: "arn:a|k:v|p",
			fields: { arn: "arn:a", role: "", context: { k: "v" }, aws_profile: "p" },
		});
		expect(second?.id).toBe("arn:b+arn:c|k:v|p");
		expect(parseKeyList("age", "")).toEqual([]);
		// Left open: the provider looks it up when it wraps.
		expect(
			parseKeyList("azure_kv", "https://v/keys/k,https://v/keys/k/").map(({ fields }) => fields.version),
		).toEqual(["", ""]);
	});

	it("refuses without repeating", async () => {
		for (const type of ["age", "hckms", "azure_kv", "hc_vault"]) {
			const error = refused(() => parseKeyList(type, CANARY));
			expect(error.code).toBe("key-invalid");
			expect(error.message + JSON.stringify(error.details)).not.toContain(CANARY);
		}
		await misused(() => parseKeyList("aws", "x"), "argument-invalid");
		await misused(() => parseKeyList("age", 1 as never), "argument-invalid");
		await misused(() => parseKeyList("kms", "x", { profile: "x" } as never), "option-unknown");
	});
});
