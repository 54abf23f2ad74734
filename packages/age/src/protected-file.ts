import { unarmor } from "./armor.ts";
import { readHeader } from "./header.ts";

/** Bytes; as sops 3.13.3 (age/encrypted_keys.go). */
const MOST_BYTES = 1 << 24;
/** As `age-encryption` takes it; the reference takes 22, and `age -p` writes 18. */
const MOST_WORK = 20;

/** Whether a key file is itself an age file; known by its beginning, as the reference knows it. */
export function isProtected(content: string | Uint8Array): boolean {
	const start =
		typeof content === "string" ? content.slice(0, 14) : new TextDecoder().decode(content.subarray(0, 14));
	return start === "-----BEGIN AGE" || start === "age-encryption";
}

/**
 * Checks a key file that is itself an age file, armored or not.
 *
 * @returns the age file, or why it cannot be unlocked with a passphrase
 */
export function readProtected(content: string | Uint8Array): Uint8Array | { readonly trouble: string } {
	if (content.length > 2 * MOST_BYTES) return { trouble: "an encrypted key file of more than 16 MiB" };
	const isArmored = typeof content === "string" || content[0] === "-".charCodeAt(0);
	const text = typeof content === "string" ? content : isArmored ? new TextDecoder().decode(content) : "";
	const file = isArmored ? unarmor(text) : (content as Uint8Array);
	const stanzas = file && readHeader(file)?.stanzas;
	if (stanzas === undefined) return { trouble: "an encrypted key file that was altered or cut" };
	const [type, , work] = stanzas[0]!.args;
	if (stanzas.length !== 1 || type !== "scrypt") {
		return { trouble: "a key file that is encrypted with something else than a passphrase" };
	}
	return Number(work) > MOST_WORK
		? { trouble: "an encrypted key file with a work factor above 20: encrypt it again with age -p" }
		: file!;
}
