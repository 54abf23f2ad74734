import { envelopeOf } from "../formats/formats.ts";
import { type Check, checkOptions } from "../options.ts";
import { EncryptedFile } from "../steps/encrypted-file.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	KEY_CHECKS,
	type KeyOptions,
	LAYOUT_CHECKS,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { openRequest, openText } from "../steps/open.ts";
import type { Layout } from "../steps/render.ts";
import { reseal } from "../steps/reseal.ts";
import type { Change } from "../tree/change.ts";
import type { DataOptions } from "../tree/data.ts";
import { UsageError } from "../usage-error.ts";
import { DATA_CHECKS } from "./decrypt.ts";
import { Draft } from "./draft.ts";

/** Options of {@link editDocument}. */
export interface EditOptions extends CommonOptions, KeyOptions {
	/** `keep` (default): every byte that the edit does not touch stays. `reference`: as `sops` would write the file. */
	readonly layout?: Layout | undefined;
	/** Spaces per level for what is written anew. */
	readonly indent?: number | undefined;
	/** How the draft gives integers; `number` by default. */
	readonly integers?: DataOptions["integers"] | undefined;
	/** How the draft gives timestamps; `text` by default. */
	readonly timestamps?: DataOptions["timestamps"] | undefined;
}

export const EDIT_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...KEY_CHECKS,
	...LAYOUT_CHECKS,
	integers: DATA_CHECKS.integers,
	timestamps: DATA_CHECKS.timestamps,
};

/** @throws UsageError for anything but a function */
export function requireEdit(of: string, edit: unknown): void {
	if (typeof edit !== "function") {
		throw new UsageError(
			"argument-invalid",
			`${of} takes a function that changes the draft as its third argument.`,
		);
	}
}

/**
 * Changes an encrypted file: decrypts and verifies it, lets `edit` change the draft, and encrypts what is new
 * under the same data key. Values that stay keep their ciphertext. When nothing changes, the result is the
 * input; when `edit` throws, its error is passed on and there is no result.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @param edit - changes the draft in place
 * @throws SopsError as `decryptDocument` and `encryptDocument`, and `path-not-found`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function editDocument(
	input: string | Uint8Array,
	options: EditOptions,
	edit: (draft: Draft) => void | Promise<void>,
): Promise<EncryptedFile> {
	const of = "editDocument()";
	checkOptions(of, options, EDIT_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	requireEdit(of, edit);
	const envelope = envelopeOf(codec);
	const text = inputText(of, input, envelope, options.maxBytes);
	const opened = await openText(text, openRequest(codec, options));
	const { branches, findings } = opened;
	const edits: Change[] = [];
	const dataOptions: DataOptions = {
		integers: options.integers ?? "number",
		timestamps: options.timestamps ?? "text",
	};
	await edit(new Draft(branches, edits, dataOptions, codec.commentsFollow ?? false));
	if (edits.length === 0) return new EncryptedFile(text, false, findings, codec.name);
	return reseal(opened, edits, {
		layout: options.layout ?? "keep",
		indent: options.indent,
		now: new Date(),
	});
}
