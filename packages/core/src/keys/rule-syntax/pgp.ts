import type { KeyFields } from "../key-fields.ts";
import { keyInvalid, type RuleSyntax, requireName, splitList } from "./rule-syntax.ts";

/** Spaces are taken out and nothing else is touched (sops 3.13.3, pgp/keysource.go, `NewMasterKeyFromFingerprint`). */
export const pgpSyntax: RuleSyntax = {
	ruleField: "pgp",
	groupField: "pgp",
	item: "text",
	fromList: (text) => splitList(text).map(fingerprint),
	fromItem(item) {
		if (String(item).includes(","))
			throw keyInvalid("pgp", "must be one fingerprint; give each its own item");
		return [fingerprint(String(item))];
	},
};

function fingerprint(text: string): KeyFields {
	return { fp: requireName("pgp", text.replaceAll(" ", "")) };
}
