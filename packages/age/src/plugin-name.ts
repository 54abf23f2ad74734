import { bech32Prefix } from "./bech32.ts";

// What becomes part of the name of a program: nothing that leads to another folder (filippo.io/age v1.3.1,
// plugin/encode.go).
const NAME = /^[A-Za-z0-9+\-._]+$/;

/** The plugin that a recipient `age1<name>1…` needs; undefined where it is none. */
export function pluginOfRecipient(text: string): string | undefined {
	if (!text.startsWith("age1")) return undefined;
	return checked(bech32Prefix(text)?.slice("age1".length));
}

/** The plugin that an identity `AGE-PLUGIN-<NAME>-1…` needs, in small letters; undefined where it is none. */
export function pluginOfIdentity(text: string): string | undefined {
	if (!text.startsWith("AGE-PLUGIN-")) return undefined;
	const prefix = bech32Prefix(text);
	if (!prefix?.endsWith("-")) return undefined;
	return checked(prefix.slice("AGE-PLUGIN-".length, -1).toLowerCase());
}

/** Whether a name can be that of a plugin. */
export function isPluginName(name: string): boolean {
	return NAME.test(name);
}

function checked(name: string | undefined): string | undefined {
	return name !== undefined && isPluginName(name) ? name : undefined;
}
