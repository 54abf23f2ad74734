/**
 * OpenPGP keys for sopskit: wrap for public keys, unwrap with private keys, within the process.
 *
 * @packageDocumentation
 */
export { pgpRef, pgpRefs } from "./fingerprint.ts";
export { type GeneratedPgpKey, generatePgpKey, type PgpKeyRequest } from "./generate-key.ts";
export type { PgpKeyText } from "./key-text.ts";
export type { LockedPgpKey, PgpPassphrase } from "./passphrase.ts";
export { type PgpOptions, pgp } from "./pgp.ts";
export { pgpRecipient, pgpRecipients } from "./recipient.ts";
