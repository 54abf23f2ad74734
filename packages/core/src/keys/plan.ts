import { SopsError } from "../errors.ts";
import type { KeyRef, MasterKey } from "./contract.ts";
import { refOf, sameKey } from "./rekey.ts";
import type { StoredGroup } from "./stored.ts";

/** What changes about one key group. */
export interface GroupChange {
	readonly added: readonly KeyRef[];
	readonly removed: readonly KeyRef[];
	readonly kept: readonly KeyRef[];
}

/** What an update of keys would change. */
export interface KeyUpdatePlan {
	/** By position; a group that goes has all its keys removed, one that comes all added. */
	readonly groups: readonly GroupChange[];
	/** How many groups are needed; 0 where there is one group, and the file says nothing. */
	readonly threshold: { readonly before: number; readonly after: number };
	/** Keys that are in no group any more: whoever holds them loses access. */
	readonly losing: readonly KeyRef[];
	/** Nothing would change. */
	readonly upToDate: boolean;
}

/**
 * The difference between the keys of a file and those it shall have (sops 3.13.3, subcommand/updatekeys). The
 * threshold of the file stays, but never exceeds the number of groups; several groups without one need all.
 *
 * @throws SopsError `threshold-invalid`
 */
export function planOf(
	file: { readonly groups: readonly StoredGroup[]; readonly shamirThreshold: number },
	target: {
		readonly keyGroups: readonly (readonly (KeyRef | MasterKey)[])[];
		readonly shamirThreshold?: number | undefined;
	},
): KeyUpdatePlan {
	const wanted = target.keyGroups.map((group) => group.map(refOf));
	const present = file.groups.map((group) => group.map(refOf));
	const lacks = (among: readonly KeyRef[]) => (ref: KeyRef) => !among.some((other) => sameKey(ref, other));
	const groups = Array.from({ length: Math.max(wanted.length, present.length) }, (_, i) => {
		const [before = [], after = []] = [present[i], wanted[i]];
		return {
			added: after.filter(lacks(before)),
			removed: before.filter(lacks(after)),
			kept: before.filter((ref) => !lacks(after)(ref)),
		};
	});
	const after = requireThreshold(target.shamirThreshold, file.shamirThreshold, wanted.length);
	const isSame = groups.every(({ added, removed }) => added.length === 0 && removed.length === 0);
	return {
		groups,
		threshold: { before: file.shamirThreshold, after },
		losing: present.flat().filter(lacks(wanted.flat())),
		upToDate: isSame && after === file.shamirThreshold,
	};
}

/**
 * The threshold for a number of groups.
 *
 * @param wanted - what the caller says
 * @param present - what the file says; 0 for nothing
 * @throws SopsError `threshold-invalid` for what the caller says
 */
export function requireThreshold(wanted: number | undefined, present: number, groups: number): number {
	// Without a group there is another error to come.
	if (groups === 0) return 0;
	if (wanted !== undefined && (wanted > groups || wanted < 1 || (groups > 1 && wanted < 2))) {
		throw new SopsError(
			"threshold-invalid",
			groups > 1
				? `With ${groups} key groups the threshold is between 2 and ${groups}, and not ${wanted}.`
				: `With one key group the threshold is 1, or not given, and not ${wanted}.`,
			{ threshold: wanted, groups },
		);
	}
	const threshold = Math.min(wanted ?? present, groups);
	return groups > 1 && threshold < 2 ? groups : threshold;
}
