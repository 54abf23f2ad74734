import type { Change } from "../../tree/change.ts";
import type { EmitOptions, ParsedFile } from "../codec.ts";

export function patchYaml(
	_file: ParsedFile,
	_changes: readonly Change[],
	_options: EmitOptions,
): string | undefined {
	return undefined;
}
