import type { GnupgHome } from "@sopskit/reference/gnupg";

/** The kinds of keys that GnuPG 2.2 makes and SOPS files are encrypted to, as gpg names them: primary key, subkey. */
export const KEY_KINDS = {
	"RSA 2048": ["rsa2048", "rsa2048"],
	"RSA 3072": ["rsa3072", "rsa3072"],
	Curve25519: ["ed25519", "cv25519"],
	"NIST P-256": ["nistp256", "nistp256"],
	"NIST P-384": ["nistp384", "nistp384"],
	"NIST P-521": ["nistp521", "nistp521"],
} as const;

export type KeyKind = keyof typeof KEY_KINDS;

/** Names without spaces, for user ids. */
export function nameOf(kind: string): string {
	return kind.toLowerCase().replace(/\W/g, "");
}

/** @returns the fingerprint */
export function generateKind(home: GnupgHome, kind: KeyKind, passphrase = ""): string {
	const [primary, subkey] = KEY_KINDS[kind];
	return home.generate({ name: nameOf(kind), primary, subkey, passphrase });
}
