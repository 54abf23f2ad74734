import { base64 } from "@scure/base";

/** The public half of an SSH key that age can use. */
export type SshPublicKey = {
	/** As SSH sends it over the wire: what fingerprints are made of. */
	readonly wire: Uint8Array;
} & (
	| { readonly type: "ssh-ed25519"; readonly point: Uint8Array }
	| { readonly type: "ssh-rsa"; readonly exponent: Uint8Array; readonly modulus: Uint8Array }
);

/** Bytes of a modulus; as filippo.io/age v1.3.1 (agessh/agessh.go) and golang.org/x/crypto v0.54.0 (ssh/keys.go). */
const LEAST_RSA = 256;
const MOST_RSA = 1024;

/**
 * Reads a line as in `id_ed25519.pub`: type, base64, and a comment that counts for nothing.
 *
 * @returns the key, or why it cannot be used, without any of the text
 */
export function readSshPublicKey(line: string): SshPublicKey | string {
	const [type, encoded] = line.trim().split(/[ \t]+/);
	if (type === undefined || encoded === undefined) return "an SSH public key with its second word missing";
	let wire: Uint8Array;
	try {
		wire = base64.decode(encoded);
	} catch {
		return "an SSH public key with a typing error or a part missing";
	}
	const key = sshPublicKeyOf(wire);
	if (typeof key !== "string" && key.type !== type) return "an SSH public key of another type than it says";
	return key;
}

/** The same for the wire format (RFC 4253, section 6.6; RFC 8709, section 4). */
export function sshPublicKeyOf(wire: Uint8Array): SshPublicKey | string {
	const fields = sshFields(wire);
	const type = fields && new TextDecoder().decode(fields[0]);
	if (type === "ssh-ed25519" && fields!.length === 2 && fields![1]!.length === 32) {
		return { type, wire, point: fields![1]! };
	}
	if (type === "ssh-rsa" && fields!.length === 3) {
		const [exponent, modulus] = [unsigned(fields![1]!), unsigned(fields![2]!)];
		if (modulus.length < LEAST_RSA) return "an SSH key of RSA with less than 2048 bits";
		if (modulus.length > MOST_RSA) return "an SSH key of RSA with more than 8192 bits";
		if (!isExponent(exponent)) return "an SSH key of RSA with an exponent that nobody uses";
		return { type, wire, exponent, modulus };
	}
	return type !== undefined &&
		/^(?:ssh|ecdsa|sk-ssh|sk-ecdsa|webauthn)-[\w@.-]+$/.test(type) &&
		fields!.length > 1
		? "an SSH key of a type that age does not know (only ssh-ed25519 and ssh-rsa)"
		: "an SSH public key with a typing error or a part missing";
}

/**
 * The fields of an SSH message: four bytes of length, and the bytes.
 *
 * @param count - absent: all, and nothing may stand behind them
 */
export function sshFields(bytes: Uint8Array, count?: number): Uint8Array[] | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const fields: Uint8Array[] = [];
	let at = 0;
	while (count === undefined ? at < bytes.length : fields.length < count) {
		if (bytes.length - at < 4) return undefined;
		const end = at + 4 + view.getUint32(at);
		if (end > bytes.length) return undefined;
		fields.push(bytes.subarray(at + 4, end));
		at = end;
	}
	return fields;
}

/** The key as a recipient, without a comment: two recipients of one key have the same. */
export function sshRecipient({ type, wire }: SshPublicKey): string {
	return `${type} ${base64.encode(wire)}`;
}

/** An SSH number has a zero in front where its first bit is set. */
function unsigned(number: Uint8Array): Uint8Array {
	const first = number.findIndex((byte) => byte !== 0);
	return first === -1 ? new Uint8Array() : number.subarray(first);
}

/** Odd, 3 or more, and of 24 bits at most. */
function isExponent(number: Uint8Array): boolean {
	const last = number.at(-1) ?? 0;
	return number.length <= 3 && (last & 1) === 1 && (number.length > 1 || last >= 3);
}
