import { UsageError } from "@sopskit/core";

/**
 * Checks that options are an object with known names only: one that is misspelt and passed over may be the one that
 * matters.
 *
 * @throws UsageError `argument-invalid`, `option-unknown`
 */
export function checkOptionNames(of: string, options: unknown, known: readonly string[]): void {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw new UsageError("argument-invalid", `${of}: the options must be an object such as { ${known[0]} }`);
	}
	const unknown = Object.keys(options).find((name) => !known.includes(name));
	if (unknown === undefined) return;
	// A stray text used as options would have its characters for names: none is repeated here but words.
	const name = /^\w{1,40}$/.test(unknown) ? ` ${unknown}` : "";
	throw new UsageError("option-unknown", `${of}: unknown option${name}. It knows: ${known.join(", ")}`);
}
