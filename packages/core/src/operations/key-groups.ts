import { SopsError } from "../errors.ts";
import type { KeyRef, MasterKey } from "../keys/contract.ts";
import { requireThreshold } from "../keys/plan.ts";
import { type Check, checkOptions, isBoolean, isInteger } from "../options.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	KEY_CHECKS,
	KEYS_CHECK,
	type KeyOptions,
	LAYOUT_CHECKS,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { rekeyDocument, type UpdateKeysOptions } from "./update-keys.ts";

/** Options that {@link addKeyGroup} and {@link deleteKeyGroup} share. */
export interface GroupOptions
	extends CommonOptions,
		KeyOptions,
		Pick<UpdateKeysOptions, "rotate" | "layout" | "indent"> {
	/** How many groups are needed from now on; as in the file by default. */
	readonly shamirThreshold?: number | undefined;
}

/** Options of {@link addKeyGroup}. */
export interface AddGroupOptions extends GroupOptions {
	/** The keys of the new group. Refs are bound to the providers. */
	readonly keyGroup: readonly (KeyRef | MasterKey)[];
}

/** Options of {@link deleteKeyGroup}. */
export interface DeleteGroupOptions extends GroupOptions {
	/** Position of the group, from 0. */
	readonly group: number;
}

const GROUP_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...KEY_CHECKS,
	...LAYOUT_CHECKS,
	rotate: isBoolean,
	shamirThreshold: isInteger,
};

export const ADD_GROUP_CHECKS: Readonly<Record<string, Check>> = { ...GROUP_CHECKS, keyGroup: KEYS_CHECK };
export const DELETE_GROUP_CHECKS: Readonly<Record<string, Check>> = { ...GROUP_CHECKS, group: isInteger };

/**
 * Adds a key group behind the others and splits the data key anew (`sops groups add`). Providers must be able to wrap
 * for all keys of the file. A file without a threshold needs all groups, as there.
 *
 * @throws SopsError as `updateKeys`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function addKeyGroup(
	input: string | Uint8Array,
	options: AddGroupOptions,
): Promise<EncryptedFile> {
	const of = "addKeyGroup()";
	checkOptions(of, options, ADD_GROUP_CHECKS);
	requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	requireOption(of, "keyGroup", options.keyGroup);
	return rekeyDocument(of, input, options, ({ groups, shamirThreshold }) => ({
		groups: [...groups, options.keyGroup],
		shamirThreshold: requireThreshold(options.shamirThreshold, shamirThreshold, groups.length + 1),
	}));
}

/**
 * Takes a key group away and splits the data key anew (`sops groups delete`). The file is rotated when someone loses
 * access, unless the option `rotate` says no.
 *
 * @throws SopsError as `updateKeys`, `group-not-found`; `keys-missing` for the only group; `threshold-invalid` when too
 * few groups would be left for the threshold of the file
 * @throws UsageError for unknown options and wrong argument types
 */
export async function deleteKeyGroup(
	input: string | Uint8Array,
	options: DeleteGroupOptions,
): Promise<EncryptedFile> {
	const of = "deleteKeyGroup()";
	checkOptions(of, options, DELETE_GROUP_CHECKS);
	requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	requireOption(of, "group", options.group);
	const { group } = options;
	return rekeyDocument(of, input, options, ({ groups, shamirThreshold }) => {
		if (groups[group] === undefined) {
			throw new SopsError(
				"group-not-found",
				`The file has ${groups.length} key groups, and none at position ${group}, which counts from 0.`,
				{ group, groups: groups.length },
			);
		}
		const left = groups.filter((_, i) => i !== group);
		return {
			groups: left,
			shamirThreshold: requireThreshold(
				options.shamirThreshold ?? (shamirThreshold > left.length ? shamirThreshold : undefined),
				shamirThreshold,
				left.length,
			),
		};
	});
}
