import { createCipheriv, createDecipheriv, createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { crc32c } from "@aws-crypto/crc32c";
import { type GrpcClient, grpc, GrpcClient as Loader } from "google-gax";
import { type Certificate, unknownCertificate } from "./certificate.ts";
import { type ConnectProxy, startConnectProxy } from "./connect-proxy.ts";
import { type Arrived, type RecordingServer, recordingServer } from "./http-server.ts";
import { readToken } from "./json-web-token.ts";
import { type Call, Refusal, readCall } from "./service-call.ts";

const SERVICE = "google.cloud.kms.v1.KeyManagementService";
const ACCOUNT = "sopskit@sopskit.iam.gserviceaccount.com";
const POOL =
	"//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/sopskit/providers/sopskit";
const HTTP: Readonly<Record<string, number>> = {
	INVALID_ARGUMENT: 400,
	FAILED_PRECONDITION: 400,
	UNAUTHENTICATED: 401,
	PERMISSION_DENIED: 403,
	NOT_FOUND: 404,
	RESOURCE_EXHAUSTED: 429,
	INTERNAL: 500,
	UNAVAILABLE: 503,
};

interface Message {
	readonly name: string;
	readonly plaintext?: Buffer;
	readonly ciphertext?: Buffer;
	readonly checksum?: number | undefined;
}

interface Answer {
	readonly name?: string;
	readonly bytes: Buffer;
	readonly verified: boolean;
}

type GrpcCall = grpc.ServerUnaryCall<Record<string, unknown> & { name: string }, object>;
type GrpcAnswer = grpc.sendUnaryData<object>;

/** A gRPC call as it arrived. */
export interface GrpcArrival {
	readonly method: string;
	readonly name: string;
	readonly authorization: string;
	readonly checksum: number | undefined;
	/** Where it came from: one for each connection. */
	readonly peer: string;
}

/** What happens to a gRPC call instead of its work. */
export type GrpcFault = keyof typeof HTTP | "hang" | "wrong checksum" | "empty";

/**
 * Google Cloud KMS over REST and gRPC, Google's services for tokens, and a metadata server, from Google's public
 * reference and from what its clients send. AES-256-GCM with versions, CRC32C, tokens and their signatures are real. Not
 * done: every other call and sort of key, IAM (a token may do all or nothing), the real layout of a ciphertext beyond
 * its first bytes, and the exact words of most errors. It can be wrong as the code it tests is, so only what Google's own
 * clients also do against it counts as proved.
 */
export class GcpKmsStandIn {
	/** Good tokens, by who got them. Tests may add their own. */
	readonly tokens: Map<string, string> = new Map();
	/** A token whose owner may do nothing. */
	readonly noRights = "no-rights";
	/** Tokens of a workload's issuer that are exchanged; tests add what they issue. */
	readonly subjectTokens: Set<string> = new Set();
	readonly grpcArrived: GrpcArrival[] = [];
	readonly #keys = new Map<string, { enabled: boolean; secret: Buffer; label: Buffer }[]>();
	readonly #faults: { fault: GrpcFault; left: number }[] = [];
	readonly #account = generateKeyPairSync("rsa", { modulusLength: 2048 });
	#certificate!: Certificate;
	#tls!: RecordingServer;
	#plain!: RecordingServer;
	#proxy!: ConnectProxy;
	#grpc!: grpc.Server;
	#grpcPort = 0;

	async start(): Promise<this> {
		const hosts = [
			"cloudkms.googleapis.com",
			"sts.googleapis.com",
			"oauth2.googleapis.com",
			"iamcredentials.googleapis.com",
		];
		this.#certificate = await unknownCertificate([...hosts, "cloudkms.example.goog"]);
		const handle = (request: Arrived) => this.#answerHttp(readCall(request));
		this.#tls = await recordingServer(handle, this.#certificate);
		this.#plain = await recordingServer(handle);
		this.#proxy = await startConnectProxy(new Map(hosts.map((host) => [host, this.#tls.port])));
		await this.#startGrpc();
		return this;
	}

	async stop(): Promise<void> {
		this.#grpc.forceShutdown();
		await Promise.all([this.#tls.close(), this.#plain.close(), this.#proxy.close()]);
	}

	/** The authority of its certificate, in PEM. */
	get ca(): string {
		return this.#certificate.cert;
	}

	/** REST, tokens and metadata without TLS. */
	get url(): string {
		return this.#plain.url;
	}

	/** The same with TLS. */
	get tlsUrl(): string {
		return this.#tls.url;
	}

	/** gRPC with TLS: `localhost:port`. */
	get grpcAddress(): string {
		return `localhost:${this.#grpcPort}`;
	}

	/** A proxy to Google's names for all but gRPC. */
	get proxy(): ConnectProxy {
		return this.#proxy;
	}

	get arrived(): readonly Arrived[] {
		return this.#plain.arrived;
	}

	get arrivedTls(): readonly Arrived[] {
		return this.#tls.arrived;
	}

	get connections(): number {
		return this.#plain.connections();
	}

	forget(): void {
		this.#plain.arrived.length = 0;
		this.#tls.arrived.length = 0;
		this.grpcArrived.length = 0;
		this.#faults.length = 0;
	}

	/** Orders what happens to the next gRPC calls. */
	inject(fault: GrpcFault, times = Number.POSITIVE_INFINITY): void {
		this.#faults.push({ fault, left: times });
	}

	/** Makes a key, or a new version of one, and gives its resource id. */
	addKey(name: string): string {
		const id = `projects/sopskit/locations/global/keyRings/test/cryptoKeys/${name}`;
		const versions = this.#keys.get(id) ?? [];
		const label = createHash("sha256").update(`${id}/${versions.length}`).digest();
		this.#keys.set(id, [...versions, { enabled: true, secret: randomBytes(32), label }]);
		return id;
	}

	/** Disables all versions of a key. */
	disableKey(id: string): void {
		for (const version of this.#keys.get(id) ?? []) version.enabled = false;
	}

	/** Makes a token that is good until it is taken out of {@link tokens}. */
	issue(owner: string): string {
		const token = `ya29.${randomBytes(48).toString("base64url")}`;
		this.tokens.set(token, owner);
		this.issued.push(token);
		return token;
	}

	/** All tokens that were ever given, for the search in errors. */
	readonly issued: string[] = [];

	/** Credentials of a service account. */
	get serviceAccount() {
		return {
			type: "service_account",
			project_id: "sopskit",
			private_key_id: "1",
			private_key: this.#account.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
			client_email: ACCOUNT,
			client_id: "1",
			token_uri: `${this.url}/token`,
		};
	}

	/** Credentials of a user, as gcloud writes them. */
	get authorizedUser() {
		return {
			type: "authorized_user",
			client_id: "client",
			client_secret: "client-secret",
			refresh_token: "refresh-token",
		};
	}

	/** Workload identity federation: the token is in a file; with impersonation, a service account's token is asked for. */
	externalAccount(file: string, impersonation = false) {
		return {
			type: "external_account",
			audience: POOL,
			subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
			token_url: `${this.url}/v1/token`,
			credential_source: { file },
			...(impersonation && {
				service_account_impersonation_url: `${this.url}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
			}),
		};
	}

	// REST

	#answerHttp(call: Call) {
		try {
			return { headers: { "metadata-flavor": "Google" }, body: this.#http(call) };
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			const { status, code, message } = error;
			const isOauth = code === code.toLowerCase();
			return {
				status,
				body: isOauth
					? { error: code, error_description: message }
					: { error: { code: status, message, status: code } },
			};
		}
	}

	#http(call: Call): object {
		const { path, body, headers } = call;
		if (path === "/token" || path === "/v1/token" || path.endsWith(":generateAccessToken"))
			return this.#grant(call);
		if (path.startsWith("/computeMetadata/")) {
			if (headers["metadata-flavor"] !== "Google")
				throw new Refusal(403, "forbidden", "Missing Metadata-Flavor");
			return path.endsWith("/token") ? this.#granted("metadata") : {};
		}
		const [, name, verb] = /^\/v1\/(projects\/.*):(encrypt|decrypt)$/.exec(path) ?? [];
		if (name === undefined) throw refusal("NOT_FOUND", `No such call: ${path}`);
		this.#checkToken(headers.authorization ?? "");
		const field = verb === "encrypt" ? "plaintext" : "ciphertext";
		const given = body[`${field}Crc32c`];
		const bytes = Buffer.from(String(body[field] ?? ""), "base64");
		const message = { name, [field]: bytes, checksum: given === undefined ? undefined : Number(given) };
		const answer = verb === "encrypt" ? this.#encrypt(message) : this.#decrypt(message);
		const comes = verb === "encrypt" ? "ciphertext" : "plaintext";
		return {
			...(answer.name && { name: answer.name }),
			[comes]: answer.bytes.toString("base64"),
			[`${comes}Crc32c`]: String(checksumOf(answer.bytes)),
			...(answer.verified && { verifiedPlaintextCrc32c: true }),
		};
	}

	#granted(owner: string) {
		return { access_token: this.issue(owner), expires_in: 3599, token_type: "Bearer" };
	}

	#grant({ path, body, headers }: Call): object {
		const form = body as Readonly<Record<string, string | undefined>>;
		try {
			if (path.endsWith(":generateAccessToken")) {
				this.#checkToken(headers.authorization ?? "");
				return {
					accessToken: this.issue(ACCOUNT),
					expireTime: new Date(Date.now() + 3_599_000).toISOString(),
				};
			}
			if (path === "/v1/token") {
				if (!this.subjectTokens.has(form.subject_token ?? "")) throw new Error("subject token");
				if (form.audience !== POOL) throw new Error("audience");
				const issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
				return { ...this.#granted("workload"), issued_token_type };
			}
			if (form.grant_type === "refresh_token") {
				const isUser = form.refresh_token === "refresh-token" && form.client_secret === "client-secret";
				if (!isUser) throw new Error("refresh token");
				return this.#granted("user");
			}
			readToken(form.assertion ?? "", this.#account.publicKey, { iss: ACCOUNT, aud: `${this.url}/token` });
			return this.#granted(ACCOUNT);
		} catch (error) {
			if (error instanceof Refusal) throw error;
			throw new Refusal(400, "invalid_grant", `Invalid grant: ${(error as Error).message}.`);
		}
	}

	#checkToken(authorization: string): void {
		const token = authorization.replace(/^Bearer /i, "");
		if (token === this.noRights)
			throw refusal("PERMISSION_DENIED", "Permission denied on resource (or it may not exist).");
		if (this.tokens.has(token)) return;
		try {
			// A service account may sign a token by itself.
			const claims = readToken(token, this.#account.publicKey, { iss: ACCOUNT, sub: ACCOUNT });
			if (
				String(claims.scope ?? claims.aud).includes("cloudkms") ||
				String(claims.scope).includes("cloud-platform")
			)
				return;
		} catch {
			// Refused below.
		}
		throw refusal("UNAUTHENTICATED", "Request had invalid authentication credentials.");
	}

	// Keys

	#versionsOf(name: string) {
		if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(name))
			throw refusal("INVALID_ARGUMENT", "The resource name is not that of a CryptoKey.");
		const versions = this.#keys.get(name);
		if (versions === undefined) throw refusal("NOT_FOUND", `CryptoKey ${name} not found.`);
		return versions;
	}

	#encrypt({ name, plaintext = Buffer.alloc(0), checksum }: Message): Answer {
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

	#decrypt({ name, ciphertext = Buffer.alloc(0), checksum }: Message): Answer {
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

	// gRPC

	async #startGrpc(): Promise<void> {
		const require = createRequire(createRequire(import.meta.url).resolve("@google-cloud/kms"));
		const loader: GrpcClient = new Loader();
		const protos = loader.loadProtoJSON(require("../protos/protos.json")) as never as Record<string, never>;
		// biome-ignore lint/suspicious/noExplicitAny: the packages of a proto are nested as its name says
		const { service } = SERVICE.split(".").reduce((at: any, part) => at[part], protos);
		this.#grpc = new grpc.Server();
		this.#grpc.addService(service, {
			Encrypt: (call: GrpcCall, answer: GrpcAnswer) => this.#serveGrpc("encrypt", call, answer),
			Decrypt: (call: GrpcCall, answer: GrpcAnswer) => this.#serveGrpc("decrypt", call, answer),
		});
		const { cert, key } = this.#certificate;
		const credentials = grpc.ServerCredentials.createSsl(null, [
			{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) },
		]);
		this.#grpcPort = await new Promise((resolve, reject) => {
			this.#grpc.bindAsync("127.0.0.1:0", credentials, (error, port) =>
				error ? reject(error) : resolve(port),
			);
		});
	}

	#serveGrpc(verb: "encrypt" | "decrypt", call: GrpcCall, answer: GrpcAnswer): void {
		const field = verb === "encrypt" ? "plaintext" : "ciphertext";
		const { request } = call;
		const given = request[`${field}Crc32c`] as { value: string } | null | undefined;
		const checksum = given?.value === undefined ? undefined : Number(given.value);
		const authorization = String(call.metadata.get("authorization")[0] ?? "");
		this.grpcArrived.push({
			method: verb,
			name: request.name,
			authorization,
			checksum,
			peer: call.getPeer(),
		});
		const ordered = this.#faults.find(({ left }) => left > 0);
		if (ordered !== undefined) ordered.left -= 1;
		const fault = ordered?.fault;
		if (fault === "hang") return;
		try {
			if (fault !== undefined && Object.hasOwn(HTTP, fault))
				throw refusal(
					fault,
					`An ordered fault: ${authorization} ${Buffer.from(request[field] as Buffer).toString("base64")}`,
				);
			this.#checkToken(authorization);
			const message = { name: request.name, [field]: Buffer.from(request[field] as Buffer), checksum };
			const { name, bytes, verified } = verb === "encrypt" ? this.#encrypt(message) : this.#decrypt(message);
			const comes = verb === "encrypt" ? "ciphertext" : "plaintext";
			const sum = checksumOf(bytes) ^ (fault === "wrong checksum" ? 1 : 0);
			const body = {
				name,
				[comes]: bytes,
				[`${comes}Crc32c`]: { value: sum >>> 0 },
				verifiedPlaintextCrc32c: verified,
			};
			answer(null, fault === "empty" ? {} : body);
		} catch (error) {
			const { code, message } = error as Refusal;
			answer({
				code: grpc.status[code as keyof typeof grpc.status] ?? grpc.status.UNKNOWN,
				details: message,
			});
		}
	}
}

/** As the real ciphertexts start: `CiQA` in base64. */
const HEADER = Buffer.from([0x0a, 0x24, 0x00]);

function checksumOf(bytes: Uint8Array): number {
	return crc32c(bytes) >>> 0;
}

function checkChecksum(bytes: Uint8Array, given: number | undefined): void {
	if (given !== undefined && given !== checksumOf(bytes))
		throw refusal("INVALID_ARGUMENT", "The checksum did not match the data.");
}

function refusal(code: string, message: string): Refusal {
	return new Refusal(HTTP[code] ?? 500, code, message);
}
