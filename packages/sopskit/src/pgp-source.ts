import type { KeyProvider } from "@sopskit/core";
import { type PgpOptions, pgp } from "@sopskit/pgp";
import { pgpKeyring } from "@sopskit/pgp/node";
import type { Environment } from "./environment.ts";

/**
 * The OpenPGP provider: over the keys that were passed and, only where an environment was passed, over the user's
 * ring files and gpg. Undefined where there is neither.
 *
 * @throws UsageError, SopsError as {@link pgp}
 */
export function pgpFrom(
	options: PgpOptions | undefined,
	environment: Environment | undefined,
): KeyProvider | undefined {
	// Says what is wrong with the options in the words for this one.
	const given = options === undefined ? undefined : pgp(options);
	return environment === undefined ? given : pgpKeyring({ ...options, environment });
}
