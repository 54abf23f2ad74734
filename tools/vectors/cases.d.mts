import type { Selector } from "@sopskit/reference";

export interface Case {
	/** Format and name: the folder under vectors/. */
	readonly name: string;
	readonly plain: string | Uint8Array;
	readonly selectors?: { readonly [name in Selector]?: string };
	readonly macOnlyEncrypted?: boolean;
	readonly indent?: number;
	/** Names of keys in vectors/keys, by group; absent: one group of `first`. */
	readonly keyGroups?: readonly (readonly string[])[];
	readonly shamirThreshold?: number;
	/** What to decrypt with; absent: `first`. */
	readonly identities?: readonly string[];
	/** Keys whose lines the damaged twins change. */
	readonly targets?: Readonly<Record<string, string>>;
	readonly clearPlace?: string;
	readonly clearAdded?: string;
	readonly listSwap?: boolean;
	readonly documents?: boolean;
	/** Which damaged twins: none when absent; `selector`: those that depend on the selector. */
	readonly damage?: "selector" | "few" | "all";
}

export const cases: readonly Case[];
