import { cleanPath } from "../../clean-path.ts";
import type { KeyFields } from "../key-fields.ts";
import { keyInvalid, type RuleSyntax, splitList } from "./rule-syntax.ts";

/**
 * HashiCorp Vault and OpenBao: `https://host:8200/v1/transit/keys/name`. Items of a list are not trimmed, and the
 * address stays as typed but for its scheme, because it is part of the key's name (sops 3.13.3,
 * hcvault/keysource.go). The parser of URLs in the platform would change host and port.
 */
export const hcVaultSyntax: RuleSyntax = {
	ruleField: "hc_vault_transit_uri",
	groupField: "hc_vault",
	item: "text",
	fromList: (text) =>
		splitList(text)
			.filter((one) => one !== "")
			.map(fromUri),
	fromItem: (item) => [fromUri(String(item))],
};

const FORM = "is not of the form https://vault.example.com:8200/v1/transit/keys/name";
const URI = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^/@]*)@)?([^/@]*)(\/.*)?$/s;
/** Names, IPv4 and IPv6. The reference takes some characters more, which no host has (docs/decisions/0019-vault-uris.md). */
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?$/;
const USER = /^[A-Za-z0-9._:~!$&'()*+,;=%-]*$/;
const PREFIXED = /\/[^/]+\/v[0-9]+\/[^/]+\/[^/]+\/[^/]+/;
const PATH = /\/v[0-9]+\/[^/]+\/[^/]+\/[^/]+/;

function fromUri(uri: string): KeyFields {
	if (/[?#]/.test(uri)) throw keyInvalid("hc_vault", "has a query or a fragment behind its path");
	if (/[\x00-\x1f\x7f]/.test(uri)) throw keyInvalid("hc_vault", "has a control character in it");
	const [, scheme, user, host, path = ""] = URI.exec(uri) ?? [];
	if (scheme === undefined || host === undefined || !HOST.test(host) || !USER.test(user ?? ""))
		throw keyInvalid("hc_vault", FORM);
	const written = escapedPath(path);
	if (PREFIXED.test(written))
		throw keyInvalid("hc_vault", "has something before /v1, and Vault behind a prefix is not supported");
	if (!PATH.test(written)) throw keyInvalid("hc_vault", FORM);
	const segments = written.replace(/^\/+|\/+$/g, "").split("/");
	const credentials = user === undefined ? "" : `${escapedUser(user)}@`;
	return {
		vault_address: `${scheme.toLowerCase()}://${credentials}${host}`,
		engine_path: enginePath(segments.slice(1, -2)),
		key_name: segments.at(-1)!,
	};
}

/** Go: `URL.EscapedPath`. A path that needs no escapes stays as typed, with those that it has. */
function escapedPath(path: string): string {
	const plain = decoded(path);
	if (/^[A-Za-z0-9._~$&+,/:;=@!'()*[\]%-]*$/.test(path)) return path;
	return encodeURIComponent(plain)
		.replace(/[!'()*]/g, escaped)
		.replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent);
}

/** Go: `Userinfo.String`. */
function escapedUser(user: string): string {
	const colon = user.indexOf(":");
	const parts = colon === -1 ? [user] : [user.slice(0, colon), user.slice(colon + 1)];
	return parts
		.map((part) =>
			encodeURIComponent(decoded(part))
				.replace(/[!'()*]/g, escaped)
				.replace(/%(?:24|26|2B|2C|3B|3D)/g, decodeURIComponent),
		)
		.join(":");
}

function escaped(character: string): string {
	return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw keyInvalid("hc_vault", "has a percent sign that begins no escape of UTF-8");
	}
}

/** Go: `path.Join`. */
function enginePath(segments: readonly string[]): string {
	return segments.every((segment) => segment === "")
		? ""
		: cleanPath(segments.filter((one) => one !== "").join("/"));
}
