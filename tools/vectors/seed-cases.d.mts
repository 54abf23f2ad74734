import type { Format, Selector } from "@sopskit/reference";
import type { ErrorCode } from "../../packages/core/src/errors.ts";

/** One way to encrypt a seed. */
export interface Variant {
	readonly name: string;
	readonly selectors?: { readonly [name in Selector]?: string };
	readonly macOnlyEncrypted?: boolean;
	readonly indent?: number;
	readonly keyGroups?: readonly (readonly string[])[];
	readonly shamirThreshold?: number;
	readonly identities?: readonly string[];
}

export function variantsOf(format: Format): readonly Variant[];

/** @param text - bytes, one for each character */
export function seedDamages(
	format: Format,
	text: string,
): readonly { readonly name: string; readonly expect: ErrorCode; readonly text: string }[];

export function spliceTo(text: string, other: string): readonly [at: number, remove: number, insert: string];
