import { KeyError, type KeyRef } from "@sopskit/core";

/** Where a transit key is, checked: what a request is made of comes out of a file. */
export interface KeyPlace {
	/** Scheme, perhaps user, host and port; no slash at the end. */
	readonly address: string;
	/** The path of a call, with each segment escaped, such as `/transit/decrypt/name`. */
	path(operation: "encrypt" | "decrypt"): string;
}

const ADDRESS =
	/^https?:\/\/(?:[A-Za-z0-9._:~!$&'()*+,;=%-]*@)?(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\/?$/;

/**
 * Narrower than the reference, which joins and cleans what it finds (sops 3.13.3, hcvault/keysource.go): with an
 * engine of `sys/seal` and a key of `..` it would send the token to any path of the server.
 *
 * @throws KeyError `misconfigured`
 */
export function keyPlace({ fields }: KeyRef): KeyPlace {
	const { vault_address: address, engine_path: engine, key_name: name } = fields;
	if (typeof address !== "string" || !ADDRESS.test(address)) {
		throw new KeyError(
			"misconfigured",
			"the entry's vault_address is not of the form https://vault.example.com:8200",
		);
	}
	const engineSegments = typeof engine === "string" ? engine.split("/") : [];
	if (engineSegments.length === 0 || !engineSegments.every(isSegment))
		throw new KeyError("misconfigured", "the entry's engine_path is not the path of a secrets engine");
	if (typeof name !== "string" || name.includes("/") || !isSegment(name))
		throw new KeyError("misconfigured", "the entry's key_name is not the name of a key");
	return {
		address: withoutSlash(address),
		path: (operation) => `/${[...engineSegments, operation, name].map(encodeURIComponent).join("/")}`,
	};
}

function isSegment(text: string): boolean {
	return /^[^\x00-\x1f\x7f\ud800-\udfff]{1,256}$/.test(text) && !/^\.{1,2}$/.test(text);
}

export function withoutSlash(address: string): string {
	return address.replace(/\/$/, "");
}

export function isAddress(text: unknown): text is string {
	return typeof text === "string" && ADDRESS.test(text);
}
