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
export type { Environment } from "./environment.ts";
export type { IdentitySources } from "./identity-sources.ts";
export type { FileFailure, FileResult, FileSuccess } from "./many-files.ts";
export type { DefaultedEncryption, DefaultedKeys, Sops } from "./sops.ts";
