import { UsageError } from "@sopskit/core";
import { loadLibrary } from "./library.ts";

/** A fresh OpenPGP key pair. */
export interface GeneratedPgpKey {
	/** The private half, armored and without a passphrase. Secret. */
	readonly privateKey: string;
	/** The public half, armored. */
	readonly publicKey: string;
	/** What a SOPS file and `.sops.yaml` call the key: 40 hexadecimal digits in upper case. */
	readonly fingerprint: string;
}

/** What {@link generatePgpKey} takes. */
export interface PgpKeyRequest {
	/**
	 * `"curve25519"` (the default), in the form of GnuPG 2.1 and later, or `"rsa4096"`, which also hardware and
	 * old programs know, and which takes a second or more to make.
	 */
	readonly type?: "curve25519" | "rsa4096" | undefined;
	/** The name in the user id that every program shows for the key; `"sops"` by default. */
	readonly name?: string | undefined;
	/** A mail address for the user id; none by default. */
	readonly email?: string | undefined;
}

/**
 * Makes a new OpenPGP key as guides for GitOps have `gpg` make one: a primary key that signs, a subkey that
 * encrypts, no passphrase and no day on which it expires. `gpg --import` takes both texts.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid` for another type, or a name or address that is no
 * line of text
 */
export async function generatePgpKey(options: PgpKeyRequest = {}): Promise<GeneratedPgpKey> {
	for (const option of Object.keys(options)) {
		if (!["type", "name", "email"].includes(option)) {
			throw new UsageError(
				"option-unknown",
				`generatePgpKey() does not know the option "${option}". It knows: type, name, email.`,
			);
		}
	}
	const { type = "curve25519", name = "sops", email } = options;
	if (type !== "curve25519" && type !== "rsa4096") {
		throw new UsageError("argument-invalid", 'generatePgpKey(): type must be "curve25519" or "rsa4096"');
	}
	if (!isLine(name))
		throw new UsageError("argument-invalid", "generatePgpKey(): name must be a line of text");
	if (email !== undefined && !/^[^\s<>@]+@[^\s<>@]+$/.test(email)) {
		throw new UsageError("argument-invalid", "generatePgpKey(): email must be a mail address");
	}
	const { generateKey } = await loadLibrary();
	const { privateKey, publicKey } = await generateKey({
		// The legacy form of Curve25519 is the one that GnuPG before 2.5 and the Go library both read.
		...(type === "rsa4096" ? { type: "rsa", rsaBits: 4096 } : { type: "ecc", curve: "curve25519Legacy" }),
		userIDs: [{ name, ...(email !== undefined && { email }) }],
		format: "object",
		// Fixed, whatever the defaults of the library become: version 4, and no promise to read AEAD packets.
		config: { v6Keys: false, aeadProtect: false },
	});
	return {
		privateKey: privateKey.armor(),
		publicKey: publicKey.armor(),
		fingerprint: publicKey.getFingerprint().toUpperCase(),
	};
}

function isLine(text: unknown): boolean {
	// Angle brackets would be read as those around an address.
	return typeof text === "string" && text.trim() !== "" && !/[\p{Cc}<>]/u.test(text);
}
