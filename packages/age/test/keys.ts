import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The passphrase of those that are protected. */
export const PASSPHRASE = "throw-away";

/** Path of one of the keys in the folder keys. */
export function sshKeyPath(name: string): string {
	return join(import.meta.dirname, "keys", name);
}

/** A private key, or with `.pub` the line of a public one. */
export function sshKey(name: string): string {
	return readFileSync(sshKeyPath(name), "utf8");
}
