import type { ParsedFile } from "../formats/codec.ts";
import { codecOf } from "../formats/formats.ts";
import { checkOptions, isSignal } from "../options.ts";
import { KEY_CHECKS, requireOption } from "../steps/input.ts";
import { openParsed, openRequest } from "../steps/open.ts";
import type { StandardSchemaV1 } from "../steps/schema.ts";
import { fromData } from "../tree/from-data.ts";
import { UsageError } from "../usage-error.ts";
import { DATA_CHECKS, type DataOf, type DecryptOptions, finishDecryption } from "./decrypt.ts";
import type { DecryptedDocument } from "./decrypted-document.ts";

/** Options of {@link decryptObject}: those of `decryptDocument` that fit data which was parsed already. */
export type DecryptObjectOptions<S extends StandardSchemaV1 | undefined = undefined> = Omit<
	DecryptOptions<S>,
	"format" | "maxBytes" | "wideIntegers"
>;

/**
 * Decrypts a file that the caller parsed, such as an `import`ed JSON. The order of its keys counts for the
 * MAC, and JavaScript moves keys that look like integers to the front of an object: files with such keys must
 * go through `decryptDocument` as text. The same holds for integers that a number cannot hold, unless they are bigints.
 *
 * @throws SopsError as `decryptDocument`
 * @throws UsageError for anything but a plain object, unknown options and wrong argument types
 */
export async function decryptObject<S extends StandardSchemaV1 | undefined = undefined>(
	value: object,
	options: DecryptObjectOptions<S>,
): Promise<DecryptedDocument<DataOf<S>>> {
	const of = "decryptObject()";
	checkOptions(of, options, { ...KEY_CHECKS, ...DATA_CHECKS, signal: isSignal });
	requireOption(of, "providers", options.providers);
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new UsageError("argument-invalid", `${of} takes an object as its first argument.`);
	}
	const root = fromData(value);
	if (root.kind !== "map")
		throw new UsageError("argument-invalid", `${of} takes a plain object as its first argument.`);
	const codec = codecOf("json");
	const file: ParsedFile = { source: "", branches: [root], findings: [] };
	const opened = await openParsed(file, openRequest(codec, options));
	return finishDecryption(opened, codec, options);
}
