import type { KeyRef } from "@sopskit/core";
import type { AllowRef } from "@sopskit/core/provider";
import { withoutSlash } from "./key-path.ts";

/** A rule about addresses, with what to do when it says no. */
export interface AddressRule {
	readonly allow: AllowRef;
	readonly hint: string;
	/** Whether a redirect may lead to an address. */
	readonly mayLeadTo: (address: string) => boolean;
}

const addressOf = ({ fields }: KeyRef): string => withoutSlash(String(fields.vault_address));

/** The token goes to these addresses, as they are spelt, and to no other. */
export function theseAddresses(addresses: readonly string[], hint?: string): AddressRule {
	const known = new Set(addresses.map(withoutSlash));
	return {
		allow: (ref) => known.has(addressOf(ref)),
		hint: hint ?? "the token may not go to this address; name it in address: […], or pass allow: (ref) => …",
		mayLeadTo: (address) => known.has(address),
	};
}

/**
 * The rule of `SOPS_HC_VAULT_ALLOWLIST`: `all`, `none`, or prefixes of addresses with commas between them (sops
 * 3.13.3, hcvault/keysource.go). Prefixes end with a slash, or get one.
 */
export function allowlist(text: string): AddressRule {
	if (text === "all") return { allow: () => true, hint: "", mayLeadTo: () => true };
	const items = text === "none" ? [] : text.split(",").map((item) => item.replace(/^ +| +$/g, ""));
	const empty = items.indexOf("");
	if (empty !== -1) {
		const hint = `SOPS_HC_VAULT_ALLOWLIST: entry ${empty + 1} is empty`;
		return { allow: () => false, hint, mayLeadTo: () => false };
	}
	const prefixes = items.map((item) => (item.endsWith("/") ? item : `${item}/`));
	const fits = (address: string): boolean => prefixes.some((prefix) => `${address}/`.startsWith(prefix));
	return {
		allow: (ref) => fits(addressOf(ref)),
		hint: "SOPS_HC_VAULT_ALLOWLIST does not allow this address",
		mayLeadTo: fits,
	};
}
