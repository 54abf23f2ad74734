import type { Format } from "../formats/formats.ts";
import { type Check, checkOptions } from "../options.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { requireOption } from "../steps/input.ts";
import { namingFile } from "./file-error.ts";
import { formatFor } from "./format.ts";
import { type FilePath, pathText } from "./path.ts";
import { readFile } from "./read.ts";
import { replaceFile } from "./write.ts";

/** Options of an operation over a path: those of the one over text, without the need to name the format. */
export type OverFile<Options> = Omit<Options, "format"> & {
	/** By default what the end of the path says. */
	readonly format?: Format | undefined;
};

interface FileOptions {
	readonly providers?: unknown;
	readonly format?: Format | undefined;
	readonly maxBytes?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an operation on the content of a file.
 *
 * @throws SopsError `file-unusable`, and what the work throws, with the path in the message
 * @throws UsageError for unknown options and wrong argument types
 */
export async function onFile<Options extends FileOptions, Result>(
	of: string,
	path: FilePath,
	options: Options,
	checks: Readonly<Record<string, Check>>,
	work: (bytes: Uint8Array, options: Options & { readonly format: Format }) => Result | Promise<Result>,
): Promise<Result> {
	const { name, format, guessed } = prepare(of, path, options, checks);
	const { bytes } = await readFile(name, options);
	return namingFile(name, async () => work(bytes, { ...options, format }), guessed);
}

/**
 * Runs an operation on a file and writes the result in its place, in one step; not when nothing changed, after an
 * error, or when someone else changed the file in the meantime.
 *
 * @throws as {@link onFile}
 */
export async function inPlace<Options extends FileOptions>(
	of: string,
	path: FilePath,
	options: Options,
	checks: Readonly<Record<string, Check>>,
	work: (bytes: Uint8Array, options: Options & { readonly format: Format }) => Promise<EncryptedFile>,
): Promise<EncryptedFile> {
	const { name, format, guessed } = prepare(of, path, options, checks);
	const { bytes, stats } = await readFile(name, options);
	const file = await namingFile(name, () => work(bytes, { ...options, format }), guessed);
	if (file.changed) await replaceFile(name, file.bytes, { unchangedSince: stats, signal: options.signal });
	return file;
}

/** What can be wrong with a call is found before anything is read. */
function prepare(
	of: string,
	path: FilePath,
	options: FileOptions,
	checks: Readonly<Record<string, Check>>,
): { readonly name: string; readonly format: Format; readonly guessed: boolean } {
	const name = pathText(of, path);
	checkOptions(of, options, checks);
	// Whoever may take providers cannot do without.
	if ("providers" in checks) requireOption(of, "providers", options.providers);
	const format = formatFor(name, options.format);
	return { name, format, guessed: options.format === undefined && format === "binary" };
}
