import type { KeyFields } from "../key-fields.ts";
import { type ListSettings, type RuleSyntax, requireName, splitList, textOf } from "./rule-syntax.ts";

/** AWS KMS: `ARN` or `ARN+roleARN` in lists; apart and verbatim in key groups (sops 3.13.3, kms/keysource.go). */
export const kmsSyntax: RuleSyntax = {
	ruleField: "kms",
	groupField: "kms",
	item: [{ name: "arn" }, { name: "role" }, { name: "context", map: true }, { name: "aws_profile" }],
	fromList: (text, settings) => splitList(text).map((one) => fromArn(one, settings)),
	fromItem(item) {
		const context = typeof item === "string" ? undefined : item.context;
		return [
			{
				arn: requireName("kms", textOf(item, "arn")),
				role: textOf(item, "role"),
				context: typeof context === "object" ? context : {},
				aws_profile: textOf(item, "aws_profile"),
			},
		];
	},
};

function fromArn(text: string, settings: ListSettings): KeyFields {
	const both = text.replaceAll(" ", "");
	// A key's ARN may hold a plus, but no colon behind it.
	const at = both.indexOf("+arn:");
	return {
		arn: requireName("kms", at > 0 ? both.slice(0, at) : both),
		role: at > 0 ? both.slice(at + 1) : "",
		context: settings.encryptionContext ?? {},
		aws_profile: settings.awsProfile ?? "",
	};
}
