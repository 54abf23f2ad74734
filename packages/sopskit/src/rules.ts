import { dirname, resolve } from "node:path";
import {
	type Config,
	isSopsError,
	type KeyGroup,
	type KeyRef,
	type MasterKey,
	type ResolvedRule,
	resolveRule,
} from "@sopskit/core";
import { type FilePath, loadConfig, resolveFileRule } from "@sopskit/core/node";
import type { Environment } from "./environment.ts";

/** Where rules come from: a `.sops.yaml` by its path, one that was read already, or a look-up (`true`). */
export type ConfigSource = FilePath | Config | true;

/** The rule that applies to a file, and the configuration that it is in. */
export interface FoundRule {
	readonly config: Config;
	readonly rule: ResolvedRule;
}

/**
 * The configurations of one call, or of one run over many files: each is read once, and anew with the next run. Where
 * they are looked up, that begins in the folder of the file (docs/decisions/0023).
 */
export class Rules {
	readonly #source: ConfigSource;
	readonly #environment: Environment | undefined;
	/** By folder, or under the empty text where there is one for all. */
	readonly #loading = new Map<string, Promise<Config>>();

	/** @param environment - may name the configuration that is looked up: `SOPS_CONFIG` */
	constructor(source: ConfigSource, environment: Environment | undefined) {
		this.#source = source;
		this.#environment = environment;
	}

	/** @throws SopsError `config-not-found`, `rule-not-found`, `config-invalid` and all of `loadConfig` */
	async of(path: FilePath): Promise<FoundRule> {
		const config = await this.#configOf(path);
		return { config, rule: resolveFileRule(config, path) };
	}

	/** Where nothing applies to the file, why. @throws as {@link of}, but for `config-not-found` and `rule-not-found` */
	async find(path: FilePath): Promise<FoundRule | { readonly none: string }> {
		try {
			return await this.of(path);
		} catch (thrown) {
			if (isSopsError(thrown, "rule-not-found") || isSopsError(thrown, "config-not-found"))
				return { none: thrown.message };
			throw thrown;
		}
	}

	#configOf(path: FilePath): Promise<Config> {
		const source = this.#source;
		if (source === true) {
			const folder = typeof path === "string" ? dirname(resolve(path)) : new URL(".", path).href;
			return this.#once(folder, () => loadConfig({ file: path, environment: this.#environment }));
		}
		if (typeof source === "string" || source instanceof URL)
			return this.#once("", () => loadConfig({ path: source }));
		return Promise.resolve(source);
	}

	#once(name: string, load: () => Promise<Config>): Promise<Config> {
		const known = this.#loading.get(name) ?? load();
		this.#loading.set(name, known);
		return known;
	}
}

/** Paths that say nothing about a file: the one has no folder and no extension, the other both. */
const ANY_PATHS: readonly string[] = ["\uE000", "\uE000/\uE000.\uE000"];

/** Whether a rule takes whatever file there is, as one without `path_regex` does, or one with `.*`. */
export function takesEveryPath({ config, rule }: FoundRule): boolean {
	const alone = { ...config, creationRules: config.creationRules?.slice(rule.index, rule.index + 1) };
	const { path: _, ...anywhere } = alone;
	return ANY_PATHS.every((path) => {
		try {
			return resolveRule(anywhere as Config, path).index === rule.index;
		} catch {
			return false;
		}
	});
}

/** Options that a rule may set. */
export interface RuleDefaults {
	readonly keyGroups?: readonly (readonly (KeyRef | MasterKey)[])[] | undefined;
	readonly shamirThreshold?: number | undefined;
	readonly macOnlyEncrypted?: boolean | undefined;
	readonly indent?: number | undefined;
}

/**
 * The settings of a rule, less its keys, with the options of the call in their place: any selector of the call replaces
 * that of the rule, and keys of the call its threshold.
 */
export function withRule<O extends RuleDefaults>(
	given: O,
	found: FoundRule,
	format: keyof ResolvedRule["stores"],
): O {
	const { macOnlyEncrypted, shamirThreshold, ...selector } = found.rule.options;
	const isSelected = Object.entries(given).some(
		([name, value]) => /(?:Suffix|Regex)$/.test(name) && value !== undefined,
	);
	const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
	return {
		...(isSelected ? {} : selector),
		macOnlyEncrypted,
		...(shamirThreshold !== undefined && given.keyGroups === undefined && { shamirThreshold }),
		...found.rule.stores[format],
		...present,
	} as unknown as O;
}

/** Who is to decrypt: what the call says, or the rule where it names keys, or the instance (docs/decisions/0023). */
export function groupsFor<G extends KeyRef | MasterKey>(
	given: readonly (readonly G[])[] | undefined,
	found: FoundRule | undefined,
	own: readonly KeyGroup[] | undefined,
): readonly (readonly (G | KeyRef | MasterKey)[])[] | undefined {
	if (given !== undefined) return given;
	return found !== undefined && found.rule.keyGroups.length > 0 ? found.rule.keyGroups : own;
}
