import { readFile } from "node:fs/promises";
import { type Finding, isSopsError, KeyError, UsageError } from "@sopskit/core";
import { commandWords } from "@sopskit/core/node";
import type { IdentityInput } from "../given-identity.ts";
import { identitiesOnDemand } from "../identities-on-demand.ts";
import type { AgeIdentity } from "../identity.ts";
import { readIdentityText } from "../identity-text.ts";
import { checkOptionNames } from "../option-names.ts";
import type { AskPassphrase } from "../passphrase.ts";
import { type AgePlugins, isAgePlugins } from "../plugins.ts";
import { isProtected, readProtected } from "../protected-file.ts";
import { protectedIdentity } from "../protected-identity.ts";
import { contentIdentities } from "../ready-identity.ts";
import { defaultKeyFile, defaultSshKeys } from "./default-places.ts";
import { commandOutput, type Variables } from "./key-command.ts";
import { sshIdentity } from "./ssh-identity.ts";

/** Whom {@link identitiesFromEnvironment} may ask. */
export interface EnvironmentOptions {
	/** Gives the passphrase of an encrypted key file or of a protected SSH key. */
	readonly passphrase?: AskPassphrase | undefined;
	/** Enables plugins in what `SOPS_AGE_KEY_CMD` gives; pass the same to `age()`. */
	readonly plugins?: AgePlugins | undefined;
}

/** What the environment gave. */
export interface EnvironmentIdentities {
	/**
	 * The identities, for `age({ identities })`. Secret, and so not enumerable: printing or copying the object
	 * leaves them out.
	 */
	readonly identities: readonly IdentityInput[];
	/**
	 * One `source-unusable` for each source that is named and could not be used. Holds no content of any
	 * source. What goes wrong later, with a command or a passphrase, is in the report of the decryption.
	 */
	readonly findings: readonly Finding[];
	/** Variables and paths that were looked at and had no identity, for "nothing found in …" messages. */
	readonly notFound: readonly string[];
}

/**
 * Collects age identities from where `sops` looks for them, by the rules of 3.13.3 (`age/keysource.go`):
 * 1. `SOPS_AGE_SSH_PRIVATE_KEY_FILE`: the path of an SSH key;
 * 2. `SOPS_AGE_SSH_PRIVATE_KEY_CMD`: a command that writes an SSH key without passphrase;
 * 3. `.ssh/id_ed25519` and `.ssh/id_rsa` in the home (`HOME`, on Windows `UserProfile`);
 * 4. `SOPS_AGE_KEY`: identities, several per line allowed;
 * 5. `SOPS_AGE_KEY_FILE`: the path of a key file;
 * 6. `SOPS_AGE_KEY_CMD`: a command that writes a key file;
 * 7. `sops/age/keys.txt` in the configuration directory: `$XDG_CONFIG_HOME` or `$HOME/.config`; on macOS
 *    `$XDG_CONFIG_HOME` or `$HOME/Library/Application Support`; on Windows `%AppData%`.
 *
 * All that is found is added up. A source that fails is a finding and hides no other. Key files may be encrypted
 * with a passphrase.
 *
 * Commands are split as the reference splits them and run without a shell, with these variables and the recipient
 * of the entry in `SOPS_AGE_RECIPIENT`; only when no other identity opens a file, and once for each recipient.
 *
 * @param environment - the variables, such as `process.env`; nothing else is consulted
 * @throws UsageError `argument-invalid` for arguments of another type; `option-unknown`
 */
