import {
	constants,
	generateKeyPairSync,
	type KeyObject,
	privateDecrypt,
	publicEncrypt,
	randomBytes,
	randomUUID,
	X509Certificate,
} from "node:crypto";
import { generate } from "selfsigned";
import { type Certificate, unknownCertificate } from "./certificate.ts";
import { type ConnectProxy, startConnectProxy } from "./connect-proxy.ts";
import { type Arrived, type RecordingServer, recordingServer } from "./http-server.ts";
import { readToken } from "./json-web-token.ts";
import { type Call, Refusal, readCall } from "./service-call.ts";

interface Version {
	readonly version: string;
	readonly privateKey: KeyObject;
	readonly publicKey: KeyObject;
	enabled: boolean;
	operations: readonly string[];
}

/** An application of Entra ID, or a managed identity, and what it may do in the vault. */
export interface AzureClient {
	readonly rights: readonly ("get" | "encrypt" | "decrypt")[];
}

const ALL = ["get", "encrypt", "decrypt"] as const;

/**
 * Azure Key Vault, Entra ID and the managed identity endpoints, from Microsoft's public reference and from what its
 * clients send. RSA is real, and so are the checks of audience, expiry, secrets and assertions. Not done: every other
 * call, HSMs and elliptic keys, dates of keys, and the exact words of most errors. It can be wrong as the code it tests
 * is, so only what Microsoft's own clients also do against it counts as proved.
 */
export class AzureKeyvaultStandIn {
	readonly tenant = "aaaaaaaa-0000-4000-8000-000000000000";
	/** May do everything; has the secret, the certificate and the federated token below. */
	readonly client = "bbbbbbbb-0000-4000-8000-000000000000";
	readonly secret: string = `secret-${randomUUID()}`;
	/** The managed identity of the machine. */
	readonly managedClient = "dddddddd-0000-4000-8000-000000000000";
	readonly identityHeader: string = `header-${randomUUID()}`;
	/** A certificate with its private key, in PEM. */
	clientCertificate!: string;
	/** Assertions of a federated identity that are taken; tests add what they issue. */
	readonly federatedTokens: Set<string> = new Set();
	readonly clients: Map<string, AzureClient> = new Map<string, AzureClient>([
		[this.client, { rights: ALL }],
		[this.managedClient, { rights: ALL }],
	]);
	/** Where it says that tokens are; tests with a proxy in front set the proxy's address. */
	loginUrl: string;
	/** Runs after the next look at a key was answered. */
	onceLookedUp: (() => void) | undefined;
	/** Seconds that new tokens are good for. */
	tokenSeconds = 3600;
	readonly #keys = new Map<string, Version[]>();
	readonly #tokens = new Map<string, { client: string; audience: string; ends: number }>();
	readonly #vault: string;
	readonly #audience: string;
	#clientKey!: KeyObject;

	#certificate!: Certificate;
	#tls!: RecordingServer;
	#plain!: RecordingServer;
	#proxy!: ConnectProxy;

	constructor(vault = "sopskit.vault.azure.net", login = "login.microsoftonline.com") {
		this.#vault = `https://${vault}`;
		this.loginUrl = `https://${login}`;
		this.#audience = `https://${vault.slice(vault.indexOf(".") + 1)}`;
	}

