import { trim } from "../../leaf/blank.ts";
import type { KeyFields } from "../key-fields.ts";
import { keyInvalid, type RuleSyntax, splitList } from "./rule-syntax.ts";

/** Both forms are comma lists, each item trimmed (sops 3.13.3, age/keysource.go, `MasterKeysFromRecipients`). */
export const ageSyntax: RuleSyntax = {
	ruleField: "age",
	groupField: "age",
	item: "text",
	fromList: (text) => splitList(text).map(recipient),
	fromItem: (item) => splitList(String(item)).map(recipient),
};

/** Only the kind of recipient is checked; the rest is the provider's, who knows the kinds. */
function recipient(text: string): KeyFields {
	const name = trim(text);
	if (name === "") throw keyInvalid("age", "has an empty item: two commas in a row, or one at the end");
	// An identity in the place of a recipient would be written into every file as its recipient.
	if (/^AGE-(?:SECRET-KEY|PLUGIN)-/i.test(name))
		throw keyInvalid("age", "is an identity, which is secret, and not a recipient; replace it, and the key");
	if (!name.startsWith("age1") && !name.startsWith("ssh-"))
		throw keyInvalid("age", "is no recipient: those begin with age1, ssh-ed25519 or ssh-rsa");
	return { recipient: name };
}
