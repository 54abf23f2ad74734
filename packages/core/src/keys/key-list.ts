import { checkOptions, isText, isTextMap } from "../options.ts";
import { UsageError } from "../usage-error.ts";
import type { KeyRef } from "./contract.ts";
import { KEY_TYPES, keyType } from "./key-types.ts";

/** Options of {@link parseKeyList}; both are for keys of AWS KMS. */
export interface KeyListOptions {
	/** As `--aws-profile`. */
	readonly awsProfile?: string | undefined;
	/** As `--encryption-context`. */
	readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
}

/**
 * The keys of a comma list, as the flags and variables of `sops` have them: `--kms` and `SOPS_KMS_ARN` for `kms`,
 * `--azure-kv` for `azure_kv`, and so on.
 *
 * @param type - name of the key's list in the metadata
 * @param text - such as `arn:…,arn:…+arn:…`; an empty text holds no key
 * @throws SopsError `key-invalid`; neither message nor reason repeats the text
 * @throws UsageError for an unknown type and wrong arguments
 */
export function parseKeyList(type: string, text: string, options: KeyListOptions = {}): readonly KeyRef[] {
	const of = "parseKeyList()";
	checkOptions(of, options, { awsProfile: isText, encryptionContext: isTextMap });
	const known = keyType(type);
	if (known === undefined || typeof text !== "string") {
		const types = KEY_TYPES.map((one) => one.type).join(", ");
		throw new UsageError("argument-invalid", `${of} takes a type of key (${types}) and a text.`);
	}
	return known.rules.fromList(text, options).map((fields) => known.fromFields(fields));
}
