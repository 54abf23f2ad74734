import { posix, win32 } from "node:path";
import type { Variables } from "./key-command.ts";

/**
 * The default key file, `sops/age/keys.txt` in the user's configuration directory as Go has it, with the reference's
 * own rule for macOS (sops 3.13.3, age/keysource.go).
 *
 * @param platform - as in `process.platform`
 */
export function defaultKeyFile(
	environment: Variables,
	platform: string,
): { readonly path: string } | { readonly trouble: string } {
	const rest = ["sops", "age", "keys.txt"] as const;
	if (platform === "win32") {
		const path = windowsVariable(environment, "AppData");
		return path ? { path: win32.join(path, ...rest) } : { trouble: "%AppData% is not set" };
	}
	const { XDG_CONFIG_HOME: xdg, HOME: home } = environment;
	if (platform === "darwin") {
		if (xdg) return { path: posix.join(xdg, ...rest) };
		return home
			? { path: posix.join(home, "Library", "Application Support", ...rest) }
			: { trouble: "$HOME is not set" };
	}
	if (xdg) {
		return xdg.startsWith("/")
			? { path: posix.join(xdg, ...rest) }
			: { trouble: "$XDG_CONFIG_HOME is a relative path" };
	}
	return home
		? { path: posix.join(home, ".config", ...rest) }
		: { trouble: "neither $XDG_CONFIG_HOME nor $HOME is set" };
}

/** The SSH keys that the reference tries; none without a home. */
export function defaultSshKeys(environment: Variables, platform: string): readonly string[] {
	const isWindows = platform === "win32";
	const home = isWindows ? windowsVariable(environment, "UserProfile") : environment.HOME;
	if (!home) return [];
	const { join } = isWindows ? win32 : posix;
	return ["id_ed25519", "id_rsa"].map((name) => join(home, ".ssh", name));
}

/** Names of variables have no case on Windows, but a copy of process.env has. */
function windowsVariable(environment: Variables, wanted: string): string | undefined {
	const name = Object.keys(environment).find((one) => one.toLowerCase() === wanted.toLowerCase());
	return name === undefined ? undefined : environment[name];
}
