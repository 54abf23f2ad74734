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
	const colon = text.indexOf(":");
	const sound = colon !== -1 && trim(text.slice(0, colon)) !== "" && trim(text.slice(colon + 1)) !== "";
	if (!sound) throw keyInvalid("hckms", "is not of the form region:key-uuid");
	return { key_id: text };
}
