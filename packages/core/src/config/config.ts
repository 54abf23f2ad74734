import type { Finding } from "../finding.ts";
import type { KeyRef } from "../keys/contract.ts";
import type { Selector } from "../selectors.ts";
import type { ConfigProblem } from "./problem.ts";

/** What a rule says about keys and selection. */
export interface RuleSettings {
	/** Who is to decrypt; empty when the rule names no key. */
	readonly keyGroups: readonly (readonly KeyRef[])[];
	/** Absent: all groups. */
	readonly shamirThreshold?: number;
	/** At most one in a rule without problems. */
	readonly selectors: readonly Selector[];
	readonly macOnlyEncrypted: boolean;
	/** What makes the rule unusable. As in the reference it does no harm until the rule applies to a file. */
	readonly problems: readonly ConfigProblem[];
}

/** One of `creation_rules`. */
export interface CreationRule extends RuleSettings {
	/** Position in `creation_rules`, from 0. */
	readonly index: number;
	/** RE2; absent: every path. */
	readonly pathRegex?: string;
}

/** One of `destination_rules`, for whoever publishes files. */
export interface DestinationRule {
	/** Position in `destination_rules`, from 0. */
	readonly index: number;
	/** RE2, which the reference searches in the absolute path; absent: every path. */
	readonly pathRegex?: string;
	/** Absent when the rule names none. */
	readonly destination?: Destination;
	/** Whether the name there goes without its extension. */
	readonly omitExtensions: boolean;
	/** How to encrypt there; without keys the file goes as it is. */
	readonly recreation: RuleSettings;
	readonly problems: readonly ConfigProblem[];
}

/** Where `destination_rules` send files. */
export type Destination =
	| { readonly type: "s3" | "gcs"; readonly bucket: string; readonly prefix: string }
	| {
			readonly type: "vault";
			readonly path: string;
			/** Empty fields are the reference's defaults: `VAULT_ADDR`, `secret/` and version 2. */
			readonly address: string;
			readonly kvMountName: string;
			readonly kvVersion: number;
	  };

/** The layout of written files by format, ready to be spread into the options of an operation. */
export interface Stores {
	readonly yaml: StoreOptions;
	readonly json: StoreOptions;
	readonly binary: StoreOptions;
	readonly dotenv: StoreOptions;
	readonly ini: StoreOptions;
}

/** Options of one format. */
export interface StoreOptions {
	/** Spaces per level; -1 is a tab in JSON and binary. Absent: the reference's default. */
	readonly indent?: number;
}

/** A `.sops.yaml` as data. */
export interface Config {
	/** The file it came from, where there was one: paths are tested without its folder. */
	readonly path?: string;
	/** Absent when the file has none; the reference then acts as if there were no file. */
	readonly creationRules?: readonly CreationRule[];
	readonly destinationRules: readonly DestinationRule[];
	readonly stores: Stores;
	/** What was passed over, and what is probably not meant. */
	readonly findings: readonly Finding[];
}
