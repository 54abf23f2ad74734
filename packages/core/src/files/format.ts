import { type Format, formatOfPath } from "../formats/formats.ts";
import { UsageError } from "../usage-error.ts";

/** The format that was named, or that of the path. */
export function formatFor(path: string, named: Format | undefined): Format {
	return named ?? formatOfPath(path);
}

/**
 * A name that promises another format than that which is written is a mistake.
 *
 * @throws UsageError
 */
export function refuseOtherFormat(of: string, output: string, format: Format): void {
	let promised: Format;
	try {
		promised = formatOfPath(output);
	} catch {
		return;
	}
	// Names of binary files are all those that promise nothing.
	if (promised === format || promised === "binary") return;
	throw new UsageError(
		"argument-invalid",
		`${of} would write ${format} to a file with the name of a ${promised} file. Name the format, or another "output".`,
	);
}
