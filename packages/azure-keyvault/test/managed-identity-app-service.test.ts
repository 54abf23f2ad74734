import { afterAll, beforeAll, expect, it } from "vitest";
import { type AzureKeyvaultOptions, azureKey, azureKeyvault } from "../src/index.ts";
import { useService } from "./service.ts";

// A file of its own: MSAL decides once in a process where the identity is asked for, and keeps its tokens.
const part = new Uint8Array(32).fill(7);
const service = useService();
beforeAll(() => {
	process.env.IDENTITY_ENDPOINT = `${service().azure.url}/msi/token`;
	process.env.IDENTITY_HEADER = service().azure.identityHeader;
});
afterAll(() => {
	delete process.env.IDENTITY_ENDPOINT;
	delete process.env.IDENTITY_HEADER;
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

it.each(["system", "user"])("the identity of an App Service, assigned by the %s", async (by) => {
	const { managedClient, identityHeader } = service().azure;
	const arrived = await use({
		credentials: { managedIdentity: by === "system" ? true : { clientId: managedClient } },
	});
	expect(arrived).toMatchObject([
		{ resource: "https://vault.azure.net", headers: { "x-identity-header": identityHeader } },
	]);
	expect(arrived[0]!.client).toBe(by === "system" ? null : managedClient);
});

it("an identity that the machine does not have", async () => {
	const managedIdentity = { clientId: "eeeeeeee-0000-4000-8000-000000000000" };
	await expect(use({ credentials: { managedIdentity } })).rejects.toMatchObject({
		outcome: "misconfigured",
		message: expect.stringContaining("status 400"),
	});
});
