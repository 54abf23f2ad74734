import { envelopeOf } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import type { KeyRef, MasterKey } from "../keys/contract.ts";
import { type KeyUpdatePlan, planOf } from "../keys/plan.ts";
import { type GroupMember, refOf, rekey, sameKey } from "../keys/rekey.ts";
import type { StoredGroup } from "../keys/stored.ts";
import { attachMetadata, exchangeMetadata } from "../metadata/place.ts";
import { writeMetadata } from "../metadata/write.ts";
import { type Check, checkOptions, isBoolean, isInteger } from "../options.ts";
import { EncryptedFile } from "../steps/encrypted-file.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	KEY_CHECKS,
	type KeyOptions,
	LAYOUT_CHECKS,
	MEMBERS_CHECK,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { historyReadable } from "../steps/key-removal.ts";
import { openRequest, openSealed, readSealed, withDataKey } from "../steps/open.ts";
import { type Layout, render } from "../steps/render.ts";
import { rotateTo } from "./rotate.ts";

/** Who shall be able to decrypt a file. */
export interface KeyTarget {
	/** As a creation rule gives them, or keys that can act. Refs are bound to the providers. */
	readonly keyGroups: readonly (readonly (KeyRef | MasterKey)[])[];
	/** How many groups are needed; as in the file by default, and never more than there are. */
	readonly shamirThreshold?: number | undefined;
}

/** Options of {@link planKeyUpdate}. */
export interface PlanOptions extends CommonOptions, KeyTarget {}

/** Options of {@link updateKeys}. */
export interface UpdateKeysOptions extends PlanOptions, KeyOptions {
	/**
	 * Whether the file gets a new data key. By default it does when somebody loses access: the old data key may be known
	 * to them. `false`: never, as `sops updatekeys` does.
	 */
	readonly rotate?: boolean | undefined;
	/** `keep` (default): nothing but the metadata changes. `reference`: as `sops` would write the file. */
	readonly layout?: Layout | undefined;
	/** Spaces per level for what is written anew. */
	readonly indent?: number | undefined;
}

export const PLAN_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	keyGroups: MEMBERS_CHECK,
	shamirThreshold: isInteger,
};

export const UPDATE_KEYS_CHECKS: Readonly<Record<string, Check>> = {
	...PLAN_CHECKS,
	...KEY_CHECKS,
	...LAYOUT_CHECKS,
	rotate: isBoolean,
};

/**
 * What {@link updateKeys} would change about who can read a file. Needs no keys.
 *
 * @throws SopsError `not-encrypted`, `metadata-invalid`, `threshold-invalid`, and those of reading the format
 * @throws UsageError for unknown options and wrong argument types
 */
export function planKeyUpdate(input: string | Uint8Array, options: PlanOptions): KeyUpdatePlan {
	const of = "planKeyUpdate()";
	checkOptions(of, options, PLAN_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "keyGroups", options.keyGroups);
	throwIfAborted(options.signal);
	const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
	return planOf(readSealed(text, codec, "round").metadata, options);
}

/**
 * Changes who can read a file (`sops updatekeys`). Entries of keys that stay are kept as they are, unless the data key
 * is split among groups. When someone loses access the file is rotated, and a finding says that its history is not.
 *
 * Compared by type and id, position by position; the order within a group does not count.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @returns the file; unchanged, with the very text, when the keys are those it has
 * @throws SopsError as `rotateDocument`; without rotation the MAC is not looked at; `threshold-invalid`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function updateKeys(
	input: string | Uint8Array,
	options: UpdateKeysOptions,
): Promise<EncryptedFile> {
	const of = "updateKeys()";
	checkOptions(of, options, UPDATE_KEYS_CHECKS);
	requireFormat(of, options.format);
	requireOption(of, "keyGroups", options.keyGroups);
	requireOption(of, "providers", options.providers);
	return rekeyDocument(of, input, options, (file) => {
		const plan = planOf(file, options);
		if (plan.upToDate) return undefined;
		const stored = file.groups.flat();
		return {
			groups: options.keyGroups.map((group, index) =>
				group.map((key) => {
					const near = file.groups[index] ?? [];
					return [...near, ...stored].find(({ ref }) => sameKey(ref, refOf(key))) ?? key;
				}),
			),
			shamirThreshold: plan.threshold.after,
		};
	});
}

/** Groups and threshold, of a file or to be. */
export interface KeyState<Member extends GroupMember = GroupMember> {
	readonly groups: readonly (readonly Member[])[];
	readonly shamirThreshold: number;
}

/** Writes a file for other keys: in place of its metadata, or rotated where someone is removed. */
export async function rekeyDocument(
	of: string,
	input: string | Uint8Array,
	options: CommonOptions & KeyOptions & Pick<UpdateKeysOptions, "rotate" | "layout" | "indent">,
	change: (file: KeyState & { readonly groups: readonly StoredGroup[] }) => KeyState | undefined,
): Promise<EncryptedFile> {
	const codec = requireFormat(of, options.format);
	const envelope = envelopeOf(codec);
	const text = inputText(of, input, envelope, options.maxBytes);
	const request = openRequest(codec, options);
	const sealed = readSealed(text, codec, request.wideIntegers);
	const { file, branches, metadata, detached, findings } = sealed;
	const target = change(metadata);
	if (target === undefined) return new EncryptedFile(text, false, findings, codec.name);
	const removed = historyReadable(metadata.groups, target.groups.flat().map(refOf));
	if (options.rotate ?? removed.length > 0) {
		return rotateTo(await openSealed(sealed, request), target.groups, target.shamirThreshold, options);
	}
	const groups = await withDataKey(metadata, options, (dataKey) =>
		rekey({
			dataKey,
			groups: target.groups,
			shamirThreshold: target.shamirThreshold,
			samePart: metadata.groups.length === 1 && target.groups.length === 1,
			providers: options.providers,
			now: new Date(),
			signal: options.signal,
		}),
	);
	const layout = options.layout ?? "keep";
	const written = writeMetadata({ ...metadata, groups, shamirThreshold: target.shamirThreshold });
	const changes =
		layout === "keep"
			? exchangeMetadata(detached, written)
			: attachMetadata(branches, written, detached.placement);
	findings.push(...removed);
	const emitOptions = options.indent === undefined ? {} : { indent: options.indent };
	const result = render(envelope, branches, layout, emitOptions, file, changes, findings);
	return new EncryptedFile(result, true, findings, codec.name);
}
