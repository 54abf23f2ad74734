/**
 * What age keys need of the machine, for Node, Deno and Bun: SSH keys, plugins, and the environment of `sops`.
 *
 * @packageDocumentation
 */
export {
	type AgePluginsOptions,
	agePlugins,
	type PluginConfirmation,
	type PluginPrompts,
	type PluginRequest,
} from "./node/age-plugins.ts";
export {
	type EnvironmentIdentities,
	type EnvironmentOptions,
	identitiesFromEnvironment,
} from "./node/identities-from-environment.ts";
export type { Variables } from "./node/key-command.ts";
export { type SshIdentity, type SshIdentityOptions, sshIdentity } from "./node/ssh-identity.ts";
