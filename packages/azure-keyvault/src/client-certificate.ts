import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { KeyError } from "@sopskit/core";
import { loadPfx, type PfxLibrary } from "./library.ts";

/** What the identity library takes: certificates, that of the key first, and the private key. */
export interface CertificateText {
	readonly pem: string;
	/** Of the private key in it; undefined where that is not encrypted. */
	readonly password: string | undefined;
}

/**
 * The certificate of a service principal, whose identity library reads PEM alone: a PFX (PKCS#12) becomes PEM, in memory.
 *
 * @param given - PEM as text; PEM or PFX as bytes
 * @throws KeyError `misconfigured`; nothing of the certificate and no path is repeated
 */
export async function certificateText(
	given: string | Uint8Array | { readonly path: string },
	password: string | undefined,
): Promise<CertificateText> {
	const bytes =
		typeof given === "string"
			? Buffer.from(given)
			: given instanceof Uint8Array
				? Buffer.from(given)
				: await readNamed(given.path);
	if (bytes.includes("-----BEGIN ")) return { pem: bytes.toString("utf8"), password };
	// DER begins with a sequence.
	if (bytes[0] !== 0x30) throw misfit("is neither PEM nor PFX");
	return { pem: pemOfPfx(await loadPfx(), bytes, password), password: undefined };
}

function pemOfPfx({ default: forge }: PfxLibrary, bytes: Buffer, password: string | undefined): string {
	const { asn1, pkcs12, pki } = forge;
	let pfx: ReturnType<typeof pkcs12.pkcs12FromAsn1>;
	try {
		pfx = pkcs12.pkcs12FromAsn1(asn1.fromDer(bytes.toString("latin1")), false, password ?? "");
	} catch {
		throw misfit(
			"is a PFX that cannot be read: its password is wrong or missing, or it was altered; openssl pkcs12 -nodes makes PEM of one",
		);
	}
	const bags = pfx.safeContents.flatMap(({ safeBags }) => safeBags);
	const keys = bags.flatMap(({ key }) => (key ? [pki.privateKeyToPem(key)] : []));
	const certificates = bags.flatMap(({ cert }) => (cert ? [pki.certificateToPem(cert)] : []));
	if (keys.length !== 1) throw misfit("is a PFX without an RSA key, or with several keys");
	const key = createPrivateKey(keys[0]!);
	const own = certificates.find((pem) => new X509Certificate(pem).checkPrivateKey(key));
	if (own === undefined) throw misfit("is a PFX without the certificate of its key");
	// The library takes the first one for the key's own; the others follow as its chain.
	return [keys[0], own, ...certificates.filter((pem) => pem !== own)].join("\n");
}

async function readNamed(path: string): Promise<Buffer> {
	try {
		return await readFile(path);
	} catch (error) {
		const { code } = (error ?? {}) as { code?: unknown };
		throw misfit(`cannot be read (${/^[A-Z]{2,20}$/.test(String(code)) ? code : "unknown error"})`);
	}
}

function misfit(problem: string): KeyError {
	return new KeyError("misconfigured", `the client certificate ${problem}`);
}
