import { isSopsError } from "../errors.ts";
import { envelopeOf } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import { checkOptions } from "../options.ts";
import { COMMON_CHECKS, type CommonOptions, inputText, requireFormat } from "../steps/input.ts";
import { readSealed } from "../steps/open.ts";

/** Whether a file is one of SOPS. */
export interface EncryptionStatus {
	/** It has metadata with a version and a MAC (`sops filestatus`). Nothing is verified. */
	readonly encrypted: boolean;
}

/**
 * Tells whether a file is encrypted, without keys.
 *
 * @param input - any file of the format, as text or bytes
 * @throws SopsError `metadata-invalid` for metadata that cannot be understood, `aborted`, and those of reading the format
 * @throws UsageError for unknown options and wrong argument types
 */
export function encryptionStatus(input: string | Uint8Array, options: CommonOptions): EncryptionStatus {
	const of = "encryptionStatus()";
	checkOptions(of, options, COMMON_CHECKS);
	const codec = requireFormat(of, options.format);
	const envelope = envelopeOf(codec);
	throwIfAborted(options.signal);
	const text = inputText(of, input, envelope, options.maxBytes);
	try {
		const { metadata } = readSealed(text, codec, "round");
		return { encrypted: metadata.version !== "" && metadata.mac !== "" };
	} catch (thrown) {
		if (isSopsError(thrown, "not-encrypted")) return { encrypted: false };
		// A plain file of any bytes is no envelope.
		if (codec !== envelope && isSopsError(thrown) && thrown.code !== "metadata-invalid")
			return { encrypted: false };
		throw thrown;
	}
}
