import { crypto } from "#crypto";

/** SHA-256 of `sops`: where the hash starts when it covers encrypted values only (sops 3.13.3, sops.go). */
const ONLY_ENCRYPTED_START = Uint8Array.from(
	"8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69".match(/../g)!,
	(hex) => Number.parseInt(hex, 16),
);

const BATCH_LENGTH = 16_384;

/** The running hash over the values of a file, in the order of the walk (format section 5). */
export class Mac {
	readonly onlyEncrypted: boolean;
	private readonly hash = crypto.sha512();
	/** Texts that wait to be hashed together: a call for each costs more than the hashing. */
	private pending = "";

	constructor(onlyEncrypted: boolean) {
		this.onlyEncrypted = onlyEncrypted;
		if (onlyEncrypted) this.hash.update(ONLY_ENCRYPTED_START);
	}

	/** Takes the canonical text of a value. Comments and nulls are not hashed. */
	add(canonical: string | Uint8Array, encrypted: boolean): void {
		if (!encrypted && this.onlyEncrypted) return;
		if (typeof canonical === "string") {
			this.pending += canonical;
			if (this.pending.length < BATCH_LENGTH) return;
		}
		this.flush();
		if (typeof canonical !== "string") this.hash.update(canonical);
	}

	private flush(): void {
		if (this.pending !== "") this.hash.update(this.pending);
		this.pending = "";
	}

	/** Upper-case hexadecimal. */
	digest(): string {
		this.flush();
		let text = "";
		for (const byte of this.hash.digest()) text += byte.toString(16).padStart(2, "0");
		return text.toUpperCase();
	}
}

/** Compares two digests without a hint, by the time it takes, where they differ. */
export function sameDigest(a: string, b: string): boolean {
	if (a.length !== b.length) return false;
	let difference = 0;
	for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
	return difference === 0;
}
