/** Texts that are no `enc` any more, made from one that was, with what was done to each. */
export function damagedFrom(enc: string): readonly { readonly what: string; readonly enc: string }[] {
	return [
		{ what: "an empty enc", enc: "" },
		{ what: "a blank enc", enc: " \n" },
		{ what: "an enc of random words", enc: "not a wrapped key at all" },
		{ what: "an enc of control characters", enc: "\u0000\u0001\uffff" },
		{ what: "an enc cut in half", enc: enc.slice(0, Math.floor(enc.length / 2)) },
		{ what: "an enc without its beginning", enc: enc.slice(Math.floor(enc.length / 3)) },
		...[0.4, 0.5, 0.6, 0.7].map((share) => ({
			what: `an enc with one character changed at ${share * 100} %`,
			enc: oneCharacterChanged(enc, share),
		})),
		{ what: "an enc of HashiCorp Vault", enc: "vault:v1:QkxPQi1vZi1hbm90aGVyLXR5cGU=" },
		{ what: "an enc of AWS KMS", enc: `AQICAHh${"A".repeat(180)}` },
		{
			what: "an enc of OpenPGP",
			enc: "-----BEGIN PGP MESSAGE-----\n\nhQEMA0FBQUFBQUFBAQf/\n=AAAA\n-----END PGP MESSAGE-----",
		},
	];
}

/**
 * Changes the first letter or digit at or after a place to another one, so that the text stays in its
 * alphabet.
 */
function oneCharacterChanged(enc: string, share: number): string {
	const from = Math.floor(enc.length * share);
	const offset = enc.slice(from).search(/[A-Za-z0-9]/);
	if (offset < 0) return `${enc}A`;
	const at = from + offset;
	return enc.slice(0, at) + (enc[at] === "A" ? "B" : "A") + enc.slice(at + 1);
}
