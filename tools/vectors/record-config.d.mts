import type { Reference, Rule, Selector } from "@sopskit/reference";
import type { ConfigCase } from "./config-cases.d.mts";

/** What the reference makes of a configuration. */
export interface Recorded {
	/** Its code, asked by the oracle: the answer to `rule`, or the stage at which it refused. */
	readonly code:
		| {
				readonly rule: Rule | null;
				readonly indents: { readonly yaml: number; readonly json: number; readonly binary: number };
		  }
		| { readonly refused: string }
		| { readonly panics: true };
	/** The command: what it wrote into a file, or the status with which it refused. Not asked where keys are of other types than age. */
	readonly command?:
		| {
				readonly recipients: readonly (readonly string[])[];
				readonly shamirThreshold?: number;
				readonly macOnlyEncrypted?: true;
				readonly selectors: { readonly [name in Selector]?: string };
				readonly indent: string;
		  }
		| { readonly refused: number };
}

export function recordConfig(reference: Reference, made: ConfigCase): Promise<Recorded>;
