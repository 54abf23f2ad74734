import { cleanPath } from "../clean-path.ts";

/** An absolute path of Windows; everything else has `/` only. */
const WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/**
 * The text that `path_regex` is searched in: the cleaned path of the file without the folder of the configuration
 * before it. Of a file elsewhere it is all of the path (sops 3.13.3, config/config.go, `parseCreationRuleForFile`: a
 * prefix is trimmed). On Windows the separators stay as they are, as there.
 *
 * @param path - absolute, or relative to the folder of the configuration
 * @param config - absolute path of the configuration, where it is known
 */
export function testedPath(path: string, config: string | undefined): string {
	if (WINDOWS.test(config ?? path))
		return withoutFolder(path, config?.replace(/[^\\/]*$/, ""), /^[A-Za-z]:[\\/]$/);
	const folder = config?.replace(/[^/]*$/, "");
	const known = folder === undefined || path.startsWith("/") ? path : folder + path;
	return withoutFolder(cleanPath(known), folder, /^\/$/);
}

/** @param root - folders to which the reference adds one separator more, so that no path begins with them */
function withoutFolder(path: string, folder: string | undefined, root: RegExp): string {
	return folder !== undefined && !root.test(folder) && path.startsWith(folder)
		? path.slice(folder.length)
		: path;
}
