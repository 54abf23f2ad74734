import { type Finding, UsageError } from "@sopskit/core";
import { readIdentity } from "./identity.ts";

/** What {@link identitiesFromEnvironment} needs from the machine it runs on. */
export interface EnvironmentAccess {
	/**
	 * Reads a text file, such as `(path) => readFile(path, "utf8")` of `node:fs/promises`. A file that is not
	 * there gives undefined or a rejection with code `ENOENT`.
	 */
	readonly readTextFile: (path: string) => Promise<string | undefined>;
	/** The home directory to use where the environment names none (`HOME`; not used on Windows). */
	readonly homeDirectory?: string;
	/** As in `process.platform`, which is also the default where there is a process; else `linux`. */
	readonly platform?: string;
}

/** What the environment gave. */
export interface EnvironmentIdentities {
	/**
	 * The identities, one text each, for `age({ identities })`. Secret, and so not enumerable: printing or
	 * copying the object leaves them out.
	 */
	readonly identities: readonly string[];
	/**
	 * One `source-unusable` for each source that is named and could not be used. Holds no content of any
	 * source.
	 */
	readonly findings: readonly Finding[];
	/** Variables and paths that were looked at and had no identity, for "nothing found in …" messages. */
	readonly notFound: readonly string[];
}

/**
 * Collects age identities from where `sops` looks for them, by the rules of 3.13.3 (`age/keysource.go`):
 * `SOPS_AGE_KEY` (identities, several per line allowed), the file named by `SOPS_AGE_KEY_FILE`, and the
 * default key file `sops/age/keys.txt` in the user's configuration directory: `$XDG_CONFIG_HOME` or
 * `$HOME/.config`; on macOS `$XDG_CONFIG_HOME` or `$HOME/Library/Application Support`; on Windows
 * `%AppData%`. All that is found is added up, in this order. A source that fails is a finding and hides no
 * other.
 *
 * `SOPS_AGE_KEY_CMD`, `SOPS_AGE_SSH_PRIVATE_KEY_FILE` and `SOPS_AGE_SSH_PRIVATE_KEY_CMD` are not supported
 * yet: where they are set, a finding says so. SSH keys in `~/.ssh`, plugins and passphrase-protected key
 * files are not used either.
 *
 * @param environment - the variables, such as `process.env`; nothing else is consulted
 * @throws UsageError `argument-invalid` if the environment is not an object, or there is no `readTextFile`;
 * `option-unknown`
 */
export async function identitiesFromEnvironment(
	environment: Readonly<Record<string, string | undefined>>,
	access: EnvironmentAccess,
): Promise<EnvironmentIdentities> {
	check(environment, access);
	const identities: string[] = [];
	const findings: Finding[] = [];
	const notFound: string[] = [];
	let sources = 0;

	const unusable = (message: string): void => void findings.push({ code: "source-unusable", message });
	const take = (source: string, text: string, unit: "line" | "word"): void => {
		sources += 1;
		const found = readSource(text, unit);
		for (const trouble of found.troubles) unusable(`${source}: ${trouble}`);
		identities.push(...found.identities);
		if (found.identities.length === 0 && found.troubles.length === 0) notFound.push(source);
	};

	for (const name of ["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"]) {
		if (environment[name] !== undefined) unusable(`${name} is set, and SSH keys are not supported yet`);
	}

	const key = environment.SOPS_AGE_KEY;
	if (key === undefined) notFound.push("SOPS_AGE_KEY");
	else take("SOPS_AGE_KEY", key, "word");

	const keyFile = environment.SOPS_AGE_KEY_FILE;
	if (keyFile === undefined) notFound.push("SOPS_AGE_KEY_FILE");
	else {
		const read = await readFile(keyFile, access);
		// The path is not repeated: who puts the identity itself into this variable should not find it in a log.
		if ("text" in read) take("SOPS_AGE_KEY_FILE", read.text, "line");
		else unusable(`SOPS_AGE_KEY_FILE: the file it names cannot be read (${read.trouble})`);
	}

	if (environment.SOPS_AGE_KEY_CMD !== undefined) {
		unusable("SOPS_AGE_KEY_CMD is set, and running commands is not supported yet");
	}

	const directory = configDirectory(environment, access);
	if ("trouble" in directory) {
		if (sources === 0) unusable(`the default key file: ${directory.trouble}`);
	} else {
		const path = directory.join(directory.path, "sops", "age", "keys.txt");
		const read = await readFile(path, access);
		if ("text" in read) take(path, read.text, "line");
		else if (read.trouble !== "ENOENT") unusable(`${path} cannot be read (${read.trouble})`);
		else if (sources === 0) notFound.push(path);
	}

	const found: EnvironmentIdentities = { identities, findings, notFound };
	return Object.defineProperty(found, "identities", { enumerable: false });
}

