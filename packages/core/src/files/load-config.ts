import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { PARSE_CHECKS, type ParseConfigOptions, parseConfig } from "../config/parse.ts";
import { SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { codecOf } from "../formats/formats.ts";
import { type Check, checkOptions, isSignal, isSize } from "../options.ts";
import { inputText } from "../steps/input.ts";
import { UsageError } from "../usage-error.ts";
import { namingFile } from "./file-error.ts";
import { type FilePath, pathText } from "./path.ts";
import { readFile } from "./read.ts";

const NAME = ".sops.yaml";
const MISNAMED = ".sops.yml";
/** How far up the reference goes (sops 3.13.3, config/config.go, `maxDepth`). */
const MAX_LEVELS = 100;

/** Options of {@link loadConfig}. */
export interface LoadConfigOptions extends Omit<ParseConfigOptions, "path"> {
	/** The configuration itself: nothing is looked up. */
	readonly path?: FilePath | undefined;
	/** Looks upwards from this folder; by default from the working directory, as the command does. */
	readonly from?: FilePath | undefined;
	/** Looks upwards from the folder of this file, instead of `from`. */
	readonly file?: FilePath | undefined;
	/** Variables such as `process.env`. A `SOPS_CONFIG` among them, if it is not empty, has the path; `path` wins. */
	readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
	/** Largest configuration in bytes; 64 MiB by default. */
	readonly maxBytes?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

const isPath: Check = (value) => (typeof value === "string" || value instanceof URL ? undefined : "a path");

const LOAD_CHECKS: Readonly<Record<string, Check>> = {
	...PARSE_CHECKS,
	path: isPath,
	from: isPath,
	file: isPath,
	environment: (value) => (typeof value === "object" && value !== null ? undefined : "an object"),
	maxBytes: isSize,
	signal: isSignal,
};

/**
 * Finds a `.sops.yaml` and reads it. It is looked for in one folder and those above it, up to 100; a `.sops.yml` on
 * the way is a finding. See `parseConfig` for what is in the result.
 *
 * @example
 * ```ts
 * const config = await loadConfig({ file: "clusters/a/secret.yaml" });
 * const rule = resolveFileRule(config, "clusters/a/secret.yaml");
 * ```
 * @throws SopsError `config-not-found`; `file-unusable`, `size-exceeded`, `aborted`, and those of `parseConfig` with
 * the path in the message
 * @throws UsageError for unknown options, wrong argument types, and `from` together with `file`
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<Config> {
	const of = "loadConfig()";
	checkOptions(of, options, LOAD_CHECKS);
	const { path, from, file, environment, maxBytes, signal, ...rest } = options;
	if (from !== undefined && file !== undefined)
		throw new UsageError("argument-invalid", `${of} takes "from" or "file", not both.`);
	const named = path === undefined ? environment?.SOPS_CONFIG || undefined : pathText(of, path);
	const folder =
		file === undefined ? resolve(from === undefined ? "." : pathText(of, from)) : folderOf(of, file);
	const found = named === undefined ? await lookUp(folder) : { path: resolve(named) };
	const { bytes } = await readFile(found.path, { maxBytes, signal });
	const config = await namingFile(found.path, async () => {
		const text = inputText(of, bytes, codecOf("yaml"), maxBytes);
		return parseConfig(text, { ...rest, path: found.path });
	});
	return found.misnamed === undefined
		? config
		: { ...config, findings: [...config.findings, misnamed(found.misnamed, found.path)] };
}

function folderOf(of: string, file: FilePath): string {
	return dirname(resolve(pathText(of, file)));
}

interface Found {
	readonly path: string;
	/** The first `.sops.yml` below. */
	readonly misnamed?: string;
}

/**
 * Whatever stands under the name counts, also a folder, which is then an error (sops 3.13.3, config/config.go,
 * `LookupConfigFile`).
 *
 * @throws SopsError `config-not-found`
 */
async function lookUp(folder: string): Promise<Found> {
	let misnamed: string | undefined;
	let at = folder;
	for (let level = 0; level < MAX_LEVELS; level++) {
		const path = join(at, NAME);
		if (await exists(path)) return misnamed === undefined ? { path } : { path, misnamed };
		const other = join(at, MISNAMED);
		if (misnamed === undefined && (await exists(other))) misnamed = other;
		const above = dirname(at);
		if (above === at) break;
		at = above;
	}
	const hint = misnamed === undefined ? "" : ` ${misnamed} must be called ${NAME}.`;
	throw new SopsError(
		"config-not-found",
		`There is no ${NAME} in ${folder} or above it.${hint}`,
		misnamed === undefined ? { folder } : { folder, misnamed },
	);
}

function exists(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	);
}

function misnamed(path: string, used: string): Finding {
	return {
		code: "config-misnamed",
		message: `${path} is ignored, because a configuration must be called ${NAME}. ${used} is used.`,
	};
}
