import type { Format } from "@sopskit/reference";
import type { Case } from "./cases.mjs";

export interface Twin {
	readonly name: string;
	/** The error code that decrypting it must end with. */
	readonly expect: string;
	/** The damaged text, or the encrypted text as it is when other `identities` are the damage. */
	readonly text: string;
	readonly identities?: readonly string[];
	/** The reference is known to be lax here. */
	readonly referenceMayAccept?: boolean;
}

/** The damaged twins of the encrypted text of a case. */
export function damages(made: Case, format: Format, text: string): readonly Twin[];
