import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReference, type RunResult } from "@sopskit/reference";
import { AzureKeyvaultStandIn } from "@sopskit/servers/azure-keyvault";
import { afterAll, beforeAll } from "vitest";
import type { AzureClientSecret, AzureKeyvaultOptions } from "../src/index.ts";

/** An Azure entry of a file, as JSON has it. */
export interface Entry {
	readonly created_at: string;
	readonly enc: string;
	readonly name: string;
	readonly vault_url: string;
	readonly version: string;
}

/** The stand-in of a test file, with a folder that goes with it. */
export interface Service {
	readonly azure: AzureKeyvaultStandIn;
	readonly folder: string;
	readonly credentials: AzureClientSecret;
	/** The way to the service. */
	readonly way: Pick<AzureKeyvaultOptions, "ca" | "proxy">;
	/** The environment in which sops finds the service. */
	readonly environment: Readonly<Record<string, string>>;
	/** The variables of a service principal with a secret. */
	readonly principal: Readonly<Record<string, string>>;
	write(name: string, text: string): string;
}

/** Starts the service before the tests of a file. */
export function useService(vault?: string, login?: string): () => Service {
	let service: Service | undefined;
	beforeAll(async () => {
		const azure = await new AzureKeyvaultStandIn(vault, login).start();
		const folder = mkdtempSync(join(tmpdir(), "sopskit-azure-"));
		const write = (name: string, text: string): string => {
			const path = join(folder, name);
			writeFileSync(path, text);
			return path;
		};
		service = {
			azure,
			folder,
			write,
			credentials: { tenantId: azure.tenant, clientId: azure.client, clientSecret: azure.secret },
			way: { ca: azure.ca, proxy: azure.proxy.url },
			environment: {
				HTTPS_PROXY: azure.proxy.url,
				NO_PROXY: "127.0.0.1",
				SSL_CERT_FILE: write("ca.pem", azure.ca),
				HOME: folder,
			},
			principal: {
				AZURE_TENANT_ID: azure.tenant,
				AZURE_CLIENT_ID: azure.client,
				AZURE_CLIENT_SECRET: azure.secret,
			},
		};
	});
	afterAll(async () => {
		await service?.azure.stop();
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
	const result = await runSops(["encrypt", "--azure-kv", keys], env, '{"hello": "world"}');
	if (result.status !== 0) throw new Error(`sops: ${result.stderr}`);
	return result.stdout;
}
