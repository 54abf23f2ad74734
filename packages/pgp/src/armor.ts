import type { OpenPgp } from "./library.ts";

/** Columns of the body, as the reference and gpg write it; `openpgp` writes 60. */
const WIDTH = 64;

/**
 * Armors a message in the shape that the reference gives to `enc`: no header fields, 64 columns, the checksum,
 * and no line feed at the end (sops 3.13.3, pgp/keysource.go).
 */
export function armorMessage(bytes: Uint8Array, { armor, enums }: OpenPgp): string {
	const text = armor(enums.armor.message, bytes, undefined, undefined, undefined, true) as string;
	const [begin, blank, ...rest] = text.trimEnd().split(/\r?\n/);
	const end = rest.pop();
	const checksum = rest.pop();
	const body = rest.join("").match(new RegExp(`.{1,${WIDTH}}`, "g")) ?? [];
	return [begin, blank, ...body, checksum, end].join("\n");
}
