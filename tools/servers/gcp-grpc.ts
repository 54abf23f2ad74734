import { createRequire } from "node:module";
import { type GrpcClient, grpc, GrpcClient as Loader } from "google-gax";
import type { Certificate } from "./certificate.ts";
import { checksumOf, type GcpKeys, HTTP, refusal } from "./gcp-keys.ts";
import type { GcpTokens } from "./gcp-tokens.ts";
import type { Refusal } from "./service-call.ts";

const SERVICE = "google.cloud.kms.v1.KeyManagementService";

type GrpcCall = grpc.ServerUnaryCall<Record<string, unknown> & { name: string }, object>;
type GrpcAnswer = grpc.sendUnaryData<object>;

/** A gRPC call as it arrived. */
export interface GrpcArrival {
	readonly method: string;
	readonly name: string;
	readonly authorization: string;
	readonly checksum: number | undefined;
	/** The project that it is counted for. */
	readonly userProject: string | undefined;
	/** The name that the service was called by. */
	readonly host: string;
	/** Where it came from: one for each connection. */
	readonly peer: string;
}

/** What happens to a gRPC call instead of its work. */
export type GrpcFault = keyof typeof HTTP | "hang" | "wrong checksum" | "empty";

/** Cloud KMS over gRPC with TLS. */
export class GcpGrpc {
	readonly arrived: GrpcArrival[] = [];
	/** What happens to the next calls. */
	readonly faults: { fault: GrpcFault; left: number }[] = [];
	readonly #keys: GcpKeys;
	readonly #tokens: GcpTokens;
	#grpc!: grpc.Server;
	#port = 0;

	constructor(keys: GcpKeys, tokens: GcpTokens) {
		this.#keys = keys;
		this.#tokens = tokens;
	}

	get port(): number {
		return this.#port;
	}

	stop(): void {
		this.#grpc.forceShutdown();
	}

	async start({ cert, key }: Certificate): Promise<void> {
		const require = createRequire(createRequire(import.meta.url).resolve("@google-cloud/kms"));
		const loader: GrpcClient = new Loader();
		const protos = loader.loadProtoJSON(require("../protos/protos.json")) as never as Record<string, never>;
		// The packages of a proto are nested as its name says.
		const found = SERVICE.split(".").reduce<unknown>(
			(at, part) => (at as Record<string, unknown>)[part],
			protos,
		);
		const { service } = found as { readonly service: grpc.ServiceDefinition };
		this.#grpc = new grpc.Server();
		this.#grpc.addService(service, {
			Encrypt: (call: GrpcCall, answer: GrpcAnswer) => this.#serveGrpc("encrypt", call, answer),
			Decrypt: (call: GrpcCall, answer: GrpcAnswer) => this.#serveGrpc("decrypt", call, answer),
		});
		const credentials = grpc.ServerCredentials.createSsl(null, [
			{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) },
		]);
		this.#port = await new Promise((resolve, reject) => {
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
		this.arrived.push({
			method: verb,
			name: request.name,
			authorization,
			checksum,
			userProject: call.metadata.get("x-goog-user-project")[0]?.toString(),
			host: call.getHost(),
			peer: call.getPeer(),
		});
		const ordered = this.faults.find(({ left }) => left > 0);
		if (ordered !== undefined) ordered.left -= 1;
		const fault = ordered?.fault;
		if (fault === "hang") return;
		try {
			if (fault !== undefined && Object.hasOwn(HTTP, fault))
				throw refusal(
					fault,
					`An ordered fault: ${authorization} ${Buffer.from(request[field] as Buffer).toString("base64")}`,
				);
			this.#tokens.check(authorization);
			const message = { name: request.name, [field]: Buffer.from(request[field] as Buffer), checksum };
			const { name, bytes, verified } =
				verb === "encrypt" ? this.#keys.encrypt(message) : this.#keys.decrypt(message);
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
