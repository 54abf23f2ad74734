import type { KeyCall } from "@sopskit/core";
import type { AgeStanza } from "./header.ts";
import type { AgeIdentity } from "./identity.ts";

/**
 * The age plugins that a caller enabled: `agePlugins()` of `@sopskit/age/node`. Without it, recipients and
 * identities of plugins are refused, and no program is started.
 */
export interface AgePlugins {
	/**
	 * The identity for a text `AGE-PLUGIN-<NAME>-1…`.
	 *
	 * @param plugin - name of the plugin, in small letters
	 */
	identity(plugin: string, text: string): AgeIdentity;
	/**
	 * Has a plugin wrap a file key for a recipient `age1<name>1…`.
	 *
	 * @throws KeyError `refused` for a plugin that is not enabled
	 */
	wrapFileKey(plugin: string, recipient: string, fileKey: Uint8Array, call: KeyCall): Promise<AgeStanza[]>;
}

/** What an option named `plugins` must be when it is not. */
export function isAgePlugins(value: unknown): value is AgePlugins {
	const { identity, wrapFileKey } = (value ?? {}) as Partial<AgePlugins>;
	return typeof identity === "function" && typeof wrapFileKey === "function";
}
