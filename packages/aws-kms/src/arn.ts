import { KeyError } from "@sopskit/core";

/**
 * Narrower than the reference (sops 3.13.3, kms/keysource.go: `^arn:aws[\w-]*:kms:(.+):[0-9]+:(key|alias)/.+$`): the
 * region becomes part of a host name, so it must look like one of AWS's in any partition (`aws`, `aws-cn`,
 * `aws-us-gov`, `aws-iso-b`, `aws-eusc` …).
 */
const KEY_ARN =
	/^arn:aws(?:-[a-z]{1,8}){0,3}:kms:([a-z]{2,5}(?:-[a-z]{1,12}){1,3}-[0-9]{1,2}):[0-9]{12}:(?:key|alias)\/[\x21-\x7e]{1,512}$/;

const ROLE_ARN = /^arn:aws(?:-[a-z]{1,8}){0,3}:iam::[0-9]{12}:role\/[\x21-\x7e]{1,512}$/;

/** The region of a key's ARN; undefined for what is not the ARN of a key or an alias. */
export function regionOf(arn: string): string | undefined {
	return KEY_ARN.exec(arn)?.[1];
}

export function isRoleArn(text: string): boolean {
	return ROLE_ARN.test(text);
}

export const ARN_FORM = "arn:aws:kms:eu-west-1:111122223333:key/… or …:alias/…";

/** @throws KeyError `misconfigured` */
export function requireRegion(arn: string): string {
	const region = regionOf(arn);
	if (region !== undefined) return region;
	throw new KeyError("misconfigured", `the entry's arn is not of the form ${ARN_FORM}`);
}
