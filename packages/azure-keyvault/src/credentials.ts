import { readFile } from "node:fs/promises";
import type { TokenCredential } from "@azure/core-auth";
import { KeyError, UsageError } from "@sopskit/core";
import { type Check, checkOptions, isBoolean, isText } from "@sopskit/core/provider";
import { certificateText } from "./client-certificate.ts";
import { type Cloud, cloudOf, isKnown } from "./clouds.ts";
import { type IdentityLibrary, loadIdentity } from "./library.ts";
import { noteCause, type Transport } from "./transport.ts";

interface Application {
	/** The directory (tenant) of the application: its id or domain. */
	readonly tenantId: string;
	/** The application's (client) id. */
	readonly clientId: string;
	/**
	 * Who gives tokens; `https://login.microsoftonline.com` by default. It also says which cloud's vaults files may
	 * name: `https://login.microsoftonline.us` those of Azure Government, `https://login.chinacloudapi.cn` those of
	 * Azure in China.
	 */
	readonly authorityHost?: string | undefined;
}

/** A service principal with a secret. */
export interface AzureClientSecret extends Application {
	readonly clientSecret: string;
}

/** A service principal with a certificate. */
export interface AzureClientCertificate extends Application {
	/** The certificate and its private key: PEM, as text or bytes, or the bytes of a PFX (PKCS#12). */
	readonly clientCertificate: string | Uint8Array;
	readonly clientCertificatePath?: undefined;
	/** For a private key in PEM that is encrypted, or for a PFX. */
	readonly clientCertificatePassword?: string | undefined;
	/** Sends the certificate along, for applications that trust its subject and issuer. */
	readonly clientCertificateSendChain?: boolean | undefined;
}

/** The same from a file. */
export interface AzureClientCertificateFile extends Application {
	readonly clientCertificatePath: string;
	readonly clientCertificate?: undefined;
	readonly clientCertificatePassword?: string | undefined;
	readonly clientCertificateSendChain?: boolean | undefined;
}

/** Workload identity: a token of a Kubernetes service account in a file, read anew for each exchange since it rotates. */
export interface AzureTokenFile extends Application {
	readonly tokenFile: string;
}

/**
 * A federated token from the caller, such as that of a Kubernetes service account with the audience
 * `api://AzureADTokenExchange`. Called for each exchange.
 */
export interface AzureClientAssertion extends Application {
	readonly assertion: () => string | Promise<string>;
}

/**
 * The identity of the machine: `true` for the one that the system assigned. Where it is asked for depends on the machine,
 * and the SDK reads that from the process's own environment (`IDENTITY_ENDPOINT` and the like).
 */
export interface AzureManagedIdentity {
	readonly managedIdentity: true | { readonly clientId: string } | { readonly resourceId: string };
}

/** What Azure Key Vault is asked with. Each says by its fields which kind it is. */
export type AzureCredentials =
	| AzureClientSecret
	| AzureClientCertificate
	| AzureClientCertificateFile
	| AzureTokenFile
	| AzureClientAssertion
	| AzureManagedIdentity;

/** Kinds of credentials in the order in which they are tried; for {@link chainOf} only. */
export interface CredentialChain {
	readonly chain: readonly ChainLink[];
}

export type ChainLink =
	| AzureCredentials
	| { readonly managedIdentityIfThere: { readonly clientId?: string } }
	/** The program `az`. */
	| { readonly azureCli: true };

const CHAINS = new WeakSet<object>();

/** Only this package makes chains: from an environment. */
export function chainOf(chain: readonly ChainLink[]): CredentialChain {
	const made = Object.freeze({ chain });
	CHAINS.add(made);
	return made;
}

/** What was passed as `credentials`, checked. */
export type KnownCredentials = AzureCredentials | TokenCredential | CredentialChain | "default" | undefined;

