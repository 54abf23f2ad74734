import { SopsError } from "../errors.ts";
import type { FormatCodec } from "../formats/codec.ts";
import { METADATA_KEY, METADATA_PREFIX } from "../metadata/metadata.ts";

/** What to throw for a plain document with a name that the metadata needs. */
export function alreadyEncrypted(output: FormatCodec): SopsError {
	const format = output.name;
	const taken =
		output.metadata === "prefix" ? `key that starts with "${METADATA_PREFIX}"` : `"${METADATA_KEY}" key`;
	return new SopsError(
		"already-encrypted",
		`The document has a ${taken} at its top, so it is encrypted already, or uses the name that SOPS needs. Edit the encrypted file, or rename the key.`,
		{ format },
	);
}
