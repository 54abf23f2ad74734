import { crypto } from "#crypto";
import { Cipher } from "../cipher.ts";
import { envelopeOf } from "../formats/formats.ts";
import type { MasterKey } from "../keys/contract.ts";
import { type GroupMember, refOf, rekey } from "../keys/rekey.ts";
import { DATA_KEY_LENGTH } from "../keys/unwrap.ts";
import { type Check, checkOptions, isTexts } from "../options.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	KEY_CHECKS,
	KEYS_CHECK,
	type KeyOptions,
	LAYOUT_CHECKS,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { historyReadable, without } from "../steps/key-removal.ts";
import { type OpenedFile, openRequest, openText } from "../steps/open.ts";
import type { Layout } from "../steps/render.ts";
import { reseal } from "../steps/reseal.ts";

/** Options of {@link rotateDocument}. */
export interface RotateOptions extends CommonOptions, KeyOptions {
	/** Keys that join the first group. */
	readonly addKeys?: readonly MasterKey[] | undefined;
	/** Ids of keys that leave every group, such as `age1…` or a fingerprint. */
	readonly removeKeys?: readonly string[] | undefined;
	/** `keep` (default): only ciphertext and metadata change. `reference`: as `sops` would write the file. */
	readonly layout?: Layout | undefined;
	/** Spaces per level for what is written anew. */
	readonly indent?: number | undefined;
}

export const ROTATE_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...KEY_CHECKS,
	...LAYOUT_CHECKS,
	addKeys: KEYS_CHECK,
	removeKeys: isTexts,
};

/**
 * Gives a file a new data key: every value is encrypted anew, and so is every entry of a master key. Keys may join
 * and leave in the same step. The providers must open the file, and be able to wrap for all keys that stay.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @throws SopsError as `decryptDocument` and `encryptDocument`; `rewrap-impossible` with the keys that nobody at hand
 * can wrap for, until they are removed by name; `key-not-found` for a key to remove that the file does not have
 * @throws UsageError for unknown options and wrong argument types
 */
export async function rotateDocument(
	input: string | Uint8Array,
	options: RotateOptions,
): Promise<EncryptedFile> {
	const of = "rotateDocument()";
	checkOptions(of, options, ROTATE_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
	const opened = await openText(text, openRequest(codec, options));
	const [first = [], ...others]: readonly (readonly GroupMember[])[] = without(
		opened.metadata.groups,
		options.removeKeys ?? [],
	);
	const groups = [[...first, ...(options.addKeys ?? [])], ...others];
	return rotateTo(opened, groups, opened.metadata.shamirThreshold, options);
}

/** Gives an opened file a new data key for these groups. */
export async function rotateTo(
	opened: OpenedFile,
	groups: readonly (readonly GroupMember[])[],
	shamirThreshold: number,
	options: Pick<RotateOptions, "providers" | "signal" | "layout" | "indent">,
): Promise<EncryptedFile> {
	const dataKey = crypto.random(DATA_KEY_LENGTH);
	const now = new Date();
	try {
		const stored = await rekey({
			dataKey,
			groups,
			shamirThreshold,
			samePart: false,
			providers: options.providers,
			now,
			signal: options.signal,
		});
		opened.findings.push(...historyReadable(opened.metadata.groups, groups.flat().map(refOf)));
		return reseal(opened, [], {
			layout: options.layout ?? "keep",
			indent: options.indent,
			now,
			keys: { groups: stored, shamirThreshold },
			cipher: new Cipher(dataKey),
		});
	} finally {
		dataKey.fill(0);
	}
}
