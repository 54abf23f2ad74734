/** What goes to the service, in either direction: plaintext to encrypt, or ciphertext to decrypt. */
export interface KmsRequest {
	/** Resource id of the key. */
	readonly name: string;
	readonly bytes: Uint8Array;
	/** CRC32C of the bytes. */
	readonly checksum: number;
}

/** What comes back. */
export interface KmsAnswer {
	readonly bytes: Uint8Array;
	readonly checksum: number | undefined;
	/** Whether the service compared the checksum of the plaintext; told for encryption only. */
	readonly verified: boolean;
}

export type Operation = "encrypt" | "decrypt";

/** One way to the service. */
export interface Caller {
	/**
	 * @param headers - with the token
	 * @throws KeyError, or what the SDK throws
	 */
	call(
		operation: Operation,
		request: KmsRequest,
		headers: Readonly<Record<string, string>>,
		signal: AbortSignal,
	): Promise<KmsAnswer>;
	close(): Promise<void>;
}

/** The fields of the service's messages. */
export const FIELDS = {
	encrypt: { goes: "plaintext", comes: "ciphertext" },
	decrypt: { goes: "ciphertext", comes: "plaintext" },
} as const;
