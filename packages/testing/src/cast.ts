import type { KeyEntry, KeyProvider, KeyRef, MasterKey } from "@sopskit/core";
import { demand } from "./contract-violation.ts";
import { demandEnc, wrapOf } from "./outcome.ts";
import type { KeyProviderSubject } from "./subject.ts";

/** The provider under test and the stranger, each with its key: who plays in most clauses. */
export interface Cast {
	readonly provider: KeyProvider;
	readonly key: MasterKey;
	/** The call under test, as it is. */
	readonly wrap: NonNullable<MasterKey["wrap"]>;
	/** Wraps a copy of a part for the provider's key, where wrapping is only the way to an `enc`. */
	readonly encOf: (part: Uint8Array) => Promise<string>;
	readonly stranger: KeyProvider;
	/** Wraps a copy of a part for the stranger's key. */
	readonly strangerEncOf: (part: Uint8Array) => Promise<string>;
}

export async function castOf(subject: KeyProviderSubject): Promise<Cast> {
	const provider = await subject.provider();
	const stranger = await subject.stranger();
	const key = keyOf(provider, subject.ref);
	const wrapper = subject.wrapper === undefined ? key : await subject.wrapper();
	const wrap = wrapOf(wrapper);
	return {
		provider,
		key,
		wrap,
		encOf: (part) => demandEnc("wrap()", wrap, part.slice()),
		stranger,
		strangerEncOf: (part) =>
			demandEnc("wrap() of the stranger", wrapOf(keyOf(stranger, subject.strangerRef)), part.slice()),
	};
}

export function keyOf(provider: KeyProvider, ref: KeyRef): MasterKey {
	const key = provider.masterKey(ref);
	demand(key !== undefined, `masterKey() gave undefined for ${ref.type} ${ref.id}, a key the provider holds`);
	return key;
}

export function entryOf(ref: KeyRef, enc: string): KeyEntry {
	return { ref, enc };
}
