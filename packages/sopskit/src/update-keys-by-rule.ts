import { readFile } from "node:fs/promises";
import {
	bindKeyGroups,
	type Finding,
	formatOfPath,
	isSopsError,
	type KeyRef,
	type KeyUpdatePlan,
	type MasterKey,
	type UpdateKeysOptions,
} from "@sopskit/core";
import { fileEncryptionStatus, type OverFile, planFileKeyUpdate, updateFileKeys } from "@sopskit/core/node";
import type { EncryptionKeys } from "./encrypt-by-rule.ts";
import { type FoundRule, groupsFor, type Rules } from "./rules.ts";

/** Why the keys of a file are not updated. */
export type KeyUpdateSkip =
	/** It is a plain file. */
	| "not-encrypted"
	/** No creation rule matches, or there is no configuration. */
	| "no-rule"
	/** Its keys are those of its rule. */
	| "up-to-date";

/** What was done with the keys of a file, or would be. */
export type FileKeyUpdate =
	| {
			readonly action: "update";
			/** Who joins, who leaves, and what becomes of the threshold. */
			readonly plan: KeyUpdatePlan;
			/** The configuration, where it came from a file. */
			readonly config?: string;
			/** Position of the rule in `creation_rules`, from 0; absent where the call names the keys. */
			readonly rule?: number;
			readonly findings: readonly Finding[];
	  }
	| { readonly action: "skip"; readonly reason: KeyUpdateSkip; readonly message: string };

type Target = readonly (readonly (KeyRef | MasterKey)[])[];

/** What `updateFileKeys()` takes, with keys out of a rule. */
export type KeyUpdateOptions = Omit<OverFile<UpdateKeysOptions>, "keyGroups"> & {
	readonly keyGroups?: Target | undefined;
};

/**
 * Updates the keys of one file of many by its rule, or says why not.
 *
 * @throws SopsError those of `updateFileKeys`, `loadConfig`, `resolveRule` and `bindKeyGroups`
 */
export async function updateKeysByRule(
	path: string,
	given: KeyUpdateOptions,
	dryRun: boolean,
	rules: Rules | undefined,
	keys: EncryptionKeys,
): Promise<FileKeyUpdate> {
	if (!(await isEncrypted(path, given))) return skip("not-encrypted", "It is not encrypted.");
	const found = given.keyGroups === undefined ? await rules?.find(path) : undefined;
	if (found !== undefined && "none" in found) return skip("no-rule", found.none);
	const keyGroups = targetFor(given.keyGroups, found, keys);
	const { format, maxBytes, signal, shamirThreshold } = given;
	const plan = await planFileKeyUpdate(path, { format, maxBytes, signal, shamirThreshold, keyGroups });
	if (plan.upToDate) return skip("up-to-date", "Its keys are as they should be.");
	// A dry run finds it too when nobody can encrypt for a key that joins.
	requireWrappers(plan, keyGroups, keys);
	const result = dryRun
		? undefined
		: await updateFileKeys(path, {
				...found?.rule.stores[format ?? formatOfPath(path)],
				...given,
				keyGroups,
			});
	return {
		action: "update",
		plan,
		...(found?.config.path !== undefined && { config: found.config.path }),
		...(found && { rule: found.rule.index }),
		findings: [...(found?.rule.findings ?? []), ...(result?.findings ?? [])],
	};
}

function skip(reason: KeyUpdateSkip, message: string): FileKeyUpdate {
	return { action: "skip", reason, message };
}

/** The keys that a file shall have, bound where a provider can wrap for them; others may stay as they are. @throws SopsError `keys-missing` */
export function targetFor(
	given: Target | undefined,
	found: FoundRule | undefined,
	keys: EncryptionKeys,
): Target {
	const groups = keys.requireGroups(groupsFor(given, found, keys.keyGroups));
	return groups.map((group) => group.map((key) => ("ref" in key ? key : (wrapperOf(key, keys) ?? key))));
}

function wrapperOf(ref: KeyRef, { wrappers }: EncryptionKeys): MasterKey | undefined {
	for (const provider of wrappers) {
		const key = provider.masterKey(ref);
		if (key?.wrap !== undefined) return key;
	}
	return undefined;
}

/** @throws SopsError `provider-missing` */
function requireWrappers(plan: KeyUpdatePlan, target: Target, { wrappers }: EncryptionKeys): void {
	const added = new Set(plan.groups.flatMap((group) => group.added));
	const named = target.map((group) =>
		group.filter((key): key is KeyRef => !("ref" in key) && added.has(key)),
	);
	bindKeyGroups(named, wrappers);
}

/** Begins the encrypted MAC in the metadata of every file of SOPS. */
const MARK = "ENC[AES256_GCM,";

/** @throws SopsError for files that cannot be read, and broken ones of SOPS */
async function isEncrypted(path: string, given: KeyUpdateOptions): Promise<boolean> {
	const { format, maxBytes, signal, wideIntegers } = given;
	try {
		return (await fileEncryptionStatus(path, { format, maxBytes, signal, wideIntegers })).encrypted;
	} catch (thrown) {
		if (!isSopsError(thrown)) throw thrown;
		if (["aborted", "file-unusable", "size-exceeded", "metadata-invalid"].includes(thrown.code)) throw thrown;
		// A template, or a file of another kind: it is none of SOPS if it has no ciphertext.
		const content = await readFile(path).catch(() => {
			throw thrown;
		});
		if (content.includes(MARK)) throw thrown;
		return false;
	}
}
