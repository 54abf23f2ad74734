import type { KeyGroup, KeyProvider, KeyTarget } from "@sopskit/core";

/** Options of an operation that unwraps: `providers` may be left out, and replaces those of the instance if not. */
export type DefaultedKeys<O> = Omit<O, "providers"> & {
	readonly providers?: readonly KeyProvider[] | undefined;
};

/** Options of an encryption: `keyGroups` may be left out, and replaces those of rule and instance if not. */
export type DefaultedEncryption<O> = Omit<O, "keyGroups"> & {
	readonly keyGroups?: readonly KeyGroup[] | undefined;
};

/** Options of a change of keys: `keyGroups` may be left out, and replaces those of rule and instance if not. */
export type DefaultedTarget<O> = Omit<O, "keyGroups"> & {
	readonly keyGroups?: KeyTarget["keyGroups"] | undefined;
};
