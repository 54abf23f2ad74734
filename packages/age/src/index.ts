/**
 * age keys for sopskit: wrap for recipients, unwrap with identities.
 *
 * @packageDocumentation
 */
export { type AgeOptions, age } from "./age.ts";
export { type GeneratedIdentity, generateIdentity } from "./generate-identity.ts";
export type { IdentityContent, IdentityInput } from "./given-identity.ts";
export type { AgeStanza } from "./header.ts";
export type { AgeIdentity, UnwrapCall, X25519PrivateKey } from "./identity.ts";
export type { AskPassphrase, PassphraseRequest } from "./passphrase.ts";
export type { AgePlugins } from "./plugins.ts";
export { type RecipientOptions, recipient, recipients } from "./recipient.ts";
