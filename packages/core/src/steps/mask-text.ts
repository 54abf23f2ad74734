import { SopsError } from "../errors.ts";
import { formatPath, type Path } from "../path.ts";

/** What stands for a secret in a masked file. It is not base64, so that no cluster takes it for a value of a Secret. */
export const MASK = "MASKED_BY_SOPSKIT";

/** What to throw where a masked file would be encrypted, in place of the one with the secrets. */
export function masked(path: Path): SopsError {
	return new SopsError(
		"value-masked",
		`The value at ${formatPath(path)} is the placeholder of a masked file. Encrypting it would put the placeholder where the secret was: take the file that was not masked.`,
		{ path },
	);
}
