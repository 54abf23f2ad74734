// A textconv driver: git shows differences of the plaintext where this machine has a key, and of the file with its
// secrets masked where it has none. Nothing of it is stored.
import { readFile } from "node:fs/promises";
import { decryptDocument, encryptionStatus, formatOfPath, isSopsError, maskDocument } from "sopskit";
import { providers } from "./keys.js";

const path = process.argv[2];
const bytes = await readFile(path);
const format = formatOfPath(path);
process.stdout.write(encryptionStatus(bytes, { format }).encrypted ? await readable() : bytes);

async function readable() {
	try {
		return (await decryptDocument(bytes, { format, providers: await providers() })).bytes({ layout: "keep" });
	} catch (error) {
		if (isSopsError(error, "data-key-unavailable")) return maskDocument(bytes, { format }).bytes;
		throw error;
	}
}
