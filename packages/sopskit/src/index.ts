/**
 * Read and write SOPS files in Node: all of `@sopskit/core`, its file functions, `@sopskit/age` and
 * `@sopskit/pgp`, and {@link createSops}, which puts them together.
 *
 * @packageDocumentation
 */
export * from "@sopskit/age";
export * from "@sopskit/age/node";
export * from "@sopskit/core";
export * from "@sopskit/core/node";
export * from "@sopskit/pgp";
export * from "@sopskit/pgp/node";
export { createSops, type SopsOptions } from "./create-sops.ts";
export type { DefaultedEncryption, DefaultedKeys, DefaultedTarget } from "./defaulted.ts";
export type { EncryptFilesOptions, EncryptionSkip, FileEncryption } from "./encrypt-by-rule.ts";
export type { Environment } from "./environment.ts";
export type { DecryptFilesOptions, FileSet, FilesOptions, UpdateFilesKeysOptions } from "./file-set.ts";
export type { FileFailure, FileProgress, FileResult, FileSuccess } from "./for-each-file.ts";
export type { IdentitySources } from "./identity-sources.ts";
export type { ConfigSource } from "./rules.ts";
export type { Sops } from "./sops.ts";
export type { FileKeyUpdate, KeyUpdateSkip } from "./update-keys-by-rule.ts";
