import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { isKeyError, KeyError, type KeyProvider, UsageError } from "@sopskit/core";
import { type GpgEnvironment, gpgCommand, gpgProvider } from "./gpg.ts";
import { valuesOf } from "./gpg-failure.ts";
import { type GpgCommand, runGpg } from "./gpg-process.ts";
import { type KeyBlock, type PgpKeyText, readKeyTexts } from "./key-text.ts";

/** What {@link privateKeyring} takes. */
export interface PrivateKeyringOptions {
	/** The private keys to import, without passphrases, in the forms that `pgp()` takes. */
	readonly privateKeys: PgpKeyText | readonly PgpKeyText[];
	/** Where the program is found (`PATH`, `SOPS_GPG_EXEC`), and what it sees but for the user's own GnuPG. */
	readonly environment?: GpgEnvironment | undefined;
	/** The program, before `SOPS_GPG_EXEC`. */
	readonly program?: string | undefined;
	/**
	 * Where the folder is made, an absolute path; the system's folder for temporary files by default. Keep it
	 * short: sockets cannot have a path of more than about 100 characters.
	 */
	readonly folder?: string | undefined;
}

/** The longest name of a socket that gpg-agent makes, and the most that a socket's path may have (macOS). */
const SOCKET = "S.gpg-agent.browser";
const SOCKET_PATH = 103;

/**
 * A provider that decrypts with `gpg` and a keyring of its own: a new folder that only this user may enter (0700),
 * into which the keys are imported, as controllers do that must not see the keys of anyone else. The folder is
 * made on first use. `close()` ends its agent and removes it; a process that ends without that leaves it behind.
 *
 * The KeyErrors are those of `gpg()`; a key that cannot be imported is `misconfigured`. Where gpg is not needed,
 * `pgp({ privateKeys })` does the same without a folder.
 *
 * @throws UsageError `option-unknown`, `argument-invalid`
 * @throws SopsError `key-invalid` as `pgp()`
 */
export function privateKeyring(options: PrivateKeyringOptions): KeyProvider {
	const { blocks, folder, base } = checked(options);
	let making: Promise<GpgCommand> | undefined;
	let closed = false;
	const command = (): Promise<GpgCommand> => {
		if (closed) throw new KeyError("misconfigured", "this private keyring was closed; make another one");
		// Not with the signal of the one call that came first: the others wait for the same keyring.
		making ??= makeHome(folder, base, blocks).catch((error: unknown) => {
			making = undefined;
			throw error;
		});
		return making;
	};
	return Object.freeze({
		...gpgProvider("private-keyring", async () => command()),
		async close() {
			closed = true;
			const made = await making?.catch(() => undefined);
			making = undefined;
			if (made !== undefined) await removeHome(made);
		},
	});
}

function checked(options: PrivateKeyringOptions): {
	readonly blocks: readonly KeyBlock[];
	readonly folder: string;
	readonly base: GpgCommand;
} {
	const of = "privateKeyring()";
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw new UsageError("argument-invalid", `${of} takes an options object, such as { privateKeys }`);
	}
	const { privateKeys, folder = tmpdir(), environment = {}, program, ...unknown } = options;
	const [first] = Object.keys(unknown);
	if (first !== undefined) {
		const word = /^[a-z]\w{0,40}$/.test(first) ? `"${first}"` : "that it was given";
		throw new UsageError("option-unknown", `${of} does not know the option ${word}.`);
	}
	if (typeof folder !== "string" || !isAbsolute(folder)) {
		throw new UsageError("argument-invalid", `${of}: folder must be an absolute path`);
	}
	if (join(folder, `${PREFIX}XXXXXX`, SOCKET).length > SOCKET_PATH) {
		throw new UsageError(
			"argument-invalid",
			`${of}: the path of folder is too long for the sockets of gpg-agent; take a shorter one`,
		);
	}
	const blocks = readKeyTexts(privateKeys, "private", of);
	if (blocks.length === 0) throw new UsageError("argument-invalid", `${of}: give privateKeys`);
	return { blocks, folder, base: gpgCommand({ environment, program }, of) };
}

const PREFIX = "sopskit-gnupg-";

async function makeHome(folder: string, base: GpgCommand, blocks: readonly KeyBlock[]): Promise<GpgCommand> {
	let home: string;
	try {
		// Made with mode 0700.
		home = await mkdtemp(join(folder, PREFIX));
	} catch (error) {
		const code = String((error as { code?: unknown })?.code ?? "unknown reason").replace(/\W/g, "");
		throw new KeyError("misconfigured", `no folder for a private keyring can be made (${code})`);
	}
	const { GNUPGHOME: _home, GPG_AGENT_INFO: _agent, ...environment } = base.environment;
	const command = {
		program: base.program,
		prefix: ["--homedir", home],
		// Nothing of the user's own home: not even where a plug-in of gpg looks for it.
		environment: { ...environment, HOME: home },
		located: true,
	};
	try {
		for (const block of blocks) await importKey(command, block);
	} catch (error) {
		await removeHome(command);
		if (isKeyError(error)) throw error;
		throw new KeyError("failed", "gpg could not be given the keys");
	}
	return command;
}

const SECRET = 16;

async function importKey(command: GpgCommand, block: KeyBlock): Promise<void> {
	const isPublic = "armored" in block && block.armored.startsWith("-----BEGIN PGP PUBLIC");
	const input = "armored" in block ? new TextEncoder().encode(block.armored) : block.binary;
	const run = await runGpg(command, ["--import"], input, undefined);
	const flags = valuesOf(run, "IMPORT_OK").map(([flag]) => Number(flag));
	if (flags.some((flag) => isPublic || (flag & SECRET) !== 0)) return;
	throw new KeyError(
		"misconfigured",
		`gpg cannot import the ${block.place}: export the key again with gpg --export-secret-keys --armor`,
	);
}

/** Ends the agent of a home, and removes the home. */
async function removeHome({ program, prefix, environment }: GpgCommand): Promise<void> {
	// `gpgconf` stands beside gpg. Without it, the agent ends itself when its sockets are gone.
	const gpgconf =
		/^gpg2?(?:\.exe)?$/.test(basename(program)) && dirname(program) !== "."
			? join(dirname(program), "gpgconf")
			: "gpgconf";
	await new Promise<void>((resolve) => {
		const child = spawn(gpgconf, [...prefix, "--kill", "all"], {
			env: { ...environment },
			stdio: "ignore",
			windowsHide: true,
		});
		child.on("error", () => resolve());
		child.on("close", () => resolve());
	});
	await rm(prefix[1]!, { recursive: true, force: true, maxRetries: 3 });
}
