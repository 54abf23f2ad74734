import type { Format } from "../formats/formats.ts";
import { ENCRYPT_CHECKS, type EncryptOptions, encryptDocument } from "../operations/encrypt.ts";
import { checkOptions } from "../options.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { requireOption } from "../steps/input.ts";
import { namingFile } from "./file-error.ts";
import { formatFor, refuseOtherFormat } from "./format.ts";
import { type FilePath, pathText } from "./path.ts";
import { readFile } from "./read.ts";
import { replaceFile } from "./write.ts";

/** Options of {@link encryptFile}: those of `encryptDocument`, and where to write. */
export interface EncryptFileOptions extends Omit<EncryptOptions, "format"> {
	/** By default what the end of the path says. */
	readonly format?: Format | undefined;
	/** Where the encrypted file goes. By default it takes the place of the plain one. */
	readonly output?: FilePath | undefined;
}

/**
 * Encrypts a plain file, in place or to another path. The write is atomic: a reader sees the whole old file or
 * the whole new one, the mode stays, symbolic links are followed, and after any error the file is as it was.
 * In place, the plaintext is replaced but not wiped from the disk.
 *
 * @example
 * ```ts
 * await encryptFile("secret.yaml", { keyGroups: [[recipient("age1…")]], encryptedRegex: "^(data|stringData)$" });
 * ```
 * @param path - the plain file
 * @returns what was written
 * @throws SopsError `file-unusable` (also when someone else changed the file in the meantime), `format-unknown`,
 * and all of `encryptDocument`, with the path in the message
 * @throws UsageError for unknown options, wrong argument types, and an `output` whose name promises another format
 */
export async function encryptFile(path: FilePath, options: EncryptFileOptions): Promise<EncryptedFile> {
	const of = "encryptFile()";
	const name = pathText(of, path);
	checkOptions(of, options, {
		...ENCRYPT_CHECKS,
		output: (value) => (typeof value === "string" || value instanceof URL ? undefined : "a path"),
	});
	requireOption(of, "keyGroups", options.keyGroups);
	const { output, ...rest } = options;
	const format = formatFor(name, options.format);
	const target = output === undefined ? name : pathText(of, output);
	const written = options.outputFormat ?? format;
	if (options.format === undefined || written !== format) refuseOtherFormat(of, target, written);
	const { bytes, stats } = await readFile(name, options);
	const file = await namingFile(name, () => encryptDocument(bytes, { ...rest, format }));
	const unchangedSince = output === undefined ? stats : undefined;
	await replaceFile(target, file.bytes, { unchangedSince, signal: options.signal });
	return file;
}