const APPLICATION = { tenantId: isText, clientId: isText, authorityHost: isAuthority };
const OF_CERTIFICATE = { clientCertificatePassword: isText, clientCertificateSendChain: isBoolean };
const isIdentity: Check = (value) =>
	value === true ||
	(typeof value === "object" &&
		value !== null &&
		Object.keys(value).length === 1 &&
		["clientId", "resourceId"].some((name) => isText((value as Record<string, unknown>)[name]) === undefined))
		? undefined
		: "true, { clientId } or { resourceId }";
const isFunction: Check = (value) => (typeof value === "function" ? undefined : "a function");

/** Each kind by the field that tells it. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
	clientSecret: { ...APPLICATION, clientSecret: isText },
	clientCertificate: { ...APPLICATION, clientCertificate: isCertificate, ...OF_CERTIFICATE },
	clientCertificatePath: { ...APPLICATION, clientCertificatePath: isText, ...OF_CERTIFICATE },
	tokenFile: { ...APPLICATION, tokenFile: isText },
	assertion: { ...APPLICATION, assertion: isFunction },
	managedIdentity: { managedIdentity: isIdentity },
};

function isCertificate(value: unknown): string | undefined {
	return typeof value === "string" || value instanceof Uint8Array ? undefined : "PEM, or the bytes of a PFX";
}

/** Checks who gives tokens. */
export function isAuthority(value: unknown): string | undefined {
	return typeof value === "string" && /^https:\/\/[\w.-]+(?::\d+)?\/?$/.test(value)
		? undefined
		: "a URL such as https://login.microsoftonline.us";
}

/** @throws UsageError `argument-invalid`, `option-unknown`; nothing of the credentials is repeated */
export function checkCredentials(given: unknown, of: string): KnownCredentials {
	if (given === undefined || given === "default") return given;
	const misfit = (problem: string): UsageError =>
		new UsageError("argument-invalid", `The option "credentials" of ${of} ${problem}`);
	if (typeof given !== "object" || given === null)
		throw misfit(
			'must be "default", a TokenCredential, or an object such as { tenantId, clientId, clientSecret }.',
		);
	if (CHAINS.has(given)) return given as CredentialChain;
	if (typeof (given as Partial<TokenCredential>).getToken === "function") return given as TokenCredential;
	const kinds = Object.keys(KINDS).filter((kind) => (given as Record<string, unknown>)[kind] !== undefined);
	if (kinds.length !== 1)
		throw misfit(`must have exactly one of these fields: ${Object.keys(KINDS).join(", ")}.`);
	const fields = KINDS[kinds[0]!]!;
	checkOptions(`the credentials of ${of}`, given, fields);
	for (const name of ["tenantId", "clientId", kinds[0]!]) {
		const value = (given as Record<string, unknown>)[name];
		if (name in fields && (value === undefined || value === ""))
			throw misfit(`lack ${name}, which credentials with ${kinds[0]} need.`);
	}
	return given as AzureCredentials;
}

/** The cloud whose authority the credentials name; undefined where they know it themselves. */
export function cloudOfCredentials(credentials: KnownCredentials): Cloud | undefined {
	if (typeof credentials !== "object" || "getToken" in credentials) return undefined;
	if ("chain" in credentials) {
		const named = credentials.chain.find((link) => "tenantId" in link);
		return named === undefined ? undefined : cloudOfCredentials(named as AzureCredentials);
	}
	return "tenantId" in credentials ? cloudOf(credentials.authorityHost) : undefined;
}

export interface IdentitySettings {
	readonly transport: Transport;
	readonly retryOptions: object;
}

/**
 * The credential of the SDK. The identity library is loaded unless the caller brought a credential.
 *
 * @throws KeyError `misconfigured` without credentials
 */
