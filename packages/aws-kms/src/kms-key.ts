import { type KeyRef, parseKeyList, SopsError, UsageError } from "@sopskit/core";
import { checkOptions, isText } from "@sopskit/core/provider";
import { ARN_FORM, isRoleArn, regionOf } from "./arn.ts";

/** What stands beside the ARN of a key. */
export interface KmsKeyOptions {
	/** ARN of a role to assume before the key is used. */
	readonly role?: string | undefined;
	/** The encryption context: the key opens only with the very same one. It stands in the file in clear. */
	readonly context?: Readonly<Record<string, string>> | undefined;
	/** Name of a profile of the AWS configuration, for who decrypts with `sops`. */
	readonly profile?: string | undefined;
}

/**
 * Names a key of AWS KMS, for `bindKeyGroups([[kmsKey("arn:…")]], [awsKms(…)])`.
 *
 * @param arn - of a key or an alias, in any partition and region; `ARN+roleARN` as in `.sops.yaml` is taken too
 * @throws SopsError `key-invalid` for what is not the ARN of a key, or not that of a role; nothing of it is repeated
 * @throws UsageError `option-unknown`, `argument-invalid`
 */
export function kmsKey(arn: string, options: KmsKeyOptions = {}): KeyRef {
	const of = "kmsKey()";
	checkOptions(of, options, { role: isText, context: isContext, profile: isText });
	if (typeof arn !== "string") throw new UsageError("argument-invalid", `${of} takes the ARN of a key.`);
	if (options.role && !isRoleArn(options.role)) throw invalid(ROLE_FORM);
	const [ref, ...others] = parseKeyList("kms", options.role ? `${arn}+${options.role}` : arn, {
		encryptionContext: options.context,
		awsProfile: options.profile,
	});
	if (ref === undefined || others.length > 0)
		throw invalid("must be one ARN; for a list, use parseKeyList()");
	if (regionOf(String(ref.fields.arn)) === undefined) throw invalid(`is not of the form ${ARN_FORM}`);
	if (ref.fields.role !== "" && !isRoleArn(String(ref.fields.role))) throw invalid(ROLE_FORM);
	return ref;
}

const ROLE_FORM = "has a role that is not of the form arn:aws:iam::111122223333:role/…";

function isContext(value: unknown): string | undefined {
	const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
	return isMap && Object.values(value).every((one) => typeof one === "string")
		? undefined
		: 'an object of strings, such as { app: "shop" }';
}

function invalid(reason: string): SopsError {
	return new SopsError("key-invalid", `A value that should name a kms key ${reason}.`, {
		type: "kms",
		reason,
	});
}
