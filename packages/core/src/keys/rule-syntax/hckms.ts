import { trim } from "../../leaf/blank.ts";
import type { KeyFields } from "../key-fields.ts";
import { keyInvalid, type RuleSyntax, splitList, textOf } from "./rule-syntax.ts";

/** Huawei Cloud: `region:key-uuid`, stored as given (sops 3.13.3, hckms/keysource.go). */
export const hckmsSyntax: RuleSyntax = {
	ruleField: "hckms",
	listOnly: true,
	groupField: "hckms",
	item: [{ name: "key_id" }],
	fromList: (text) =>
		splitList(text)
			.map(trim)
			.filter((one) => one !== "")
			.map(key),
	fromItem: (item) => [key(textOf(item, "key_id"))],
};

function key(text: string): KeyFields {
	if (!isHckmsKeyId(text)) throw keyInvalid("hckms", "is not of the form region:key-uuid");
	return { key_id: text };
}

export function isHckmsKeyId(text: string): boolean {
	const colon = text.indexOf(":");
	return colon !== -1 && trim(text.slice(0, colon)) !== "" && trim(text.slice(colon + 1)) !== "";
}
