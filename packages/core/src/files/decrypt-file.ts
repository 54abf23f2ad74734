import type { Format } from "../formats/formats.ts";
import { type DataOf, DECRYPT_CHECKS, type DecryptOptions, decryptDocument } from "../operations/decrypt.ts";
import type { DecryptedDocument } from "../operations/decrypted-document.ts";
import { requireOption } from "../operations/input.ts";
import type { StandardSchemaV1 } from "../operations/schema.ts";
import { checkOptions } from "../options.ts";
import { namingFile } from "./file-error.ts";
import { formatFor } from "./format.ts";
import { type FilePath, pathText } from "./path.ts";
import { readFile } from "./read.ts";

/** Options of {@link decryptFile}: those of `decryptDocument`, without the need to name the format. */
export interface DecryptFileOptions<S extends StandardSchemaV1 | undefined = undefined>
	extends Omit<DecryptOptions<S>, "format"> {
	/** By default what the end of the path says. */
	readonly format?: Format | undefined;
}

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
	const of = "decryptFile()";
	const name = pathText(of, path);
	checkOptions(of, options, DECRYPT_CHECKS);
	requireOption(of, "providers", options.providers);
	const format = formatFor(name, options.format);
	const { bytes } = await readFile(name, options);
	return namingFile(name, () => decryptDocument(bytes, { ...options, format }));
}
