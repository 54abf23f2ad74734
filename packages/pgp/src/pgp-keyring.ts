import { join } from "node:path";
import { type KeyProvider, UsageError } from "@sopskit/core";
import { type GpgOptions, gpgCommand, gpgProvider } from "./gpg.ts";
import { inTurn } from "./in-turn.ts";
import { blocksOf, checkedPassphrase, type PgpOptions, providerOf } from "./pgp.ts";
import { type PgpRingFiles, readRingFiles } from "./ring-files.ts";

/** A way to use a key: within the process, or by starting gpg. */
export type PgpWay = "in-process" | "gpg";

/** What {@link pgpKeyring} takes. One of `environment` and `home` is needed. */
export interface PgpKeyringOptions extends PgpOptions, GpgOptions, PgpRingFiles {
	/** The ways, first things first; `["in-process", "gpg"]` by default, as the reference. A way left out is not used. */
	readonly order?: readonly PgpWay[] | undefined;
}

const OWN = ["order", "environment", "home", "program", "pubring", "secring"];

/**
 * A provider for the OpenPGP keys of a user, as `sops` finds them: those in `pubring.gpg` and `secring.gpg` of
 * GnuPG's home, within the process, and then all that `gpg` can use, with its agent and cards. Private and public
 * keys that are passed as well are used within the process.
 *
 * The home is `home`, or else `GNUPGHOME` or `$HOME/.gnupg` of the environment that was passed. Ring files are read
 * on first use, and not again. GnuPG 2.1 and later keeps public keys in a keybox, `pubring.kbx`, which only gpg
 * reads.
 *
 * KeyErrors are those of `pgp()` and `gpg()`. With two ways, `hint` has the words of both.
 *
 * @throws UsageError `option-unknown`, `argument-invalid`
 * @throws SopsError `key-invalid` as `pgp()`
 */
export function pgpKeyring(options: PgpKeyringOptions): KeyProvider {
	const of = "pgpKeyring()";
	const given = blocksOf(options, of, OWN);
	const passphrase = checkedPassphrase(options, of);
	const { environment, home, program, pubring, secring } = options;
	const order: readonly PgpWay[] = options.order ?? ["in-process", "gpg"];
	const command = gpgCommand({ environment, home, program }, of);
	for (const [name, path] of Object.entries({ pubring, secring })) {
		if (path === undefined || typeof path === "string") continue;
		throw new UsageError("argument-invalid", `${of}: ${name} must be a path`);
	}
	const known: readonly unknown[] = ["in-process", "gpg"];
	const isList = Array.isArray(options.order ?? []);
	if (
		!isList ||
		order.length === 0 ||
		new Set(order).size < order.length ||
		!order.every((way) => known.includes(way))
	) {
		throw new UsageError("argument-invalid", `${of}: order must name "in-process", "gpg", or both`);
	}
	const folder =
		home ?? (environment?.GNUPGHOME || (environment?.HOME ? join(environment.HOME, ".gnupg") : undefined));
	const load = async () => {
		const { blocks, remarks } = await readRingFiles(folder, { pubring, secring });
		return { blocks: [...given, ...blocks], remarks };
	};
	const ways: Readonly<Record<PgpWay, () => KeyProvider>> = {
		"in-process": () => providerOf("pgp", load, passphrase),
		gpg: () => gpgProvider("gpg", async () => command),
	};
	return inTurn(
		"pgp",
		order.map((way) => ways[way]()),
	);
}
