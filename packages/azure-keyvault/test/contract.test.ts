import { AzureKeyvaultStandIn } from "@sopskit/servers/azure-keyvault";
import { unknownCertificate } from "@sopskit/servers/certificate";
import { recordingServer } from "@sopskit/servers/http-server";
import { testKeyProvider } from "@sopskit/testing";
import { afterAll, describe, it } from "vitest";
import { azureKey, azureKeyvault } from "../src/index.ts";
import { loadIdentity, loadPipeline, loadProxy } from "../src/library.ts";

const service = await new AzureKeyvaultStandIn().start();
const certificate = await unknownCertificate();
const silent = await recordingServer(() => "hang", certificate);
afterAll(async () => {
	await service.stop();
	await silent.close();
});
const [mine, theirs] = [service.addKey("mine"), service.addKey("theirs")];
const { tenant: tenantId, client: clientId, secret: clientSecret, ca } = service;
const credentials = { tenantId, clientId, clientSecret };
const stranger = { tenantId, clientId: "cccccccc-0000-4000-8000-000000000000", clientSecret };
service.clients.set(stranger.clientId, { rights: [] });
const proxy = service.proxy.url;

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
	name,
	name.toLowerCase(),
]);
// Some libraries below the SDK go through all names of variables when they are loaded, in search of DEBUG_….
await Promise.all([loadPipeline(), loadIdentity(), loadProxy()]);

testKeyProvider(
	{ describe, it },
	{
		name: "azure-keyvault",
		provider: () => azureKeyvault({ credentials, ca, proxy, maxAttempts: 1 }),
		ref: azureKey(mine),
		stranger: () =>
			azureKeyvault({ credentials, ca, proxy, maxAttempts: 1, allow: ({ id }) => id === theirs }),
		strangerRef: azureKey(theirs),
		stalled: () => ({
			key: azureKeyvault({
				credentials: { getToken: async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 1e6 }) },
				ca: certificate.cert,
				allow: () => true,
			}).masterKey(azureKey(`${silent.url}/keys/mine/1`))!,
			enc: "A".repeat(342),
		}),
		canaries: [clientSecret],
		failingCalls: [
			() => azureKeyvault(clientSecret as never),
			() => azureKeyvault({ credentials: clientSecret as never }),
			() => azureKeyvault({ credentials: { ...credentials, [clientSecret]: true } as never }),
			() => azureKeyvault({ credentials: { tenantId, clientSecret } as never }),
			() => azureKey(`https://${clientSecret}/keys`),
			() =>
				azureKeyvault({ credentials: { ...credentials, tenantId: "none" }, ca, proxy }).masterKey(
					azureKey(mine),
				)!.unwrap!("A".repeat(342), {}),
			...["401", "403", "400", "429", "500"].map((status) => () => {
				const getToken = () =>
					Promise.reject(Object.assign(new Error(clientSecret), { statusCode: Number(status) }));
				return azureKeyvault({ credentials: { getToken }, ca, proxy }).masterKey(azureKey(mine))!.wrap!(
					new Uint8Array(32),
					{},
				);
			}),
		],
		environment: {
			AZURE_TENANT_ID: tenantId,
			AZURE_CLIENT_ID: clientId,
			AZURE_CLIENT_SECRET: clientSecret,
			AZURE_AUTHORITY_HOST: "https://localhost:1",
			HTTPS_PROXY: "http://localhost:1",
		},
		environmentAllowed: {
			AZURE_IDENTITY_DISABLE_MULTITENANTAUTH:
				"read by the identity library, for tenants that nobody names here",
			AZURE_REGIONAL_AUTHORITY_NAME: "read by the identity library: a service nearer to a machine of Azure",
			MSAL_FORCE_REGION: "as the one before",
			REGION_NAME: "as the one before",
			...Object.fromEntries(
				PROXIES.map((name) => [name, "read by the SDK's proxy policy, whose answer the transport overrides"]),
			),
		},
		skip: {
			"not-mine": "whose a key is, only the service knows: it is denied",
			"real-entry": "keys die with their server; the live tests read what sops wrote",
		},
	},
);
