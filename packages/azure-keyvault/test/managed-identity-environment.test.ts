import { afterAll, beforeAll, expect, it } from "vitest";
import { type AzureKeyvaultOptions, azureKey, azureKeyvault } from "../src/index.ts";
import { useService } from "./service.ts";

// A file of its own: MSAL decides once in a process where the identity is asked for, and keeps its tokens.
const part = new Uint8Array(32).fill(7);
const service = useService();
beforeAll(() => {
	process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = service().azure.url;
});
afterAll(() => {
	delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
});

async function use(options: AzureKeyvaultOptions) {
	const { azure, way } = service();
	azure.forget();
	const provider = azureKeyvault({ ...way, maxAttempts: 1, ...options });
	try {
		const master = provider.masterKey(azureKey(azure.addKey("key")))!;
		expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
	} finally {
		await provider.close!();
	}
	return azure.arrivedPlain.map(({ path, headers }) => {
		const query = new URL(path, "http://machine").searchParams;
		return { resource: query.get("resource"), client: query.get("client_id"), headers };
	});
}

it("an environment that names nothing but a client id", async () => {
	const AZURE_CLIENT_ID = service().azure.managedClient;
	const arrived = await use({ environment: { AZURE_CLIENT_ID } });
	expect(arrived).toMatchObject([
		{ resource: "https://vault.azure.net", client: AZURE_CLIENT_ID, headers: { metadata: "true" } },
	]);
});

it("an environment that asks for managed identity alone says what its endpoint answered", async () => {
	const environment = {
		AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
		AZURE_CLIENT_ID: "eeeeeeee-0000-4000-8000-000000000000",
	};
	await expect(use({ environment })).rejects.toMatchObject({
		outcome: "misconfigured",
		message: expect.stringContaining("status 400"),
	});
});
