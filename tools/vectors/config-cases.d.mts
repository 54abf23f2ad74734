export const A: string;
export const B: string;
export const C: string;

export interface ConfigCase {
	readonly name: string;
	/** The content of `.sops.yaml`. */
	readonly config: string;
	/** The path that is asked about, relative to the folder of the configuration; `secret.yaml` by default. */
	readonly file?: string;
	readonly kmsContext?: Readonly<Record<string, string>>;
	/** Asks for the destination rule. */
	readonly destination?: boolean;
	/** What this project refuses with; absent: it answers as the reference does. */
	readonly code?: "config-invalid" | "rule-not-found" | "syntax-invalid";
	/** Why it refuses what the code of the reference takes: a decision, or `command` where the command refuses too. */
	readonly differs?: string;
}

export const configCases: readonly ConfigCase[];
