declare module "bcrypt-pbkdf" {
	/** Fills `key`; gives 0 unless the parameters are no good. */
	export function pbkdf(
		passphrase: Uint8Array,
		passphraseLength: number,
		salt: Uint8Array,
		saltLength: number,
		key: Uint8Array,
		keyLength: number,
		rounds: number,
	): number;
}