	async start(): Promise<this> {
		const hosts = [this.#vault, this.loginUrl].map((url) => new URL(url).host);
		this.#certificate = await unknownCertificate(hosts);
		const made = await generate([{ name: "commonName", value: "sopskit" }], { keySize: 2048 });
		this.clientCertificate = `${made.private.trim()}\n${made.cert}`;
		this.#clientKey = new X509Certificate(made.cert).publicKey;
		const handle = (request: Arrived) => this.#answer(readCall(request));
		this.#tls = await recordingServer(handle, this.#certificate);
		this.#plain = await recordingServer(handle);
		this.#proxy = await startConnectProxy(new Map(hosts.map((host) => [host, this.#tls.port])));
		return this;
	}

	async stop(): Promise<void> {
		await Promise.all([this.#tls.close(), this.#plain.close(), this.#proxy.close()]);
	}

	/** The authority of its certificate, in PEM. */
	get ca(): string {
		return this.#certificate.cert;
	}

	/** Plain HTTP, where the managed identity endpoints are, and all else for a proxy in front. */
	get url(): string {
		return this.#plain.url;
	}

	/** A proxy to vault and login under their names, and to nothing else. */
	get proxy(): ConnectProxy {
		return this.#proxy;
	}

	/** What came over TLS, oldest first. */
	get arrived(): readonly Arrived[] {
		return this.#tls.arrived;
	}

	/** What came over plain HTTP. */
	get arrivedPlain(): readonly Arrived[] {
		return this.#plain.arrived;
	}

	/** How many connections were opened over TLS. */
	get connections(): number {
		return this.#tls.connections();
	}

	forget(): void {
		this.#tls.arrived.length = 0;
		this.#plain.arrived.length = 0;
		this.#proxy.refused.length = 0;
	}

	/** Makes a key, or a new version of one, and gives its URL with the version. */
	addKey(name: string, bits = 2048): string {
		const version = { version: randomUUID().replaceAll("-", ""), enabled: true, operations: ALL.slice(1) };
		const pair = generateKeyPairSync("rsa", { modulusLength: bits });
		this.#keys.set(name, [...(this.#keys.get(name) ?? []), { ...version, ...pair }]);
		return `${this.keyUrl(name)}/${version.version}`;
	}

	keyUrl(name: string): string {
		return `${this.#vault}/keys/${name}`;
	}

	/** Changes the current version of a key. */
	changeKey(name: string, change: Partial<Pick<Version, "enabled" | "operations">>): void {
		Object.assign(this.#keys.get(name)!.at(-1)!, change);
	}

	deleteKey(name: string): void {
		this.#keys.delete(name);
	}

	/** Makes tokens that were given worthless. */
	revokeTokens(): void {
		this.#tokens.clear();
	}

	/** All tokens that were ever given, for the search in errors. */
	readonly issued: string[] = [];

	#token(client: string, audience: string, seconds: number): string {
		const token = `ey${randomBytes(60).toString("base64url")}`;
		this.issued.push(token);
		this.#tokens.set(token, { client, audience, ends: Date.now() + seconds * 1000 });
		return token;
	}

	#answer(call: Call) {
		const isLogin = /\/(?:oauth2|discovery|\.well-known)\b/.test(call.path);
		const isIdentity =
			call.path === "/msi/token" || /^\/metadata\/identity\/oauth2\/token\/?$/.test(call.path);
		try {
			if (call.path === "/msi/token")
				return {
					body: this.#managedIdentity(call, call.headers["x-identity-header"] === this.identityHeader),
				};
			if (isIdentity) return { body: this.#managedIdentity(call, call.headers.metadata === "true") };
			return { body: isLogin ? this.#answerLogin(call) : this.#answerVault(call) };
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			const { status, code, message, headers } = error;
			if (isLogin || isIdentity) {
				const codes = /AADSTS(\d+)/.exec(message)?.slice(1).map(Number) ?? [];
				return { status, headers, body: { error: code, error_description: message, error_codes: codes } };
			}
			const [outer, inner] = code.split("/");
			return {
				status,
				headers,
				body: { error: { code: outer, message, ...(inner && { innererror: { code: inner } }) } },
			};
		}
	}

	#answerVault({ method, path, query, body, headers }: Call): Record<string, unknown> {
		const match = /^\/keys\/([\w-]+)(?:\/([0-9a-f]*))?(?:\/(encrypt|decrypt))?$/.exec(path);
		if (match === null || (method === "POST") !== Boolean(match[3]))
			throw new Refusal(404, "NotFound", `No such call: ${method} ${path}`);
		const [, name, version, verb] = match;
		this.#checkToken(headers.authorization ?? "", (verb ?? "get") as "get");
		if (query["api-version"] === undefined)
			throw new Refusal(400, "BadParameter", "api-version must be specified");
		const key = this.#keys.get(name!)?.findLast((one) => !version || one.version === version);
		if (key === undefined)
			throw new Refusal(404, "KeyNotFound", `A key with (name/id) ${name} was not found in this key vault.`);
		const kid = `${this.keyUrl(name!)}/${key.version}`;
		if (verb === undefined) {
			const { n, e } = key.publicKey.export({ format: "jwk" });
			const { onceLookedUp } = this;
			this.onceLookedUp = undefined;
			setImmediate(() => onceLookedUp?.());
			return {
				key: { kid, kty: "RSA", key_ops: key.operations, n, e },
				attributes: { enabled: key.enabled },
			};
		}
		return { kid, value: useKey(key, verb, body) };
	}

	#checkToken(authorization: string, action: "get" | "encrypt" | "decrypt"): void {
		const challenge = `Bearer authorization="${this.loginUrl}/${this.tenant}", resource="${this.#audience}"`;
		const token = this.#tokens.get(authorization.replace(/^Bearer /, ""));
		const problem =
			token === undefined
				? "AKV10000: Request is missing a Bearer or PoP token."
				: token.audience.replace(/\/$/, "") !== this.#audience
					? "AKV10022: Invalid audience."
					: token.ends < Date.now()
						? "[TokenExpired] Error validating token: 'S2S12086'."
						: undefined;
		if (token === undefined || problem !== undefined)
			throw new Refusal(401, "Unauthorized", problem ?? "", { "www-authenticate": challenge });
		if (!this.clients.get(token.client)?.rights.includes(action))
			throw new Refusal(
				403,
				"Forbidden/ForbiddenByRbac",
				"Caller is not authorized to perform action on resource.",
			);
	}

	#answerLogin({ path, body }: Call): Record<string, unknown> {
		const [tenant, ...rest] = path.split("/").slice(1);
		const host = new URL(this.loginUrl).host;
		const call = rest.join("/");
		if (call === "discovery/instance")
			return {
				tenant_discovery_endpoint: `${this.loginUrl}/${this.tenant}/v2.0/.well-known/openid-configuration`,
				metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
			};
		if (tenant !== this.tenant)
			throw new Refusal(400, "invalid_request", `AADSTS90002: Tenant '${tenant}' not found.`);
		if (call === "v2.0/.well-known/openid-configuration") {
			const base = `${this.loginUrl}/${tenant}`;
			return {
				issuer: `${base}/v2.0`,
				token_endpoint: `${base}/oauth2/v2.0/token`,
				authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
				jwks_uri: `${base}/discovery/v2.0/keys`,
			};
		}
		if (call !== "oauth2/v2.0/token") throw new Refusal(404, "not_found", `No such call: ${path}`);
		const form = body as Record<string, string | undefined>;
		const scope = form.scope?.split(" ").find((one) => one.endsWith("/.default"));
		if (form.grant_type !== "client_credentials" || scope === undefined)
			throw new Refusal(
				400,
				"invalid_request",
				"AADSTS900144: Only client_credentials for a scope /.default here.",
			);
		if (!form.client_id || !this.clients.has(form.client_id))
			throw new Refusal(400, "unauthorized_client", "AADSTS700016: Application was not found.");
		if (form.client_assertion) this.#checkAssertion(form.client_assertion, form.client_id);
		else if (form.client_secret !== this.secret)
			throw new Refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
		const access_token = this.#token(form.client_id, scope.replace(/\/\.default$/, ""), this.tokenSeconds);
		return {
			token_type: "Bearer",
			expires_in: this.tokenSeconds,
			ext_expires_in: this.tokenSeconds,
			access_token,
		};
	}

	/** Signed by the client's certificate, or a token of the workload's issuer. */
	#checkAssertion(assertion: string, client: string): void {
		if (this.federatedTokens.has(assertion)) return;
		try {
			const claims = readToken(assertion, this.#clientKey, { iss: client, sub: client });
			if (String(claims.aud).startsWith(`${this.loginUrl}/${this.tenant}/`)) return;
		} catch (error) {
			if ((error as Error).message === "expiry")
				throw new Refusal(
					401,
					"invalid_client",
					"AADSTS700024: Client assertion is not within its valid time range.",
				);
		}
		throw new Refusal(401, "invalid_client", "AADSTS700027: Client assertion failed signature validation.");
	}

	#managedIdentity({ query }: Call, permitted: boolean): Record<string, unknown> {
		if (!permitted) throw new Refusal(400, "invalid_request", "Required metadata header not specified");
		if ((query.client_id ?? this.managedClient) !== this.managedClient)
			throw new Refusal(400, "invalid_request", "Identity not found");
		const resource = (query.resource ?? "").replace(/\/$/, "");
		return {
			access_token: this.#token(this.managedClient, resource, 86_400),
			token_type: "Bearer",
			resource,
			client_id: this.managedClient,
			expires_in: "86400",
			expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
		};
	}
}

function useKey(key: Version, verb: string, body: Readonly<Record<string, unknown>>): string {
	// All else is allowed with a disabled key by the real one, its users report.
	if (!key.enabled && verb === "decrypt")
		throw new Refusal(403, "Forbidden/KeyDisabled", "Operation decrypt is not allowed on a disabled key.");
	if (!key.operations.includes(verb))
		throw new Refusal(
			403,
			"Forbidden/KeyOperationForbidden",
			`Operation ${verb} is not permitted on this key.`,
		);
	if (body.alg !== "RSA-OAEP-256" || typeof body.value !== "string")
		throw new Refusal(400, "BadParameter", "Property has invalid value");
	const scheme = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
	const value = Buffer.from(body.value, "base64url");
	try {
		const result =
			verb === "encrypt"
				? publicEncrypt({ key: key.publicKey, ...scheme }, value)
				: privateDecrypt({ key: key.privateKey, ...scheme }, value);
		return result.toString("base64url");
	} catch {
		throw new Refusal(400, "BadParameter", "The parameter is incorrect.\r\n");
	}
}
