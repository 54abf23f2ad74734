/**
 * age keys for sopskit: wrap for recipients, unwrap with identities.
 *
 * @packageDocumentation
 */
export { type AgeOptions, age } from "./age.ts";
export { type GeneratedIdentity, generateIdentity } from "./generate-identity.ts";
export {
	type EnvironmentAccess,
	type EnvironmentIdentities,
	identitiesFromEnvironment,
} from "./identities-from-environment.ts";
export type { X25519PrivateKey } from "./identity.ts";
export { recipient, recipients } from "./recipient.ts";
