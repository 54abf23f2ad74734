/** An absolute path of Windows; everything else has `/` only. */
const WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/**
 * The text that `path_regex` is searched in: the path of the file without the folder of the configuration before it.
 * Nothing else is changed, also not where the file is elsewhere (sops 3.13.3, config/config.go,
 * `parseCreationRuleForFile`: a prefix is trimmed). On Windows the separators stay as they are, as there.
 *
 * @param config - absolute path of the configuration, where it is known
 */
export function testedPath(path: string, config: string | undefined): string {
	if (config === undefined) return path;
	const windows = WINDOWS.test(config);
	const end = windows ? Math.max(config.lastIndexOf("/"), config.lastIndexOf("\\")) : config.lastIndexOf("/");
	if (end === -1) return path;
	// Of a configuration at the root the reference makes the prefix `//`, which no path has.
	const isRoot = windows ? /^[A-Za-z]:[\\/]$/.test(config.slice(0, end + 1)) : end === 0;
	const prefix = config.slice(0, end + 1);
	return !isRoot && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