export async function tokenCredential(
	credentials: KnownCredentials,
	settings: IdentitySettings,
): Promise<TokenCredential> {
	if (credentials === undefined)
		throw new KeyError(
			"misconfigured",
			'no credentials for Azure were given; pass credentials, or "default"',
		);
	if (typeof credentials === "object" && "getToken" in credentials) return credentials;
	const library = await loadIdentity();
	// The SDK's own way, which reads the process's environment: the caller asked for it.
	if (credentials === "default") return new library.DefaultAzureCredential();
	if (!("chain" in credentials)) return linkCredential(credentials, library, settings);
	if (credentials.chain.length === 0)
		throw new KeyError("misconfigured", "the environment that was passed names no credentials for Azure");
	return new library.ChainedTokenCredential(
		...credentials.chain.map((link) => linkCredential(link, library, settings)),
	);
}

function linkCredential(
	link: ChainLink,
	library: IdentityLibrary,
	{ transport, retryOptions }: IdentitySettings,
): TokenCredential {
	const options = { httpClient: transport, retryOptions };
	if ("azureCli" in link) return new library.AzureCliCredential();
	if ("managedIdentityIfThere" in link) {
		// As the SDK's default chain asks for it: a short look whether there is such an endpoint.
		const probing = { ...options, ...link.managedIdentityIfThere, sendProbeRequest: true };
		return new library.ManagedIdentityCredential(probing);
	}
	if ("managedIdentity" in link) {
		const which = link.managedIdentity === true ? {} : link.managedIdentity;
		return new library.ManagedIdentityCredential({ ...options, ...which });
	}
	const { tenantId, clientId } = link;
	const cloud = cloudOf(link.authorityHost);
	const asked = {
		...options,
		authorityHost: cloud.authority,
		// Of an authority that it does not know, the SDK would ask login.microsoftonline.com.
		disableInstanceDiscovery: !isKnown(cloud),
	};
	if ("clientSecret" in link)
		return new library.ClientSecretCredential(tenantId, clientId, link.clientSecret, asked);
	if ("clientCertificate" in link || "clientCertificatePath" in link)
		return certificateCredential(link, library, asked);
	const give = "assertion" in link ? () => assertionOf(link.assertion) : () => tokenOfFile(link.tokenFile);
	const assertion = async (): Promise<string> => {
		try {
			return await give();
		} catch (error) {
			noteCause(error);
			throw error;
		}
	};
	return new library.ClientAssertionCredential(tenantId, clientId, assertion, asked);
}

async function assertionOf(assertion: AzureClientAssertion["assertion"]): Promise<string> {
	let text: unknown;
	try {
		text = await assertion();
	} catch {
		// What it threw is the caller's and may hold anything.
		throw new KeyError("misconfigured", "the function assertion threw an error");
	}
	if (typeof text !== "string" || text === "")
		throw new KeyError("misconfigured", "the function assertion gave no token");
	return text;
}

function certificateCredential(
	link: AzureClientCertificate | AzureClientCertificateFile,
	library: IdentityLibrary,
	asked: object,
): TokenCredential {
	const { tenantId, clientId, clientCertificatePassword, clientCertificateSendChain = false } = link;
	const make = async (): Promise<TokenCredential> => {
		const given = link.clientCertificate ?? { path: link.clientCertificatePath };
		const { pem, password } = await certificateText(given, clientCertificatePassword);
		const certificate = {
			certificate: pem,
			...(password !== undefined && { certificatePassword: password }),
		};
		return new library.ClientCertificateCredential(tenantId, clientId, certificate, {
			...asked,
			sendCertificateChain: clientCertificateSendChain,
		});
	};
	let made: Promise<TokenCredential> | undefined;
	return {
		async getToken(scopes, options) {
			made ??= make();
			const credential = await made.catch((error: unknown) => {
				// The file may be mended before the next try.
				made = undefined;
				noteCause(error);
				throw error;
			});
			return credential.getToken(scopes, options);
		},
	};
}

async function tokenOfFile(path: string): Promise<string> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (error) {
		const code = (error as { code?: unknown }).code;
		throw new KeyError(
			"misconfigured",
			`the token file of the workload identity cannot be read (${String(code)})`,
		);
	}
	if (text.trim() === "")
		throw new KeyError("misconfigured", "the token file of the workload identity is empty");
	return text.trim();
}
