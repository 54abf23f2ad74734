import { type KeyRef, parseKeyList, SopsError, UsageError } from "@sopskit/core";

/**
 * Names a key of a transit engine, for `bindKeyGroups([[vaultKey("https://…")]], [hcVault(…)])`.
 *
 * @param uri - such as `https://vault.example.com:8200/v1/transit/keys/name`; the engine may have slashes in its path
 * @throws SopsError `key-invalid` for what does not name one key; nothing of it is repeated
 * @throws UsageError `argument-invalid`
 */
export function vaultKey(uri: string): KeyRef {
	if (typeof uri !== "string") throw new UsageError("argument-invalid", "vaultKey() takes the URI of a key.");
	const [ref, ...others] = parseKeyList("hc_vault", uri.trim());
	if (ref !== undefined && others.length === 0 && /^https?:/.test(String(ref.fields.vault_address)))
		return ref;
	const reason =
		ref !== undefined && others.length === 0
			? "must begin with https:// or http://"
			: "must be one URI; for a list, use parseKeyList()";
	throw new SopsError("key-invalid", `A value that should name a hc_vault key ${reason}.`, {
		type: "hc_vault",
		reason,
	});
}
