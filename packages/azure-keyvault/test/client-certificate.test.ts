import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import forge from "node-forge";
import { describe, expect, it } from "vitest";
import { type AzureKeyvaultOptions, azureKey, azureKeyvault } from "../src/index.ts";
import { sopsFile, useService } from "./service.ts";

const { asn1, pkcs12, pki } = forge;
const part = new Uint8Array(32).fill(7);
const service = useService();

interface PfxOptions {
	readonly password?: string;
	readonly algorithm?: "3des" | "aes256";
	/** Certificates before that of the key. */
	readonly before?: boolean;
	readonly withoutOwn?: boolean;
}

/** A certificate that has nothing to do with the key. */
function strange(): forge.pki.Certificate {
	const { publicKey, privateKey } = pki.rsa.generateKeyPair(1024);
	const made = pki.createCertificate();
	made.publicKey = publicKey;
	made.setSubject([{ name: "commonName", value: "strange" }]);
	made.setIssuer([{ name: "commonName", value: "strange" }]);
	made.sign(privateKey);
	return made;
}

/** The client certificate of the stand-in as PFX. */
function pfx({ password, algorithm = "3des", before = false, withoutOwn = false }: PfxOptions = {}): Buffer {
	const pem = service().azure.clientCertificate;
	const key = pki.privateKeyFromPem(pem);
	const own = pki.certificateFromPem(pem.slice(pem.indexOf("-----BEGIN CERT")));
	const chain = [...(before || withoutOwn ? [strange()] : []), ...(withoutOwn ? [] : [own])];
	const made = pkcs12.toPkcs12Asn1(key, chain, password ?? "", { algorithm, generateLocalKeyId: false });
	return Buffer.from(asn1.toDer(made).getBytes(), "latin1");
}

const application = () => ({ tenantId: service().azure.tenant, clientId: service().azure.client });

async function use(credentials: NonNullable<AzureKeyvaultOptions["credentials"]>): Promise<void> {
	const { azure, way } = service();
	azure.forget();
	const provider = azureKeyvault({ ...way, credentials, maxAttempts: 1 });
	try {
		await provider.masterKey(azureKey(azure.addKey("key")))!.wrap!(part, {});
	} finally {
		await provider.close!();
	}
	const token = azure.arrived.find(({ path }) => path.includes("/oauth2/v2.0/token"))!;
	expect(new URLSearchParams(token.body).get("client_assertion")).toMatch(/^ey/);
}

const inFolder = (name: string, bytes: Uint8Array): string => {
	const path = join(service().folder, name);
	writeFileSync(path, bytes);
	return path;
};

describe("a client certificate", () => {
	it.each<[string, PfxOptions]>([
		["without a password", {}],
		["with a password", { password: "s3cret" }],
		["encrypted with AES", { password: "s3cret", algorithm: "aes256" }],
		["with another certificate before that of its key", { before: true }],
	])("in a PFX %s: from a file and as bytes", async (_, made) => {
		const bytes = pfx(made);
		const password = made.password === undefined ? {} : { clientCertificatePassword: made.password };
		await use({ ...application(), clientCertificatePath: inFolder("client.pfx", bytes), ...password });
		await use({ ...application(), clientCertificate: new Uint8Array(bytes), ...password });
	});

	it("in PEM as bytes, and with its chain from a PFX", async () => {
		const { azure } = service();
		await use({ ...application(), clientCertificate: new TextEncoder().encode(azure.clientCertificate) });
		await use({
			...application(),
			clientCertificate: pfx({ before: true }),
			clientCertificateSendChain: true,
		});
		const [token] = azure.arrived.filter(({ path }) => path.includes("/oauth2/v2.0/token"));
		const assertion = new URLSearchParams(token!.body).get("client_assertion")!;
		const { x5c } = JSON.parse(Buffer.from(assertion.split(".")[0]!, "base64url").toString());
		const pem = azure.clientCertificate;
		expect(x5c).toHaveLength(2);
		expect(x5c[0]).toBe(pem.slice(pem.indexOf("-----BEGIN CERT")).replace(/-----[^-]+-----|\s/g, ""));
	});

	it.each<[string, () => Uint8Array | string, string]>([
		["a PFX with another password", () => pfx({ password: "canary" }), "password is wrong or missing"],
		["a PFX that is cut", () => pfx().subarray(0, 500), "password is wrong or missing, or it was altered"],
		["a PFX without its certificate", () => pfx({ withoutOwn: true }), "without the certificate of its key"],
		["what is neither", () => Buffer.from("canary canary"), "is neither PEM nor PFX"],
		["text that is neither", () => "canary", "is neither PEM nor PFX"],
	])("%s is refused, and nothing of it is told", async (_, given, words) => {
		const error = await use({ ...application(), clientCertificate: given() }).catch((thrown) => thrown);
		expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining(words) });
		expect(String(error)).not.toContain("canary");
		expect(service().azure.arrived).toEqual([]);
	});

	it("a file that comes later is read then", async () => {
		const { azure, way } = service();
		const path = join(service().folder, "later-canary.pfx");
		const credentials = { ...application(), clientCertificatePath: path };
		const provider = azureKeyvault({ ...way, credentials, maxAttempts: 1 });
		const master = provider.masterKey(azureKey(azure.addKey("key")))!;
		const error = await Promise.resolve(master.wrap!(part, {})).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining("ENOENT") });
		expect(String(error)).not.toContain("canary");
		writeFileSync(path, pfx());
		await master.wrap!(part, {});
		await provider.close!();
	});
});

describeReference("a client certificate in a PFX with the real sops", () => {
	it.each([undefined, "s3cret"])(
		"one environment serves sops and this package: password %j",
		async (password) => {
			const { azure, environment, principal } = service();
			const { AZURE_CLIENT_SECRET: _, ...named } = principal;
			const env = {
				...environment,
				...named,
				AZURE_CLIENT_CERTIFICATE_PATH: inFolder("both.pfx", pfx({ ...(password && { password }) })),
				...(password && { AZURE_CLIENT_CERTIFICATE_PASSWORD: password }),
			};
			const url = azure.addKey("key");
			const [entry] = JSON.parse(await sopsFile(url, env)).sops.azure_kv;
			const provider = azureKeyvault({ environment: env });
			expect(await provider.masterKey(azureKey(url))!.unwrap!(entry.enc, {})).toHaveLength(32);
			await provider.close!();
		},
	);
});
