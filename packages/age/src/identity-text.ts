import { bech32Bytes } from "./bech32.ts";
import { pluginOfIdentity } from "./plugin-name.ts";
import { isProtected } from "./protected-file.ts";

/** An identity that was understood, not yet made ready for use. */
export type ReadIdentity =
	| { readonly kind: "x25519"; readonly text: string; readonly scalar: Uint8Array }
	| { readonly kind: "hybrid"; readonly text: string }
	| { readonly kind: "plugin"; readonly text: string; readonly plugin: string };

/** Reads one identity, or says why it is none. No reason holds any of the text. */
export function readIdentity(text: string): ReadIdentity | string {
	if (text.startsWith("AGE-SECRET-KEY-PQ-1")) {
		const seed = bech32Bytes(text, "AGE-SECRET-KEY-PQ-", 32);
		return seed === undefined
			? "a hybrid identity with a typing error or a part missing"
			: { kind: "hybrid", text };
	}
	if (text.startsWith("AGE-SECRET-KEY-1")) {
		const scalar = bech32Bytes(text, "AGE-SECRET-KEY-", 32);
		return scalar === undefined
			? "an identity with a typing error or a part missing"
			: { kind: "x25519", text, scalar };
	}
	if (text.startsWith("AGE-PLUGIN-")) {
		const plugin = pluginOfIdentity(text);
		return plugin === undefined
			? "an identity of a plugin with a typing error or a part missing"
			: { kind: "plugin", text, plugin };
	}
	if (isProtected(text)) return "an encrypted key file, which can only stand alone";
	if (text.startsWith("-----BEGIN ")) return "an SSH key: pass it as sshIdentity() of @sopskit/age/node";
	if (text.startsWith("age1") || text.startsWith("ssh-")) {
		return "a recipient (the public half), not an identity";
	}
	if (/^age-(?:secret-key|plugin)-/.test(text)) return "an identity must be in capital letters";
	if (/^["'`].*AGE-/.test(text)) return "an identity in quotes: leave the quotes out";
	if (/^(?:~|\.{0,2})\/|^[A-Za-z]:\\|\.(?:txt|key|agekey)$/.test(text))
		return "not an age identity, but what looks like a path: pass the content of the file";
	return "not an age identity";
}

/**
 * Reads an identity text: one identity on each line, empty lines and comments between them.
 *
 * @param rules - `loose`: space around an identity counts for nothing; `file`: it spoils the line, as in the
 * reference; `words`: a line may hold several, as in `SOPS_AGE_KEY`
 * @returns the identities, or what is wrong with which line
 */
export function readIdentityText(text: string, rules: "loose" | "file" | "words"): ReadIdentity[] | string {
	const identities: ReadIdentity[] = [];
	for (const [index, rawLine] of text.split("\n").entries()) {
		const line = rules === "loose" ? rawLine.trim() : rawLine.replace(/\r$/, "");
		if (line === "" || line.startsWith("#")) continue;
		for (const item of rules === "words" ? line.split(/\s+/).filter((word) => word !== "") : [line]) {
			const read = readIdentity(item);
			if (typeof read === "string") return `line ${index + 1}: ${read}`;
			identities.push(read);
		}
	}
	return identities;
}
