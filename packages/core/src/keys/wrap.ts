import { split } from "shamir-secret-sharing";
import type { Attempt } from "../attempt.ts";
import { SopsError } from "../errors.ts";
import { formatRfc3339Seconds } from "../leaf/time.ts";
import { describeFailure, throwIfAborted } from "./call.ts";
import type { KeyCall, MasterKey } from "./contract.ts";
import { keyType } from "./key-types.ts";
import type { StoredEntry, StoredGroup } from "./stored.ts";

/** Master keys that each wrap the same part of the data key. */
export type KeyGroup = readonly MasterKey[];

export interface WrapRequest {
	readonly dataKey: Uint8Array;
	readonly groups: readonly KeyGroup[];
	/** 0: as many as there are groups. */
	readonly shamirThreshold: number;
	readonly now: Date;
	readonly signal: AbortSignal | undefined;
}

/**
 * Wraps a data key for every master key of every group; with several groups each group gets its share. All
 * keys must succeed: a file that lacks an entry would lock its holder out in silence.
 *
 * @throws SopsError `keys-missing`, `wrap-failed` with every key that failed, `aborted`
 */
export async function wrapDataKey(request: WrapRequest): Promise<StoredGroup[]> {
	const { dataKey, groups } = request;
	if (groups.length === 0) throw noKeys();
	for (const [index, group] of groups.entries()) if (group.length === 0) throw noKeys(index);
	const parts =
		groups.length === 1
			? [dataKey]
			: await split(dataKey, groups.length, request.shamirThreshold || groups.length);
	try {
		const attempts: Attempt[] = [];
		const wrapped: StoredEntry[][] = [];
		for (const [index, group] of groups.entries()) {
			throwIfAborted(request.signal);
			const entries = await Promise.all(
				group.map((key) => wrapFor(key, parts[index]!, index, request, attempts)),
			);
			wrapped.push(entries.filter((entry) => entry !== undefined));
		}
		throwIfAborted(request.signal);
		if (attempts.length > 0) throw wrapFailed(attempts);
		return wrapped;
	} finally {
		for (const part of parts) if (part !== dataKey) part.fill(0);
	}
}

async function wrapFor(
	key: MasterKey,
	part: Uint8Array,
	group: number,
	request: WrapRequest,
	attempts: Attempt[],
): Promise<StoredEntry | undefined> {
	const call: KeyCall = request.signal === undefined ? {} : { signal: request.signal };
	const failed = (outcome: Attempt["outcome"], hint: string): undefined => {
		attempts.push({ group, key: { type: key.ref.type, id: key.ref.id }, outcome, hint });
	};
	const type = keyType(key.ref.type);
	if (type === undefined) return failed("misconfigured", `files cannot hold keys of type ${key.ref.type}`);
	if (key.wrap === undefined) return failed("misconfigured", "the key can only decrypt");
	try {
		const ref = (await key.resolve?.(call)) ?? key.ref;
		// A copy for each key: what a provider does to its part must not reach the others.
		const own = part.slice();
		try {
			const entry = { ref, enc: await key.wrap(own, call), unknown: [] };
			return type.timestamped ? { ...entry, createdAt: formatRfc3339Seconds(request.now) } : entry;
		} finally {
			own.fill(0);
		}
	} catch (thrown) {
		throwIfAborted(request.signal);
		const { outcome, hint } = describeFailure(thrown, request.signal);
		return failed(outcome, hint);
	}
}

function noKeys(group?: number): SopsError {
	return new SopsError(
		"keys-missing",
		group === undefined
			? 'Encryption needs at least one key group with a master key, for example keyGroups: [[recipient("age1…")]].'
			: `Key group ${group + 1} has no master key. Add one or remove the group.`,
		group === undefined ? {} : { group },
	);
}

function wrapFailed(attempts: readonly Attempt[]): SopsError {
	const lines = attempts.map((attempt) => `  - ${attempt.key.type} ${attempt.key.id}: ${attempt.hint}`);
	return new SopsError(
		"wrap-failed",
		`The data key could not be encrypted for every master key, so nothing was written:\n${lines.join("\n")}`,
		{ attempts },
	);
}
