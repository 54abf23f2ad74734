import type { KeyFields } from "../key-fields.ts";
import { type RuleSyntax, requireName, splitList, textOf } from "./rule-syntax.ts";

/** Spaces are taken out; the shape of the id is the service's matter (sops 3.13.3, gcpkms/keysource.go). */
export const gcpKmsSyntax: RuleSyntax = {
	ruleField: "gcp_kms",
	groupField: "gcp_kms",
	item: [{ name: "resource_id" }],
	fromList: (text) => splitList(text).map(resource),
	fromItem: (item) => [resource(textOf(item, "resource_id"))],
};

function resource(text: string): KeyFields {
	return { resource_id: requireName("gcp_kms", text.replaceAll(" ", "")) };
}
