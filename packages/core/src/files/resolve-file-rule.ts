import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { type ResolvedRule, resolveRule } from "../config/resolve.ts";
import { type FilePath, pathText } from "./path.ts";

/**
 * `resolveRule` for a file of this machine: a relative path is relative to the working directory, as everywhere in
 * this entry. The file is not touched and need not exist.
 *
 * @throws SopsError and UsageError as `resolveRule`
 */
export function resolveFileRule(config: Config, path: FilePath): ResolvedRule {
	return resolveRule(config, resolve(pathText("resolveFileRule()", path)));
}
