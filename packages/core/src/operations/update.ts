import { envelopeOf } from "../formats/formats.ts";
import { checkOptions } from "../options.ts";
import { EncryptedFile } from "../steps/encrypted-file.ts";
import { inputText, requireFormat, requireOption } from "../steps/input.ts";
import { type OpenedFile, openRequest, openText } from "../steps/open.ts";
import { resealAs } from "../steps/reseal-as.ts";
import { UsageError } from "../usage-error.ts";
import { finishDecryption } from "./decrypt.ts";
import type { DecryptedDocument } from "./decrypted-document.ts";
import { EDIT_CHECKS, type EditOptions } from "./edit.ts";

/** Options of {@link updateDocument}. */
export interface UpdateOptions extends Omit<EditOptions, "integers" | "timestamps"> {}

const { integers: _, timestamps: __, ...CHECKS } = EDIT_CHECKS;
export const UPDATE_CHECKS: typeof EDIT_CHECKS = CHECKS;

/** The new plaintext, or what makes it of the old one, which is valid during the call only. */
export type NewPlaintext =
	| string
	| Uint8Array
	| ((before: DecryptedDocument) => string | Uint8Array | Promise<string | Uint8Array>);

/**
 * Encrypts a new plaintext in place of the one that a file holds: with the same keys, the same data key, and the same
 * ciphertext for all that did not change at its path. When nothing changed, the result is the former file, to the byte.
 *
 * With the layout `keep`, values that changed are changed in the text of the former file. What that cannot tell, other
 * comments or another order, is written with the layout of the new plaintext.
 *
 * @example
 * ```ts
 * await updateDocument(encrypted, regenerated, { format: "json", providers });
 * await updateDocument(encrypted, (before) => edit(before.text()), { format: "yaml", providers });
 * ```
 * @param previous - the encrypted file as text or UTF-8 bytes
 * @param plaintext - in the same format
 * @throws SopsError as `decryptDocument` and `encryptDocument`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function updateDocument(
	previous: string | Uint8Array,
	plaintext: NewPlaintext,
	options: UpdateOptions,
): Promise<EncryptedFile> {
	const of = "updateDocument()";
	checkOptions(of, options, UPDATE_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	const text = inputText(of, previous, envelopeOf(codec), options.maxBytes);
	const opened = await openText(text, openRequest(codec, options));
	const given =
		typeof plaintext === "function"
			? await plaintext(await finishDecryption<undefined>(opened, codec, options))
			: plaintext;
	return sealPlaintext(of, opened, text, given, options);
}

/**
 * The second half of {@link updateDocument}; it uses the opened file up.
 *
 * @param text - of the encrypted file
 */
export function sealPlaintext(
	of: string,
	opened: OpenedFile,
	text: string,
	plaintext: string | Uint8Array,
	options: UpdateOptions,
): EncryptedFile {
	const { codec, findings } = opened;
	if (typeof plaintext !== "string" && !(plaintext instanceof Uint8Array)) {
		throw new UsageError("argument-invalid", `${of} takes the new plaintext as a string or a Uint8Array.`);
	}
	const fresh = codec.parse(inputText(of, plaintext, codec, options.maxBytes), {
		wideIntegers: options.wideIntegers ?? "refuse",
	});
	findings.push(...fresh.findings);
	const how = { layout: options.layout ?? "keep", indent: options.indent, now: new Date() };
	return resealAs(opened, fresh.branches, fresh, how) ?? new EncryptedFile(text, false, findings, codec.name);
}