function check(environment: unknown, access: EnvironmentAccess): void {
	const name = "identitiesFromEnvironment";
	if (typeof environment !== "object" || environment === null) {
		throw new UsageError("argument-invalid", `${name}: pass the environment to read, such as process.env`);
	}
	if (typeof access?.readTextFile !== "function") {
		throw new UsageError("argument-invalid", `${name}: pass readTextFile, a function from path to text`);
	}
	const unknown = Object.keys(access).find(
		(option) => !["readTextFile", "homeDirectory", "platform"].includes(option),
	);
	if (unknown !== undefined) throw new UsageError("option-unknown", `${name}: unknown option ${unknown}`);
}

/**
 * Reads the identities of one source by the rules of the reference: nothing is trimmed, one line that is
 * not an identity spoils the whole source. What is an identity and not supported here spoils only itself.
 */
function readSource(
	text: string,
	unit: "line" | "word",
): { readonly identities: readonly string[]; readonly troubles: readonly string[] } {
	const identities: string[] = [];
	const troubles: string[] = [];
	// The reference knows an encrypted key file by these beginnings, before it looks at lines.
	if (text.startsWith("-----BEGIN AGE") || text.startsWith("age-encryption")) {
		return { identities, troubles: ["key files protected by a passphrase are not supported yet"] };
	}
	for (const [index, rawLine] of text.split("\n").entries()) {
		const line = rawLine.replace(/\r$/, "");
		if (line === "" || line.startsWith("#")) continue;
		for (const item of unit === "line" ? [line] : line.split(/\s+/).filter((word) => word !== "")) {
			const reading = readIdentity(item);
			if ("identity" in reading) identities.push(reading.identity.text);
			else if ("unsupported" in reading) troubles.push(`line ${index + 1}: ${reading.unsupported}`);
			else
				return { identities: [], troubles: [`line ${index + 1}: ${reading.invalid}; nothing of it is used`] };
		}
	}
	return { identities, troubles };
}

async function readFile(
	path: string,
	access: EnvironmentAccess,
): Promise<{ readonly text: string } | { readonly trouble: string }> {
	try {
		const text = await access.readTextFile(path);
		return text === undefined ? { trouble: "ENOENT" } : { text };
	} catch (error) {
		// Only the code of a foreign error: its message may hold the path, or more.
		const code: unknown =
			typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
		return { trouble: typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "failed" };
	}
}

type ConfigDirectory =
	| { readonly path: string; readonly join: (...parts: string[]) => string }
	| { readonly trouble: string };

/** The user's configuration directory as Go has it, with the reference's own rule for macOS. */
function configDirectory(
	environment: Readonly<Record<string, string | undefined>>,
	{ homeDirectory, platform = runtimePlatform() }: EnvironmentAccess,
): ConfigDirectory {
	const join = (...parts: string[]): string => parts.join("/").replace(/\/{2,}/g, "/");
	if (platform === "win32") {
		// Names of variables have no case on Windows, but a copy of process.env has.
		const name = Object.keys(environment).find((candidate) => candidate.toLowerCase() === "appdata");
		const path = name === undefined ? undefined : environment[name];
		if (!path) return { trouble: "%AppData% is not set" };
		return { path: path.replace(/[\\/]+$/, ""), join: (...parts) => parts.join("\\") };
	}
	const xdg = environment.XDG_CONFIG_HOME;
	const home = environment.HOME || homeDirectory;
	if (platform === "darwin") {
		if (xdg) return { path: xdg, join };
		return home
			? { path: join(home, "Library", "Application Support"), join }
			: { trouble: "$HOME is not set" };
	}
	if (xdg)
		return xdg.startsWith("/") ? { path: xdg, join } : { trouble: "$XDG_CONFIG_HOME is a relative path" };
	return home
		? { path: join(home, ".config"), join }
		: { trouble: "neither $XDG_CONFIG_HOME nor $HOME is set" };
}

function runtimePlatform(): string {
	const { process } = globalThis as { process?: { platform?: string } };
	return process?.platform ?? "linux";
}
