import { basename, resolve } from "node:path";
import {
	bindKeyGroups,
	type Finding,
	type Format,
	formatOfPath,
	type KeyGroup,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	type SelectorOptions,
} from "@sopskit/core";
import { type EncryptFileOptions, encryptFile, planFileEncryption } from "@sopskit/core/node";
import { type FoundFile, unreadable } from "./find-files.ts";
import {
	type FoundRule,
	groupsFor,
	type RuleDefaults,
	type Rules,
	takesEveryPath,
	withRule,
} from "./rules.ts";

/** Why a file is not encrypted. */
export type EncryptionSkip =
	/** It is, also if in another format than its name says, or if it lost its metadata. */
	| "already-encrypted"
	/** A `.sops.yaml` or a file of kustomize, which have to be read without keys. */
	| "configuration-file"
	/** No creation rule matches, or there is no configuration. */
	| "no-rule"
	/** Nothing in it would be encrypted. */
	| "nothing-selected"
	/** A binary file that only a rule for every path, or a pattern, takes in. */
	| "binary-not-named";

/** What was done with a file, or would be. */
export type FileEncryption =
	| {
			readonly action: "encrypt";
			/** The configuration, where it came from a file. */
			readonly config?: string;
			/** Position of the rule in `creation_rules`, from 0; absent without a configuration. */
			readonly rule?: number;
			/** How many values and comments. */
			readonly encryptedValues: number;
			/** How many values stay in clear. */
			readonly clearValues: number;
			readonly findings: readonly Finding[];
	  }
	| { readonly action: "skip"; readonly reason: EncryptionSkip; readonly message: string };

/** What `files().encrypt()` may be told beside what the rules say. */
export interface EncryptFilesOptions
	extends Omit<EncryptFileOptions, "keyGroups" | "output" | "outputFormat" | "signal"> {
	/** In the place of the keys of the rules, and of the instance. */
	readonly keyGroups?: readonly KeyGroup[] | undefined;
	/** Only says what would be done. Nothing is written. */
	readonly dryRun?: boolean | undefined;
}

/** What the instance has for it. */
export interface EncryptionKeys {
	/** Who can wrap. */
	readonly wrappers: readonly KeyProvider[];
	/** For files whose rule names no keys. */
	readonly keyGroups: readonly KeyGroup[] | undefined;
	/** Says that there are none. */
	readonly requireGroups: <G>(groups: G | undefined) => G;
}

/** Read by tools without keys; the rule `.*.yaml`, which people write, matches them. */
const CONFIGURATIONS: readonly string[] = [
	...[".sops.yaml", ".sops.yml"],
	...["kustomization.yaml", "kustomization.yml", "Kustomization"],
];

/**
 * Encrypts one file of many by its rule, or says why not: never twice, no configuration, and nothing in which the rule
 * selects nothing.
 *
 * @throws SopsError those of `encryptFile`, `loadConfig`, `resolveRule` and `bindKeyGroups`
 */
export async function encryptByRule(
	file: FoundFile,
	given: Omit<EncryptFilesOptions, "dryRun"> & { readonly signal?: AbortSignal },
	dryRun: boolean,
	rules: Rules | undefined,
	keys: EncryptionKeys,
): Promise<FileEncryption> {
	const { path } = file;
	if (file.missing) throw unreadable(path, path, "it does not exist");
	if (CONFIGURATIONS.includes(basename(path)))
		return skip("configuration-file", "It is a configuration that is read without keys.");
	const found = await rules?.find(path);
	if (found !== undefined && "none" in found) return skip("no-rule", found.none);
	if (found?.config.path !== undefined && found.config.path === resolve(path))
		return skip("configuration-file", "It is the configuration that has the rules.");
	const format = given.format ?? formatOfPath(path);
	const options = optionsFor(path, given, found);
	const plan = await planFileEncryption(path, { ...lookOptions(options), format });
	if (plan.alreadyEncrypted) return skip("already-encrypted", "It is encrypted already.");
	if (plan.encryptedValues === 0) return skip("nothing-selected", "It has nothing that would be encrypted.");
	if (format === "binary" && !isNamed(file, found))
		return skip(
			"binary-not-named",
			"A binary file is encrypted as a whole: only when it is given by its path, or by a rule with a path_regex of its own.",
		);
	const bound = boundOptions(options, found, keys);
	const result = dryRun ? undefined : await encryptFile(path, bound);
	const { encryptedValues, clearValues } = plan;
	return {
		action: "encrypt",
		...(found?.config.path !== undefined && { config: found.config.path }),
		...(found && { rule: found.rule.index }),
		...{ encryptedValues, clearValues },
		findings: [...(found?.rule.findings ?? []), ...(result?.findings ?? [])],
	};
}

function skip(reason: EncryptionSkip, message: string): FileEncryption {
	return { action: "skip", reason, message };
}

/** Whether somebody meant this binary file (docs/decisions/0022). */
function isNamed(file: FoundFile, found: FoundRule | undefined): boolean {
	return file.named || (found !== undefined && !takesEveryPath(found));
}

interface Formats {
	readonly format?: Format | undefined;
	readonly outputFormat?: Format | undefined;
}

/** The options of the call over those of the rule; the keys are still those of the call. */
export function optionsFor<O extends RuleDefaults & Formats>(
	path: string,
	given: O,
	found: FoundRule | undefined,
): O {
	const format = given.outputFormat ?? given.format ?? formatOfPath(path);
	return found === undefined ? given : withRule(given, found, format);
}

/** With keys that can act. @throws SopsError `keys-missing`, `provider-missing` */
export function boundOptions<O extends { readonly keyGroups?: readonly KeyGroup[] | undefined }>(
	options: O,
	found: FoundRule | undefined,
	keys: EncryptionKeys,
): O & { readonly keyGroups: readonly KeyGroup[] } {
	const groups = keys.requireGroups(groupsFor<MasterKey>(options.keyGroups, found, keys.keyGroups));
	const isRefs = groups === found?.rule.keyGroups;
	const keyGroups = isRefs ? bindKeyGroups(groups as KeyRef[][], keys.wrappers) : (groups as KeyGroup[]);
	return { ...options, keyGroups };
}

type Look = SelectorOptions & Pick<EncryptFileOptions, "maxBytes" | "wideIntegers" | "signal">;

function lookOptions(options: Look): Look {
	const names = /(?:Suffix|Regex)$|^(?:maxBytes|wideIntegers|signal)$/;
	return Object.fromEntries(Object.entries(options).filter(([name]) => names.test(name))) as Look;
}
