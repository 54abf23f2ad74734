import type { KeyEntry, KeyProvider, KeyRef, MasterKey } from "@sopskit/core";
import type { ClauseName } from "./clause.ts";

/** The parts of a test runner that the suite needs: those of `node:test`, vitest, jest and mocha fit. */
export interface ContractRunner {
	readonly it: (name: string, run: () => Promise<void>) => unknown;
	/** Groups the clauses under the provider's name; without it, each title begins with that name. */
	readonly describe?: (name: string, define: () => void) => unknown;
}

/** The provider under test, and what the suite needs to test it. */
export interface KeyProviderSubject {
	/** Who is tested, for titles. */
	readonly name: string;
	/** Makes a provider that holds the key of `ref`. Called for every clause. */
	readonly provider: () => KeyProvider | Promise<KeyProvider>;
	readonly ref: KeyRef;
	/** The key that wraps for `ref`; without it, `provider().masterKey(ref)` does. */
	readonly wrapper?: () => MasterKey | Promise<MasterKey>;
	/** Makes a provider of the same sort that holds the key of `strangerRef`, and not that of `ref`. */
	readonly stranger: () => KeyProvider | Promise<KeyProvider>;
	readonly strangerRef: KeyRef;
	/** An entry for `ref` that another tool wrote (the `sops` binary, a vendor's CLI), and the part in it. */
	readonly realEntry?: { readonly entry: KeyEntry; readonly part: Uint8Array };
	/** Makes a key whose backend takes the request and never answers, and an `enc` to give to it. */
	readonly stalled?: () => StalledKey | Promise<StalledKey>;
	/**
	 * Texts that no error may hold: identities, tokens, passwords. Parts are searched for without being named
	 * here.
	 */
	readonly canaries: readonly string[];
	/**
	 * Further calls that fail, such as making a provider from a broken identity; searched for the canaries as
	 * well.
	 */
	readonly failingCalls?: readonly (() => unknown)[];
	/**
	 * Variables that would change what the provider does if it read them: credentials that make the stranger
	 * able to unwrap, or that break everything. Set while `no-environment` runs.
	 */
	readonly environment: Readonly<Record<string, string>>;
	/** Variables that may be read all the same, each with the reason. */
	readonly environmentAllowed?: Readonly<Record<string, string>>;
	/** Clauses that do not apply, each with the reason; it becomes part of the title. */
	readonly skip?: Readonly<Partial<Record<ClauseName, string>>>;
}

/** A key whose backend never answers. */
export interface StalledKey {
	readonly key: MasterKey;
	readonly enc: string;
}
