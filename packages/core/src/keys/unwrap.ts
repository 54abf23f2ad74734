import { combine } from "shamir-secret-sharing";
import type { Attempt, AttemptOutcome } from "../attempt.ts";
import { SopsError } from "../errors.ts";
import { describeFailure, throwIfAborted } from "./call.ts";
import { type KeyCall, type KeyEntry, KeyError, type KeyProvider } from "./contract.ts";
import type { StoredGroup } from "./stored.ts";

/** Types that are tried first; the others follow in the order of the file. The reference's default. */
export const DEFAULT_DECRYPTION_ORDER: readonly string[] = ["age", "pgp"];

export const DATA_KEY_LENGTH = 32;
const SHARE_LENGTH = DATA_KEY_LENGTH + 1;

export interface UnwrapRequest {
	readonly groups: readonly StoredGroup[];
	/** As the file states it; 0 when it does not. */
	readonly shamirThreshold: number;
	readonly providers: readonly KeyProvider[];
	readonly decryptionOrder: readonly string[];
	readonly signal: AbortSignal | undefined;
}

/**
 * Recovers the data key: from one key of the only group, or from shares of as many groups as are needed.
 * The caller overwrites the result after use.
 *
 * @throws SopsError `data-key-unavailable` with everything that was tried; `aborted`
 */
export async function unwrapDataKey(request: UnwrapRequest): Promise<Uint8Array> {
	const { groups } = request;
	const several = groups.length > 1;
	const needed = several ? Math.max(2, request.shamirThreshold) : 1;
	const attempts: Attempt[] = [];
	const parts: Uint8Array[] = [];
	for (const [index, group] of groups.entries()) {
		throwIfAborted(request.signal);
		const part = await unwrapGroup(request, group, index, several ? SHARE_LENGTH : DATA_KEY_LENGTH, attempts);
		if (part !== undefined) parts.push(part);
		// A threshold that the file does not state may be as high as the number of groups.
		if (parts.length >= needed && request.shamirThreshold >= 2) break;
	}
	throwIfAborted(request.signal);
	if (parts.length < needed) {
		for (const part of parts) part.fill(0);
		throw unavailable(attempts, groups.length, needed);
	}
	if (!several) return parts[0]!;
	try {
		return await combine(parts);
	} finally {
		for (const part of parts) part.fill(0);
	}
}

async function unwrapGroup(
	request: UnwrapRequest,
	group: StoredGroup,
	index: number,
	length: number,
	attempts: Attempt[],
): Promise<Uint8Array | undefined> {
	const call: KeyCall = request.signal === undefined ? {} : { signal: request.signal };
	const report = (entry: KeyEntry, outcome: AttemptOutcome, hint: string, provider?: KeyProvider): void => {
		const key = { type: entry.ref.type, id: entry.ref.id };
		attempts.push({ group: index, key, ...(provider && { provider: provider.name }), outcome, hint });
	};
	const accept = (part: Uint8Array, entry: KeyEntry, provider: KeyProvider): Uint8Array | undefined => {
		if (part.length === length) return part;
		report(entry, "damaged", `it unwraps to ${part.length} bytes instead of ${length}`, provider);
		return undefined;
	};
	const ordered = inOrder(group, request.decryptionOrder);
	/** Entries that a provider was offered all at once, by provider. */
	const offered = new Map<KeyProvider, Set<KeyEntry>>();

	for (const entry of ordered) {
		let answered = false;
		for (const provider of request.providers) {
			const key = provider.masterKey(entry.ref);
			if (key === undefined) continue;
			answered = true;
			if (offered.get(provider)?.has(entry)) continue;
			throwIfAborted(request.signal);
			try {
				if ("then" in key) throw misbuilt("masterKey() gave a promise; it has to answer at once");
				if (provider.unwrapAny !== undefined) {
					const alike = ordered.filter(
						(other) => other.ref.type === entry.ref.type && provider.masterKey(other.ref),
					);
					offered.set(provider, new Set([...(offered.get(provider) ?? []), ...alike]));
					const result = await provider.unwrapAny(alike, call);
					if ("part" in result) {
						const part = accept(result.part, result.entry, provider);
						if (part !== undefined) return part;
					} else
						for (const failure of result.failures)
							report(failure.entry, failure.outcome, failure.hint, provider);
				} else if (key.unwrap === undefined) {
					report(entry, "not-mine", "the key can only encrypt", provider);
				} else {
					const result = await key.unwrap(entry.enc, call);
					if (ArrayBuffer.isView(result)) {
						const part = accept(result, entry, provider);
						if (part !== undefined) return part;
					} else if (typeof result?.notMine === "string") report(entry, "not-mine", result.notMine, provider);
					else throw misbuilt("unwrap() gave neither a Uint8Array nor { notMine }");
				}
			} catch (thrown) {
				throwIfAborted(request.signal);
				const { outcome, hint } = describeFailure(thrown, request.signal);
				report(entry, outcome, hint, provider);
			}
		}
		if (!answered) report(entry, "no-provider", `no provider was given for keys of type ${entry.ref.type}`);
	}
	return undefined;
}

/** What the author of a provider should be told. */
function misbuilt(what: string): KeyError {
	return new KeyError("failed", `the provider does not keep to its contract: ${what}`);
}

/** Stable: types named in the order first, the rest as the file has them. */
function inOrder(group: StoredGroup, order: readonly string[]): StoredGroup {
	const rank = (entry: KeyEntry): number => {
		const at = order.indexOf(entry.ref.type);
		return at === -1 ? order.length : at;
	};
	return [...group].sort((a, b) => rank(a) - rank(b));
}

function unavailable(attempts: readonly Attempt[], groups: number, threshold: number): SopsError {
	const several = groups > 1 ? ` ${threshold} of ${groups} key groups are needed.` : "";
	const lines = attempts.map((attempt) => {
		const group = groups > 1 ? `group ${attempt.group + 1}, ` : "";
		return `  - ${group}${attempt.key.type} ${attempt.key.id}: ${attempt.hint}`;
	});
	return new SopsError(
		"data-key-unavailable",
		`No key at hand opens this file.${several} Give an identity or credentials for one of its keys:\n${lines.join("\n")}`,
		{ attempts, groups, threshold },
	);
}
