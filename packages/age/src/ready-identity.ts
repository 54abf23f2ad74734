import { KeyError } from "@sopskit/core";
import { asymmetric } from "#asymmetric";
import { type GivenIdentity, type IdentityContent, readContent } from "./given-identity.ts";
import { identitiesOnDemand } from "./identities-on-demand.ts";
import type { AgeIdentity } from "./identity.ts";
import { nativeIdentity } from "./native-identity.ts";
import { once } from "./once.ts";
import type { AskPassphrase } from "./passphrase.ts";
import type { AgePlugins } from "./plugins.ts";
import { protectedIdentity } from "./protected-identity.ts";
import { x25519Identity } from "./x25519.ts";

/** Whom identities may ask. */
export interface IdentityAids {
	readonly passphrase?: AskPassphrase | undefined;
	readonly plugins?: AgePlugins | undefined;
}

/** Makes an identity ready for use. */
export async function readyIdentity(given: GivenIdentity, aids: IdentityAids): Promise<AgeIdentity> {
	switch (given.kind) {
		case "x25519":
		case "hybrid":
			return nativeIdentity(given);
		case "crypto-key":
			return x25519Identity(await asymmetric.fromCryptoKey(given.key));
		case "plugin":
			return aids.plugins?.identity(given.plugin, given.text) ?? withoutPlugins(given.plugin);
		case "protected":
			return protectedIdentity(given.file, given.name, aids.passphrase);
		case "supplied":
			return suppliedIdentity(given.name, given.supply, aids);
		case "own":
			return given.identity;
	}
}

function withoutPlugins(plugin: string): AgeIdentity {
	return {
		unwrapFileKey() {
			throw new KeyError(
				"refused",
				`an identity needs the plugin ${plugin}: pass the option plugins, agePlugins({ allow: ["${plugin}"], … })`,
			);
		},
	};
}

/** The identities that a function gives when they are needed. */
function suppliedIdentity(name: string, supply: () => unknown, aids: IdentityAids): AgeIdentity {
	const supplied = once(async () => {
		let content: unknown;
		try {
			content = await supply();
		} catch (error) {
			// A message of a password manager may hold anything.
			throw new KeyError("failed", `${name} failed (${error instanceof Error ? error.name : "no error"})`);
		}
		return contentIdentities(content, name, aids);
	});
	return identitiesOnDemand(supplied);
}

/**
 * The identities in what a function or a command gave.
 *
 * @throws KeyError `misconfigured` where it holds none, or something else
 */
export async function contentIdentities(
	content: unknown,
	name: string,
	aids: IdentityAids,
): Promise<readonly AgeIdentity[]> {
	const isContent = typeof content === "string" || content instanceof Uint8Array;
	const read = isContent
		? readContent(content as IdentityContent, name)
		: `${name} gave neither text nor bytes`;
	if (typeof read === "string") throw new KeyError("misconfigured", read);
	return Promise.all(read.map((one) => readyIdentity(one, aids)));
}
