/**
 * AWS KMS keys for sopskit.
 *
 * @packageDocumentation
 */
export { type AwsKmsOptions, awsKms } from "./aws-kms.ts";
export type { KmsClientLike, KmsClientSource, KmsTarget } from "./client-pool.ts";
export type { AwsCredentialSource, AwsCredentials } from "./credentials.ts";
export type { Environment } from "./environment.ts";
export { type KmsKeyOptions, kmsKey } from "./kms-key.ts";
export {
	type ServiceAccount,
	type WebIdentity,
	type WebIdentityOptions,
	webIdentity,
} from "./web-identity.ts";
