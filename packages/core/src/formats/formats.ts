import { UsageError } from "../usage-error.ts";
import { binary } from "./binary/binary.ts";
import type { FormatCodec } from "./codec.ts";
import { dotenv } from "./dotenv/dotenv.ts";
import { ini } from "./ini/ini.ts";
import { json } from "./json/json.ts";
import { yaml } from "./yaml/yaml.ts";

/** The formats that are read and written. */
export type Format = "yaml" | "json" | "dotenv" | "ini" | "binary";

const CODECS: Readonly<Record<Format, FormatCodec>> = { yaml, json, dotenv, ini, binary };

export const FORMATS: readonly Format[] = Object.keys(CODECS) as Format[];

export function codecOf(format: Format): FormatCodec {
	return CODECS[format];
}

/** The codec of encrypted files of a format. */
export function envelopeOf(codec: FormatCodec): FormatCodec {
	return codec.envelope ?? codec;
}

/**
 * The format of a file by the end of its name, as the reference tells it (sops 3.13.3, cmd/sops/formats/formats.go):
 * `.yaml` and `.yml`, `.json`, `.env`, `.ini`, and binary for every other name.
 *
 * @throws UsageError for anything but a string
 */
export function formatOfPath(path: string): Format {
	if (typeof path !== "string")
		throw new UsageError("argument-invalid", "formatOfPath() takes a path as a string.");
	if (/\.ya?ml$/.test(path)) return "yaml";
	if (path.endsWith(".json")) return "json";
	if (path.endsWith(".env")) return "dotenv";
	if (path.endsWith(".ini")) return "ini";
	return "binary";
}
