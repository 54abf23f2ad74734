import { SopsError } from "../errors.ts";
import { boundKey, providerMissing, type Unbound } from "./bind.ts";
import type { KeyProvider, KeyRef, MasterKey } from "./contract.ts";
import type { StoredEntry, StoredGroup } from "./stored.ts";
import { wrapDataKey } from "./wrap.ts";

/** A member of a key group that is to be: an entry of the file, a key that can act, or one that is only named. */
export type GroupMember = StoredEntry | MasterKey | KeyRef;

export interface RekeyRequest {
	readonly dataKey: Uint8Array;
	readonly groups: readonly (readonly GroupMember[])[];
	readonly shamirThreshold: number;
	/** Whether entries of the file wrap what they shall wrap: then they stay as they are. */
	readonly samePart: boolean;
	readonly providers: readonly KeyProvider[];
	readonly now: Date;
	readonly signal: AbortSignal | undefined;
}

/**
 * The entries of new key groups. What stands in the file stays byte for byte while it wraps the right part, and keeps
 * fields that this library does not know when it does not.
 *
 * @throws SopsError `provider-missing` for keys that are only named; `rewrap-impossible` with every key of the file that
 * no provider can wrap for; `keys-missing`, `wrap-failed`, `aborted`
 */
export async function rekey(request: RekeyRequest): Promise<StoredGroup[]> {
	const fresh: MasterKey[][] = [];
	const unbound: Unbound[] = [];
	const stuck: { group: number; type: string; id: string }[] = [];
	for (const [group, members] of request.groups.entries()) {
		const keys: MasterKey[] = [];
		for (const [index, member] of members.entries()) {
			if (stays(member, request)) continue;
			const ref = refOf(member);
			const key = isMasterKey(member) ? member : boundKey(ref, request.providers);
			if (key !== undefined) keys.push(key);
			else if (isStored(member)) stuck.push({ group, type: ref.type, id: ref.id });
			else unbound.push({ group, key: index, type: ref.type });
		}
		fresh.push(keys);
	}
	if (unbound.length > 0) throw providerMissing(unbound);
	if (stuck.length > 0) throw impossible(stuck);
	const isAllThere =
		request.groups.flat().some((member) => stays(member, request)) && fresh.flat().length === 0;
	const wrapped = isAllThere ? [] : await wrapDataKey({ ...request, groups: fresh });
	return request.groups.map((members, group) => {
		const entries = wrapped[group]?.[Symbol.iterator]();
		return members.map((member) => {
			if (stays(member, request)) return member;
			const entry = entries!.next().value!;
			return isStored(member) ? { ...entry, unknown: member.unknown } : entry;
		});
	});
}

function stays(member: GroupMember, request: RekeyRequest): member is StoredEntry {
	return request.samePart && isStored(member);
}

function isStored(member: GroupMember): member is StoredEntry {
	return "enc" in member;
}

function isMasterKey(member: GroupMember): member is MasterKey {
	return "ref" in member && !isStored(member);
}

export function refOf(member: GroupMember): KeyRef {
	return "ref" in member ? member.ref : member;
}

/**
 * Whether two refs name the same key. A rule may leave the version of an Azure key open: it then means whichever the
 * file has.
 */
export function sameKey(a: KeyRef, b: KeyRef): boolean {
	if (a.type !== b.type) return false;
	return a.id === b.id || leavesOpen(a, b) || leavesOpen(b, a);
}

function leavesOpen(a: KeyRef, b: KeyRef): boolean {
	return a.type === "azure_kv" && a.fields.version === "" && b.id.startsWith(a.id);
}

function impossible(keys: readonly { group: number; type: string; id: string }[]): SopsError {
	const lines = keys.map(({ type, id }) => `  - ${type} ${id}`);
	return new SopsError(
		"rewrap-impossible",
		`The data key must be encrypted anew for keys that no provider at hand can act for, and whoever holds them would be locked out. Give providers for them, or remove them by name:\n${lines.join("\n")}`,
		{ keys },
	);
}
