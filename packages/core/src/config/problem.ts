import { SopsError } from "../errors.ts";
import type { Path } from "../path.ts";

/** What is wrong with a place of a configuration. */
export interface ConfigProblem {
	/** Such as `["creation_rules", 2, "age"]`; positions start at 0. */
	readonly path: Path;
	/** A predicate, such as `must be text`. Of what stands there it repeats only the part of a pattern that RE2 refuses. */
	readonly reason: string;
}

/** A place as people write it: `creation_rules[2].age`. */
export function placeName(path: Path): string {
	return path
		.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
		.join("");
}

/** @param file - path of the configuration, where it is known */
export function configInvalid({ path, reason }: ConfigProblem, file?: string): SopsError {
	const where = file === undefined ? "The configuration cannot be used" : `${file} cannot be used`;
	const place = path.length === 0 ? "it" : placeName(path);
	return new SopsError("config-invalid", `${where}: ${place} ${reason}.`, { path, reason });
}
