import { readFile } from "node:fs/promises";

/**
 * Gives the certificates to trust, in PEM: those that were passed, or those of the file that `SSL_CERT_FILE` names, as
 * for `sops`, where Go reads it. Undefined for those of Node; a file that is not there counts for nothing, as for Go.
 */
export function authoritiesFrom(
	ca: string | Uint8Array | undefined,
	environment: Readonly<Record<string, string | undefined>> | undefined,
): () => Promise<string | undefined> {
	if (ca !== undefined) return async () => (typeof ca === "string" ? ca : Buffer.from(ca).toString("utf8"));
	const file = environment?.SSL_CERT_FILE;
	return async () => (file ? readFile(file, "utf8").catch(() => undefined) : undefined);
}
