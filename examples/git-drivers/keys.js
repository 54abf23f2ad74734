import { readFile } from "node:fs/promises";
import { age } from "sopskit";

/** The identities of the key file that SOPS_AGE_KEY_FILE names. */
export async function providers() {
	const file = process.env.SOPS_AGE_KEY_FILE;
	return file ? [age({ identities: await readFile(file, "utf8") })] : [];
}