export async function identitiesFromEnvironment(
	environment: Variables,
	options: EnvironmentOptions = {},
): Promise<EnvironmentIdentities> {
	check(environment, options);
	const identities: IdentityInput[] = [];
	const findings: Finding[] = [];
	const notFound: string[] = [];
	let sources = 0;
	const unusable = (message: string): void => void findings.push({ code: "source-unusable", message });

	/** @param shown - for messages: a path is not repeated where the identity itself may stand in its place */
	async function takeSshKey(path: string, shown: string, isOptional: boolean): Promise<void> {
		const read = await contentOf(path);
		if ("content" in read) {
			try {
				const needsPublicKey = /^Proc-Type: .*ENCRYPTED/m.test(new TextDecoder().decode(read.content));
				const beside = needsPublicKey ? await contentOf(`${path}.pub`) : undefined;
				const publicKey =
					beside && "content" in beside ? new TextDecoder().decode(beside.content) : undefined;
				identities.push(sshIdentity(read.content, { passphrase: options.passphrase, publicKey, name: path }));
				sources += 1;
			} catch (error) {
				unusable(`${shown}: ${isSopsError(error, "key-invalid") ? error.message : "cannot be read"}`);
			}
		} else if (isOptional && read.trouble === "ENOENT") notFound.push(path);
		else unusable(`${shown}: the file cannot be read (${read.trouble})`);
	}

	function takeCommand(name: string, identity: (words: readonly string[]) => AgeIdentity): void {
		const command = environment[name];
		if (command === undefined) return void notFound.push(name);
		const words = commandWords(command);
		if (words === undefined) unusable(`${name}: a quote or a backslash is left open`);
		else if (words.length === 0) unusable(`${name}: it is set, and holds no command`);
		else {
			identities.push(identity(words));
			sources += 1;
		}
	}

	function takeKeys(source: string, content: Uint8Array, rules: "file" | "words"): void {
		sources += 1;
		if (isProtected(content)) {
			const file = readProtected(content);
			if ("trouble" in file) unusable(`${source}: ${file.trouble}`);
			else identities.push(protectedIdentity(file, source, options.passphrase));
			return;
		}
		const read = readIdentityText(new TextDecoder().decode(content), rules);
		if (typeof read === "string") unusable(`${source}: ${read}; nothing of it is used`);
		else if (read.length === 0) notFound.push(source);
		else identities.push(...read.map(({ text }) => text));
	}

	const sshKeyFile = environment.SOPS_AGE_SSH_PRIVATE_KEY_FILE;
	if (sshKeyFile === undefined) notFound.push("SOPS_AGE_SSH_PRIVATE_KEY_FILE");
	else await takeSshKey(sshKeyFile, "SOPS_AGE_SSH_PRIVATE_KEY_FILE", false);
	takeCommand("SOPS_AGE_SSH_PRIVATE_KEY_CMD", (words) => sshCommand(words, environment));
	for (const path of defaultSshKeys(environment, process.platform)) await takeSshKey(path, path, true);

	const key = environment.SOPS_AGE_KEY;
	if (key === undefined) notFound.push("SOPS_AGE_KEY");
	else takeKeys("SOPS_AGE_KEY", new TextEncoder().encode(key), "words");
	const keyFile = environment.SOPS_AGE_KEY_FILE;
	if (keyFile === undefined) notFound.push("SOPS_AGE_KEY_FILE");
	else {
		const read = await contentOf(keyFile);
		// The path is not repeated: who puts the identity itself into this variable should not find it in a log.
		if ("content" in read) takeKeys("SOPS_AGE_KEY_FILE", read.content, "file");
		else unusable(`SOPS_AGE_KEY_FILE: the file it names cannot be read (${read.trouble})`);
	}
	takeCommand("SOPS_AGE_KEY_CMD", (words) => {
		const read = (output: Uint8Array) => contentIdentities(output, "what SOPS_AGE_KEY_CMD wrote", options);
		return identitiesOnDemand(commandOutput(words, environment, "SOPS_AGE_KEY_CMD", read));
	});

	const place = defaultKeyFile(environment, process.platform);
	if ("trouble" in place) {
		if (sources === 0) unusable(`the default key file: ${place.trouble}`);
	} else {
		const read = await contentOf(place.path);
		if ("content" in read) takeKeys(place.path, read.content, "file");
		else if (read.trouble !== "ENOENT") unusable(`${place.path} cannot be read (${read.trouble})`);
		else if (sources === 0) notFound.push(place.path);
	}

	const found: EnvironmentIdentities = { identities, findings, notFound };
	return Object.defineProperty(found, "identities", { enumerable: false });
}

function check(environment: unknown, options: EnvironmentOptions): void {
	const of = "identitiesFromEnvironment";
	if (typeof environment !== "object" || environment === null) {
		throw new UsageError("argument-invalid", `${of}: pass the environment to read, such as process.env`);
	}
	checkOptionNames(of, options, ["passphrase", "plugins"]);
	if (options.passphrase !== undefined && typeof options.passphrase !== "function") {
		throw new UsageError("argument-invalid", `${of}: passphrase must be a function that gives a passphrase`);
	}
	if (options.plugins !== undefined && !isAgePlugins(options.plugins)) {
		throw new UsageError("argument-invalid", `${of}: plugins must be what agePlugins() gives`);
	}
}

/** The identity behind `SOPS_AGE_SSH_PRIVATE_KEY_CMD`. It can open stanzas of SSH only, so it is run for those only. */
function sshCommand(words: readonly string[], environment: Variables): AgeIdentity {
	const name = "SOPS_AGE_SSH_PRIVATE_KEY_CMD";
	const command = identitiesOnDemand(
		commandOutput(words, environment, name, async (output) => {
			try {
				const identity = sshIdentity(output, { name: `of ${name}` });
				if (identity.silent) return [identity];
			} catch (error) {
				const reason = isSopsError(error, "key-invalid") ? error.details.reason : "it cannot be read";
				throw new KeyError("misconfigured", `what ${name} wrote is no SSH key that can be used: ${reason}`);
			}
			// As in the reference.
			throw new KeyError("misconfigured", `the SSH key that ${name} wrote is protected by a passphrase`);
		}),
	);
	return {
		unwrapFileKey: (stanzas, call) =>
			stanzas.some(({ args }) => args[0]!.startsWith("ssh-")) ? command.unwrapFileKey(stanzas, call) : null,
	};
}

async function contentOf(
	path: string,
): Promise<{ readonly content: Uint8Array } | { readonly trouble: string }> {
	try {
		return { content: new Uint8Array(await readFile(path)) };
	} catch (error) {
		// Only the code of a foreign error: its message holds the path.
		const code: unknown = (error as NodeJS.ErrnoException | null)?.code;
		return { trouble: typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "failed" };
	}
}
