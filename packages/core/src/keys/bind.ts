import { SopsError } from "../errors.ts";
import { UsageError } from "../usage-error.ts";
import type { KeyProvider, KeyRef, MasterKey } from "./contract.ts";
import { providerPackage } from "./provider-packages.ts";
import type { KeyGroup } from "./wrap.ts";

/**
 * Turns keys as a configuration names them into master keys that can encrypt. The first provider that can wrap for
 * a key gets it. Does no I/O.
 *
 * @param keyGroups - such as those of a resolved rule; groups and order stay
 * @param providers - who can act for the keys
 * @returns what `encryptDocument` takes as `keyGroups`
 * @throws SopsError `provider-missing` with every key that nobody can encrypt for, and the packages to install
 * @throws UsageError for wrong argument types
 */
export function bindKeyGroups(
	keyGroups: readonly (readonly KeyRef[])[],
	providers: readonly KeyProvider[],
): readonly KeyGroup[] {
	const isProvider = (one: Partial<KeyProvider> | null): boolean => typeof one?.masterKey === "function";
	if (!Array.isArray(keyGroups) || !keyGroups.every((group) => Array.isArray(group)))
		throw new UsageError(
			"argument-invalid",
			"bindKeyGroups() takes the key groups of a rule: lists of lists of keys.",
		);
	if (!Array.isArray(providers) || !providers.every(isProvider))
		throw new UsageError("argument-invalid", "bindKeyGroups() takes a list of providers, such as [age()].");
	const missing: Unbound[] = [];
	const groups = keyGroups.map((group, groupIndex) =>
		group.flatMap((ref, index): readonly MasterKey[] => {
			const key = boundKey(ref, providers);
			if (key !== undefined) return [key];
			missing.push({ type: ref.type, group: groupIndex, key: index });
			return [];
		}),
	);
	if (missing.length > 0) throw providerMissing(missing);
	return groups;
}

/** The key of a ref that can wrap, of the first provider that has one. */
export function boundKey(ref: KeyRef, providers: readonly KeyProvider[]): MasterKey | undefined {
	for (const provider of providers) {
		const key = provider.masterKey(ref);
		if (key?.wrap !== undefined) return key;
	}
	return undefined;
}

/** A key that no provider can encrypt for: its type and its place. */
export interface Unbound {
	readonly type: string;
	readonly group: number;
	readonly key: number;
}

/** What to throw for them, with the packages to install. */
export function providerMissing(unbound: readonly Unbound[]): SopsError {
	const missing = unbound.map((one) => {
		const install = providerPackage(one.type);
		return install === undefined ? one : { ...one, package: install };
	});
	const types = [...new Set(unbound.map(({ type }) => type))];
	const lines = types.map((type) => {
		const install = providerPackage(type);
		return install === undefined
			? `  - ${type}: sopskit has no package for it; pass a provider of your own`
			: `  - ${type}: install ${install} and pass its provider`;
	});
	return new SopsError(
		"provider-missing",
		`No provider was given that can encrypt for keys of these types:\n${lines.join("\n")}`,
		{ missing },
	);
}
