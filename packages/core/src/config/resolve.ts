import { SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { KeyRef } from "../keys/contract.ts";
import { compilePattern } from "../pattern.ts";
import { OPTION_OF_SELECTOR, type SelectorOptions } from "../selectors.ts";
import { UsageError } from "../usage-error.ts";
import type { Config, CreationRule, Stores } from "./config.ts";
import { configInvalid } from "./problem.ts";
import { testedPath } from "./tested-path.ts";

/** Options that a rule gives an encryption, ready to be spread into those of `encryptDocument`. */
export interface RuleOptions extends SelectorOptions {
	readonly macOnlyEncrypted: boolean;
	readonly shamirThreshold?: number;
}

/** A rule that came first and does not apply. */
export interface PassedRule {
	/** Position in `creation_rules`, from 0. */
	readonly rule: number;
	readonly reason: string;
}

/** What a configuration says about one file. */
export interface ResolvedRule {
	/** Position in `creation_rules`, from 0. */
	readonly index: number;
	/** The path as it was tested: without the folder of the configuration, if it is below it. */
	readonly path: string;
	/** Who is to decrypt, for `bindKeyGroups`; empty when the rule names no key. */
	readonly keyGroups: readonly (readonly KeyRef[])[];
	readonly options: RuleOptions;
	readonly stores: Stores;
	/** The rules before this one, and why each does not apply. */
	readonly passed: readonly PassedRule[];
	/** Those of the configuration that are not about another rule, and overlaps. */
	readonly findings: readonly Finding[];
}

/**
 * The creation rule that applies to a file: the first whose `path_regex` is found in its path, or that has none
 * (sops 3.13.3, config/config.go, `parseCreationRuleForFile`).
 *
 * @param config - from `parseConfig` or `loadConfig`
 * @param path - of the file: absolute, or relative to the folder of the configuration. It need not exist
 * @throws SopsError `rule-not-found`; `config-invalid` when the rule has two selectors, a pattern that RE2 refuses,
 * a value that names no key, or a threshold that its groups cannot reach. The details name rule and field.
 * @throws UsageError for wrong argument types
 */
export function resolveRule(config: Config, path: string): ResolvedRule {
	if (typeof config !== "object" || config === null || !("stores" in config))
		throw new UsageError(
			"argument-invalid",
			"resolveRule() takes a configuration: what parseConfig() gives, or loadConfig(), awaited.",
		);
	if (typeof path !== "string" || path === "")
		throw new UsageError("argument-invalid", "resolveRule() takes the path of a file as a string.");
	const tested = testedPath(path, config.path);
	const rules = config.creationRules ?? [];
	const passed: PassedRule[] = [];
	for (const rule of rules) {
		if (matches(rule, tested, config.path)) return resolved(config, rule, tested, passed);
		passed.push({ rule: rule.index, reason: `its path_regex does not match ${tested}` });
	}
	throw notFound(config, tested, passed);
}

function matches(rule: CreationRule, path: string, file: string | undefined): boolean {
	if (rule.pathRegex === undefined) return true;
	const pattern = compilePattern(rule.pathRegex);
	if (typeof pattern !== "string") return pattern.test(path);
	throw configInvalid(rule.problems[0]!, file);
}

function resolved(
	config: Config,
	rule: CreationRule,
	path: string,
	passed: readonly PassedRule[],
): ResolvedRule {
	const [problem] = rule.problems;
	if (problem !== undefined) throw configInvalid(problem, config.path);
	const selectors = Object.fromEntries(
		rule.selectors.map(({ name, value }) => [OPTION_OF_SELECTOR[name], value]),
	) as SelectorOptions;
	const { index, shamirThreshold, macOnlyEncrypted } = rule;
	return {
		index,
		path,
		keyGroups: rule.keyGroups,
		options: { ...selectors, macOnlyEncrypted, ...(shamirThreshold !== undefined && { shamirThreshold }) },
		stores: config.stores,
		passed,
		findings: [
			...config.findings.filter((finding) => concerns(finding, index)),
			...overlaps(config, rule, path),
		],
	};
}

function concerns({ path = [] }: Finding, index: number): boolean {
	return path[0] !== "destination_rules" && (path[0] !== "creation_rules" || path[1] === index);
}

/** Later rules that would match too; not one without a pattern, which is there to take what is left. */
function overlaps(config: Config, rule: CreationRule, path: string): readonly Finding[] {
	return (config.creationRules ?? []).slice(rule.index + 1).flatMap((later): readonly Finding[] => {
		const pattern = later.pathRegex === undefined ? "" : compilePattern(later.pathRegex);
		if (typeof pattern === "string" || !pattern.test(path)) return [];
		return [
			{
				code: "rules-overlap",
				path: ["creation_rules", later.index],
				message: `creation_rules[${later.index}] matches ${path} too. creation_rules[${rule.index}] comes first and applies.`,
			},
		];
	});
}

function notFound(config: Config, path: string, passed: readonly PassedRule[]): SopsError {
	const where = config.path ?? "The configuration";
	const message =
		passed.length === 0
			? `${where} has no creation rules. Add one under creation_rules, or name the keys yourself.`
			: `${where} has no creation rule for ${path}; none of its ${passed.length} matches. Add one, or one without path_regex at the end.`;
	return new SopsError("rule-not-found", message, { path, passed });
}
