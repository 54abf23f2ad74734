import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { AzureKeyvaultStandIn } from "@sopskit/servers/azure-keyvault";
import { GcpKmsStandIn } from "@sopskit/servers/gcp-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSops } from "../src/index.ts";

describeReference("keys of Google Cloud and Azure in an environment, with the real sops", ({ runSops }) => {
	const [azure, gcp] = [new AzureKeyvaultStandIn(), new GcpKmsStandIn()];
	const folder = mkdtempSync(join(tmpdir(), "sopskit-clouds-"));
	let environment: Readonly<Record<string, string>>;
	beforeAll(async () => {
		await Promise.all([azure.start(), gcp.start()]);
		const bundle = join(folder, "ca.pem");
		writeFileSync(bundle, `${azure.ca}\n${gcp.ca}`);
		azure.addKey("key");
		environment = {
			HOME: folder,
			SSL_CERT_FILE: bundle,
			HTTPS_PROXY: azure.proxy.url,
			NO_PROXY: "127.0.0.1,localhost",
			AZURE_TENANT_ID: azure.tenant,
			AZURE_CLIENT_ID: azure.client,
			AZURE_CLIENT_SECRET: azure.secret,
			SOPS_AZURE_KEYVAULT_URLS: azure.keyUrl("key"),
			GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("both"),
			SOPS_GCP_KMS_ENDPOINT: gcp.grpcAddress,
			SOPS_GCP_KMS_IDS: gcp.addKey("key"),
		};
	});
	afterAll(async () => {
		await Promise.all([azure.stop(), gcp.stop()]);
		rmSync(folder, { recursive: true });
	});
	const types = ["--input-type", "json", "--output-type", "json", "--filename-override", "a.json"];
	const run = (command: string, input: string, env: Readonly<Record<string, string>>) =>
		runSops(["--disable-version-check", command, ...types], { env, input });
	const without = (...names: string[]): Readonly<Record<string, string>> =>
		Object.fromEntries(
			Object.entries(environment).filter(([one]) => !names.some((name) => one.startsWith(name))),
		);

	it("both write files for the same keys, and read each other's by either key", async () => {
		const theirs = (await run("encrypt", '{"a": "b"}', environment)).stdout;
		const sops = createSops({ environment });
		const ours = (await sops.encryptDocument('{"a": "b"}', { format: "json" })).text;
		await sops.close();
		const shape = (text: string) => {
			const { gcp_kms, azure_kv } = JSON.parse(text).sops;
			const bare = ({ enc, created_at, ...rest }: Record<string, string>) => [
				enc?.length,
				typeof created_at,
				rest,
			];
			return [gcp_kms.map(bare), azure_kv.map(bare)];
		};
		expect(shape(ours)).toEqual(shape(theirs));
		const azureOnly = { ...without("GOOGLE"), GOOGLE_OAUTH_ACCESS_TOKEN: gcp.noRights };
		const gcpOnly = { ...without("AZURE"), AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" };
		for (const env of [azureOnly, gcpOnly]) {
			const reader = createSops({ environment: env });
			expect((await reader.decryptDocument(theirs, { format: "json" })).data).toEqual({ a: "b" });
			await reader.close();
			expect((await run("decrypt", ours, env)).stdout).toBe('{\n\t"a": "b"\n}\n');
		}
	});

	it("a key without version is looked up once, and encrypts under what was stored though it rotates", async () => {
		const sops = createSops({ environment: without("SOPS_GCP_KMS_IDS") });
		azure.forget();
		azure.onceLookedUp = () => azure.addKey("key");
		const { text } = await sops.encryptDocument('{"a": "b"}', { format: "json" });
		expect(
			azure.arrived.filter(({ method, path }) => method === "GET" && path.startsWith("/keys/")),
		).toHaveLength(1);
		expect((await sops.decryptDocument(text, { format: "json" })).data).toEqual({ a: "b" });
		await sops.close();
	});
});
