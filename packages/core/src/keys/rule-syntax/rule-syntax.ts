import { SopsError } from "../../errors.ts";
import type { KeyFields } from "../key-fields.ts";

/** What stands beside a comma list of AWS KMS keys. */
export interface ListSettings {
	readonly awsProfile?: string | undefined;
	readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
}

/** A field of the mapping by which a key group names a key. */
export interface ItemField {
	readonly name: string;
	/** Holds a nested map of text. */
	readonly map?: true;
}

/**
 * How `.sops.yaml` names keys of one type. What it gives are the fields of an entry, as `fromFields` takes them.
 */
export interface RuleSyntax {
	/** Field of a creation rule: a comma list, or a list of such. */
	readonly ruleField: string;
	/** The field of a creation rule is a list only. */
	readonly listOnly?: true;
	/** Field of a key group. */
	readonly groupField: string;
	/** What the list in a key group is made of: texts, or mappings with these fields. */
	readonly item: "text" | readonly ItemField[];
	/**
	 * The keys of a comma list, as in a creation rule, a flag or a variable; none for an empty text.
	 * @throws SopsError `key-invalid`, with a reason that repeats nothing of the text
	 */
	fromList(text: string, settings: ListSettings): readonly KeyFields[];
	/**
	 * The keys of one item of a key group's list.
	 * @throws SopsError `key-invalid`, with a reason that repeats nothing of the item
	 */
	fromItem(item: string | KeyFields): readonly KeyFields[];
}

/** @param reason - a predicate, such as "is empty"; holds nothing of the value */
export function keyInvalid(type: string, reason: string): SopsError {
	return new SopsError("key-invalid", `A value that should name a ${type} key ${reason}.`, { type, reason });
}

/**
 * A key without a name can do nothing: the reference takes it and fails when it encrypts
 * (docs/decisions/0018-unusable-rules.md).
 *
 * @throws SopsError `key-invalid`
 */
export function requireName(type: string, text: string): string {
	if (text === "") throw keyInvalid(type, "is empty");
	return text;
}

/** A field of an item that is a mapping; empty where it is absent. */
export function textOf(item: string | KeyFields, name: string): string {
	const value = typeof item === "string" ? undefined : item[name];
	return typeof value === "string" ? value : "";
}

/** Go: `strings.Split`, but nothing for an empty text. */
export function splitList(text: string): readonly string[] {
	return text === "" ? [] : text.split(",");
}
