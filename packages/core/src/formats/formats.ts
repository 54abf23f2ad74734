import { SopsError } from "../errors.ts";
import { UsageError } from "../usage-error.ts";
import type { FormatCodec } from "./codec.ts";
import { json } from "./json/json.ts";
import { yaml } from "./yaml/yaml.ts";

/** The formats that are read and written today. */
export type Format = "yaml" | "json";

const CODECS: Readonly<Record<Format, FormatCodec>> = { yaml, json };

export const FORMATS: readonly Format[] = ["yaml", "json"];

export function codecOf(format: Format): FormatCodec {
	return CODECS[format];
}

/**
 * The format of a file by the end of its name, as the reference tells it (format section 13).
 *
 * @throws UsageError for anything but a string
 * @throws SopsError `format-unknown` for names that the reference treats as dotenv, INI or binary
 */
export function formatOfPath(path: string): Format {
	if (typeof path !== "string")
		throw new UsageError("argument-invalid", "formatOfPath() takes a path as a string.");
	if (/\.ya?ml$/.test(path)) return "yaml";
	if (path.endsWith(".json")) return "json";
	throw new SopsError(
		"format-unknown",
		`The format of ${path} is not YAML or JSON by its name. Name it with the option "format".`,
		{ path },
	);
}
