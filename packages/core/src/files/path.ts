import { fileURLToPath } from "node:url";
import { UsageError } from "../usage-error.ts";

/** A path as text, or a `file:` URL such as `new URL("secret.yaml", import.meta.url)`. */
export type FilePath = string | URL;

/** @throws UsageError for what cannot be a path */
export function pathText(of: string, path: unknown): string {
	const text = path instanceof URL && path.protocol === "file:" ? fileURLToPath(path) : path;
	if (typeof text === "string" && text !== "" && !text.includes("\0")) return text;
	throw new UsageError("argument-invalid", `${of} takes the path of a file, as text or as a file: URL.`);
}
