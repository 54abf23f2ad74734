import { age, recipient } from "@sopskit/age";
import { agePlugins, identitiesFromEnvironment, sshIdentity } from "@sopskit/age/node";

/** What a runtime that has the modules of Node is given beside the common task. */
export interface NodeTask {
	readonly sshKey: string;
	readonly sshRecipient: string;
	readonly passphrase: string;
	readonly pluginRecipient: string;
	readonly pluginIdentity: string;
	readonly pluginEnvironment: Readonly<Record<string, string>>;
	/** Variables with `SOPS_AGE_KEY_CMD`, which gives the identity of `recipient`. */
	readonly environment: Readonly<Record<string, string>>;
	readonly recipient: string;
}

/** Wraps for an SSH key, a plugin and the key of a command, and unwraps; gives the names of those that worked. */
export async function performOnNode(task: NodeTask): Promise<readonly string[]> {
	const part = new Uint8Array(32).fill(7);
	const plugins = agePlugins({ allow: ["asker"], environment: task.pluginEnvironment });
	const { identities } = await identitiesFromEnvironment(task.environment);
	const kinds = {
		ssh: [
			task.sshRecipient,
			age({ identities: sshIdentity(task.sshKey, { passphrase: () => task.passphrase }) }),
		],
		plugin: [task.pluginRecipient, age({ identities: task.pluginIdentity, plugins })],
		command: [task.recipient, age({ identities })],
	} as const;
	const worked: string[] = [];
	for (const [name, [to, provider]] of Object.entries(kinds)) {
		const key = recipient(to, { plugins });
		const result = await provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {});
		if (result instanceof Uint8Array && result.join() === part.join()) worked.push(name);
	}
	return worked;
}
