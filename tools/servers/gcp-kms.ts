import { type Certificate, unknownCertificate } from "./certificate.ts";
import { type ConnectProxy, startConnectProxy } from "./connect-proxy.ts";
import { GcpGrpc, type GrpcArrival, type GrpcFault } from "./gcp-grpc.ts";
import { checksumOf, GcpKeys, refusal } from "./gcp-keys.ts";
import { GcpTokens } from "./gcp-tokens.ts";
import { type Arrived, type RecordingServer, recordingServer } from "./http-server.ts";
import { type Call, Refusal, readCall } from "./service-call.ts";

/** Another cloud of Google's making. */
const UNIVERSE = "example.goog";

/**
 * Google Cloud KMS over REST and gRPC, Google's services for tokens, and metadata servers, from Google's public
 * reference and from what its clients send. AES-256-GCM with versions, CRC32C, tokens and their signatures are real. Not
 * done: every other call and sort of key, IAM (a token may do all or nothing), signatures of AWS, the real layout of a
 * ciphertext beyond its first bytes, and the exact words of most errors. It can be wrong as the code it tests is, so only
 * what Google's own clients also do against it counts as proved.
 */
export class GcpKmsStandIn {
	readonly universe = UNIVERSE;
	readonly #keys = new GcpKeys();
	readonly #tokens = new GcpTokens(() => this.url);
	readonly #grpc = new GcpGrpc(this.#keys, this.#tokens);
	#certificate!: Certificate;
	#tls!: RecordingServer;
	#plain!: RecordingServer;
	#proxy!: ConnectProxy;
	#grpcProxy!: ConnectProxy;

	async start(): Promise<this> {
		const kms = [`cloudkms.googleapis.com`, `cloudkms.${UNIVERSE}`];
		const others = ["sts", "oauth2", "iamcredentials"].map((name) => `${name}.googleapis.com`);
		const hosts = [...kms, ...others, `iamcredentials.${UNIVERSE}`];
		this.#certificate = await unknownCertificate(hosts);
		const handle = (request: Arrived) => this.#answerHttp(readCall(request));
		this.#tls = await recordingServer(handle, this.#certificate);
		this.#plain = await recordingServer(handle);
		await this.#grpc.start(this.#certificate);
		const ports = hosts.map((host): [string, number] => [host, this.#tls.port]);
		this.#proxy = await startConnectProxy(new Map(ports));
		const overGrpc = kms.map((host): [string, number] => [host, this.#grpc.port]);
		this.#grpcProxy = await startConnectProxy(new Map([...ports, ...overGrpc]));
		return this;
	}

	async stop(): Promise<void> {
		this.#grpc.stop();
		await Promise.all([this.#tls, this.#plain, this.#proxy, this.#grpcProxy].map((one) => one.close()));
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
		return `localhost:${this.#grpc.port}`;
	}

	/** A proxy to Google's names, with REST behind those of KMS. */
	get proxy(): ConnectProxy {
		return this.#proxy;
	}

	/** The same with gRPC behind them. */
	get grpcProxy(): ConnectProxy {
		return this.#grpcProxy;
	}

	get arrived(): readonly Arrived[] {
		return this.#plain.arrived;
	}

	get arrivedTls(): readonly Arrived[] {
		return this.#tls.arrived;
	}

	get grpcArrived(): readonly GrpcArrival[] {
		return this.#grpc.arrived;
	}

	get connections(): number {
		return this.#plain.connections();
	}

	forget(): void {
		this.#plain.arrived.length = 0;
		this.#tls.arrived.length = 0;
		this.#grpc.arrived.length = 0;
		this.#grpc.faults.length = 0;
		this.#proxy.refused.length = 0;
		this.#grpcProxy.refused.length = 0;
	}

	/** Orders what happens to the next gRPC calls. */
	inject(fault: GrpcFault, times = Number.POSITIVE_INFINITY): void {
		this.#grpc.faults.push({ fault, left: times });
	}

	/** Makes a key, or a new version of one, and gives its resource id. */
	addKey(name: string): string {
		return this.#keys.add(name);
	}

	/** Disables all versions of a key. */
	disableKey(id: string): void {
		this.#keys.disable(id);
	}

	/** Who has which token, and credentials that are good for one. */
	get access(): GcpTokens {
		return this.#tokens;
	}

	/** Makes a token that is good until it is taken out of {@link tokens}. */
	issue(owner: string): string {
		return this.#tokens.issue(owner);
	}

	get tokens(): Map<string, string> {
		return this.#tokens.good;
	}

	get issued(): readonly string[] {
		return this.#tokens.issued;
	}

	get noRights(): string {
		return this.#tokens.noRights;
	}

	get subjectTokens(): Set<string> {
		return this.#tokens.subjectTokens;
	}

	get serviceAccount() {
		return this.#tokens.serviceAccount;
	}

	get authorizedUser() {
		return this.#tokens.authorizedUser;
	}

	externalAccount(source: string | object, impersonation = false) {
		return this.#tokens.externalAccount(source, impersonation);
	}

	#answerHttp(call: Call) {
		try {
			const body = this.#tokens.answer(call) ?? this.#callKey(call);
			return { headers: { "metadata-flavor": "Google" }, body };
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

	#callKey({ path, body, headers }: Call): object {
		const [, name, verb] = /^\/v1\/(projects\/.*):(encrypt|decrypt)$/.exec(path) ?? [];
		if (name === undefined) throw refusal("NOT_FOUND", `No such call: ${path}`);
		this.#tokens.check(headers.authorization ?? "");
		const field = verb === "encrypt" ? "plaintext" : "ciphertext";
		const given = body[`${field}Crc32c`];
		const bytes = Buffer.from(String(body[field] ?? ""), "base64");
		const message = { name, [field]: bytes, checksum: given === undefined ? undefined : Number(given) };
		const answer = verb === "encrypt" ? this.#keys.encrypt(message) : this.#keys.decrypt(message);
		const comes = verb === "encrypt" ? "ciphertext" : "plaintext";
		return {
			...(answer.name && { name: answer.name }),
			[comes]: answer.bytes.toString("base64"),
			[`${comes}Crc32c`]: String(checksumOf(answer.bytes)),
			...(answer.verified && { verifiedPlaintextCrc32c: true }),
		};
	}
}
