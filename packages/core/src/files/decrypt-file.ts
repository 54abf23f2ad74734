import { type DataOf, DECRYPT_CHECKS, type DecryptOptions, decryptDocument } from "../operations/decrypt.ts";
import type { DecryptedDocument } from "../operations/decrypted-document.ts";
import type { StandardSchemaV1 } from "../steps/schema.ts";
import { type OverFile, onFile } from "./in-place.ts";
import type { FilePath } from "./path.ts";

/** Options of {@link decryptFile}. */
export type DecryptFileOptions<S extends StandardSchemaV1 | undefined = undefined> = OverFile<
	DecryptOptions<S>
>;

/**
 * Decrypts a file and verifies it, as `decryptDocument` does. Reads only: no plaintext is written anywhere.
 *
 * @example
 * ```ts
 * const doc = await decryptFile("secret.yaml", { providers: [age({ identities })] });
 * doc.data;
 * ```
 * @param path - the encrypted file; symbolic links are followed, pipes are read to their end
 * @throws SopsError `file-unusable`, `format-unknown`, and all of `decryptDocument`, with the path in the message
 * @throws UsageError for unknown options and wrong argument types
 */
export async function decryptFile<S extends StandardSchemaV1 | undefined = undefined>(
	path: FilePath,
	options: DecryptFileOptions<S>,
): Promise<DecryptedDocument<DataOf<S>>> {
	return onFile("decryptFile()", path, options, DECRYPT_CHECKS, decryptDocument<S>);
}
