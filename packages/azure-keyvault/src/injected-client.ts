import { KeyError } from "@sopskit/core";

/** What is needed of a client for one key; a `CryptographyClient` of `@azure/keyvault-keys` has it. */
export interface AzureCryptographyClient {
	encrypt(
		parameters: { readonly algorithm: "RSA-OAEP-256"; readonly plaintext: Uint8Array },
		options: { readonly abortSignal: AbortSignal },
	): Promise<{ readonly result: Uint8Array }>;
	decrypt(
		parameters: { readonly algorithm: "RSA-OAEP-256"; readonly ciphertext: Uint8Array },
		options: { readonly abortSignal: AbortSignal },
	): Promise<{ readonly result: Uint8Array }>;
}

/** Encrypts or decrypts with a client of the caller's; base64url goes in and comes out. */
export async function injectedCrypt(
	client: AzureCryptographyClient,
	operation: "encrypt" | "decrypt",
	value: string,
	signal: AbortSignal,
): Promise<string> {
	const algorithm = "RSA-OAEP-256";
	const bytes = Uint8Array.from(Buffer.from(value, "base64url"));
	const options = { abortSignal: signal };
	const { result } =
		operation === "encrypt"
			? await client.encrypt({ algorithm, plaintext: bytes }, options)
			: await client.decrypt({ algorithm, ciphertext: bytes }, options);
	if (!(result instanceof Uint8Array)) throw new KeyError("failed", "the client gave no result");
	return Buffer.from(result).toString("base64url");
}
