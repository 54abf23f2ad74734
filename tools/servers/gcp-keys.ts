import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { crc32c } from "@aws-crypto/crc32c";
import { Refusal } from "./service-call.ts";

/** What Google's statuses are in HTTP. */
export const HTTP: Readonly<Record<string, number>> = {
	INVALID_ARGUMENT: 400,
	FAILED_PRECONDITION: 400,
	UNAUTHENTICATED: 401,
	PERMISSION_DENIED: 403,
	NOT_FOUND: 404,
	RESOURCE_EXHAUSTED: 429,
	INTERNAL: 500,
	UNAVAILABLE: 503,
};

export function refusal(code: string, message: string): Refusal {
	return new Refusal(HTTP[code] ?? 500, code, message);
}

export interface Message {
	readonly name: string;
	readonly plaintext?: Buffer;
	readonly ciphertext?: Buffer;
	readonly checksum?: number | undefined;
}

export interface KeyAnswer {
	readonly name?: string;
	readonly bytes: Buffer;
	readonly verified: boolean;
}

/** As the real ciphertexts start: `CiQA` in base64. */
const HEADER = Buffer.from([0x0a, 0x24, 0x00]);

/** Symmetric keys with versions, of AES-256-GCM. */
export class GcpKeys {
	readonly #keys = new Map<string, { enabled: boolean; secret: Buffer; label: Buffer }[]>();

	/** Makes a key, or a new version of one, and gives its resource id. */
	add(name: string): string {
		const id = `projects/sopskit/locations/global/keyRings/test/cryptoKeys/${name}`;
		const versions = this.#keys.get(id) ?? [];
		const label = createHash("sha256").update(`${id}/${versions.length}`).digest();
		this.#keys.set(id, [...versions, { enabled: true, secret: randomBytes(32), label }]);
		return id;
	}

	/** Disables all versions of a key. */
	disable(id: string): void {
		for (const version of this.#keys.get(id) ?? []) version.enabled = false;
	}

	#versionsOf(name: string) {
		if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(name))
			throw refusal("INVALID_ARGUMENT", "The resource name is not that of a CryptoKey.");
		const versions = this.#keys.get(name);
		if (versions === undefined) throw refusal("NOT_FOUND", `CryptoKey ${name} not found.`);
		return versions;
	}

	encrypt({ name, plaintext = Buffer.alloc(0), checksum }: Message): KeyAnswer {
		const versions = this.#versionsOf(name);
		checkChecksum(plaintext, checksum);
		const { enabled, secret, label } = versions.at(-1)!;
		if (!enabled) throw refusal("FAILED_PRECONDITION", `${name} is not enabled.`);
		const nonce = randomBytes(12);
		const cipher = createCipheriv("aes-256-gcm", secret, nonce);
		const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
		return {
			name: `${name}/cryptoKeyVersions/${versions.length}`,
			bytes: Buffer.concat([HEADER, label, nonce, sealed]),
			verified: checksum !== undefined,
		};
	}

	decrypt({ name, ciphertext = Buffer.alloc(0), checksum }: Message): KeyAnswer {
		const versions = this.#versionsOf(name);
		checkChecksum(ciphertext, checksum);
		const invalid = refusal("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
		const label = ciphertext.subarray(HEADER.length, HEADER.length + 32);
		const version = versions.find((one) => one.label.equals(label));
		if (version === undefined || ciphertext.length < HEADER.length + 32 + 12 + 16) throw invalid;
		if (!version.enabled) throw refusal("FAILED_PRECONDITION", `${name} is not enabled.`);
		const [nonce, sealed] = [ciphertext.subarray(35, 47), ciphertext.subarray(47)];
		const decipher = createDecipheriv("aes-256-gcm", version.secret, nonce, { authTagLength: 16 });
		decipher.setAuthTag(sealed.subarray(-16));
		try {
			return {
				bytes: Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]),
				verified: false,
			};
		} catch {
			throw invalid;
		}
	}
}

export function checksumOf(bytes: Uint8Array): number {
	return crc32c(bytes) >>> 0;
}

function checkChecksum(bytes: Uint8Array, given: number | undefined): void {
	if (given !== undefined && given !== checksumOf(bytes))
		throw refusal("INVALID_ARGUMENT", "The checksum did not match the data.");
}
