/**
 * Google Cloud KMS keys for sopskit.
 *
 * @packageDocumentation
 */
export type { ProxySettings as GcpProxy } from "@sopskit/core/network";
export type { Environment, GcpAccessToken, GcpTokenSource } from "./credentials.ts";
export { gcpKey } from "./gcp-key.ts";
export { gcpKms } from "./gcp-kms.ts";
export type { GcpKmsClient } from "./injected-client.ts";
export type { GcpKmsOptions } from "./options.ts";
