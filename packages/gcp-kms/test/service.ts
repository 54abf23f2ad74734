import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReference, type RunResult } from "@sopskit/reference";
import { GcpKmsStandIn } from "@sopskit/servers/gcp-kms";
import { afterAll, beforeAll } from "vitest";
import type { GcpKmsOptions } from "../src/index.ts";

/** An entry of a file, as JSON has it. */
export interface Entry {
	readonly created_at: string;
	readonly enc: string;
	readonly resource_id: string;
}

export const TRANSPORTS = ["grpc", "rest"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The stand-in of a test file, with a folder that goes with it. */
export interface Service {
	readonly gcp: GcpKmsStandIn;
	readonly folder: string;
	/** The way to the service. */
	way(transport: Transport): Pick<GcpKmsOptions, "transport" | "endpoint" | "ca">;
	/** The environment in which sops finds the service, without credentials. */
	environment(transport: Transport): Readonly<Record<string, string>>;
	write(name: string, text: string): string;
}

/** Starts the service before the tests of a file. */
export function useService(): () => Service {
	let service: Service | undefined;
	beforeAll(async () => {
		const gcp = await new GcpKmsStandIn().start();
		const folder = mkdtempSync(join(tmpdir(), "sopskit-gcp-"));
		const write = (name: string, text: string): string => {
			const path = join(folder, name);
			writeFileSync(path, text);
			return path;
		};
		const SSL_CERT_FILE = write("ca.pem", gcp.ca);
		service = {
			gcp,
			folder,
			write,
			way: (transport) =>
				transport === "rest"
					? { transport, endpoint: gcp.url }
					: { transport, endpoint: gcp.grpcAddress, ca: gcp.ca },
			environment: (transport) => ({
				HOME: folder,
				SSL_CERT_FILE,
				SOPS_GCP_KMS_CLIENT_TYPE: transport,
				SOPS_GCP_KMS_ENDPOINT: transport === "rest" ? gcp.url : gcp.grpcAddress,
			}),
		};
	});
	afterAll(async () => {
		await service?.gcp.stop();
		if (service !== undefined) rmSync(service.folder, { recursive: true });
	});
	return () => service!;
}

export async function runSops(
	args: readonly string[],
	env: Readonly<Record<string, string>>,
	input: string,
	path = "a.json",
): Promise<RunResult> {
	const asJson = ["--input-type", "json", "--output-type", "json", "--filename-override", path];
	return openReference()!.runSops(["--disable-version-check", ...args, ...asJson], { env, input });
}

/** A JSON file that sops encrypted. */
export async function sopsFile(keys: string, env: Readonly<Record<string, string>>): Promise<string> {
	const result = await runSops(["encrypt", "--gcp-kms", keys], env, '{"hello": "world"}');
	if (result.status !== 0) throw new Error(`sops: ${result.stderr}`);
	return result.stdout;
}
