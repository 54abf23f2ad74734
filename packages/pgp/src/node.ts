/**
 * OpenPGP keys of GnuPG for sopskit, on Node: ring files, the `gpg` program with its agent and cards, and private
 * keyrings.
 *
 * @packageDocumentation
 */
export { type GpgEnvironment, type GpgOptions, gpg } from "./gpg.ts";
export { type PgpKeyringOptions, type PgpWay, pgpKeyring } from "./pgp-keyring.ts";
export { type PrivateKeyringOptions, privateKeyring } from "./private-keyring.ts";
export type { PgpRingFiles } from "./ring-files.ts";
