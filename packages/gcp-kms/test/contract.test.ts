import { GcpKmsStandIn } from "@sopskit/servers/gcp-kms";
import { recordingServer } from "@sopskit/servers/http-server";
import { testKeyProvider } from "@sopskit/testing";
import { afterAll, describe, it } from "vitest";
import { gcpKey, gcpKms } from "../src/index.ts";
import { loadAuth, loadChecksum, loadFetch, loadGax, loadKms, loadProxy } from "../src/library.ts";

const service = await new GcpKmsStandIn().start();
const silent = await recordingServer(() => "hang");
afterAll(async () => {
	await service.stop();
	await silent.close();
});
const [mine, theirs] = [service.addKey("mine"), service.addKey("theirs")];
const account = service.serviceAccount;
const token = service.issue("canary");
// Some libraries below the SDK go through all names of variables when they are loaded, in search of DEBUG_….
await Promise.all([loadAuth(), loadChecksum(), loadFetch(), loadGax(), loadKms(), loadProxy()]);

for (const transport of ["grpc", "rest"] as const) {
	const way =
		transport === "grpc"
			? { transport, endpoint: service.grpcAddress, ca: service.ca }
			: { transport, endpoint: service.url };
	testKeyProvider(
		{ describe, it },
		{
			name: `gcp-kms, ${transport}`,
			provider: () => gcpKms({ ...way, credentials: account, maxAttempts: 1 }),
			ref: gcpKey(mine),
			stranger: () =>
				gcpKms({ ...way, credentials: account, maxAttempts: 1, allow: ({ id }) => id === theirs }),
			strangerRef: gcpKey(theirs),
			stalled: () => ({
				key: gcpKms({ transport: "rest", endpoint: silent.url, credentials: () => token }).masterKey(
					gcpKey(mine),
				)!,
				enc: "CiQA",
			}),
			canaries: [account.private_key, token],
			failingCalls: [
				() => gcpKms(token as never),
				() => gcpKms({ credentials: token }),
				() => gcpKms({ credentials: { type: token } }),
				() => gcpKms({ [account.private_key]: true } as never),
				() => gcpKms({ credentials: account, endpoint: token } as never),
				() => gcpKey(token),
				...[`${token}\n`, "", service.noRights].map((given) => () => {
					const key = gcpKms({ ...way, credentials: () => given, maxAttempts: 1 }).masterKey(gcpKey(mine))!;
					return key.wrap!(new Uint8Array(32), {});
				}),
				() => {
					const broken = { ...account, private_key: account.private_key.slice(0, 300) };
					return gcpKms({ ...way, credentials: broken }).masterKey(gcpKey(mine))!.wrap!(
						new Uint8Array(32),
						{},
					);
				},
			],
			environment: {
				GOOGLE_CREDENTIALS: JSON.stringify(account),
				GOOGLE_OAUTH_ACCESS_TOKEN: token,
				GOOGLE_APPLICATION_CREDENTIALS: "/dev/null",
				SOPS_GCP_KMS_ENDPOINT: "localhost:1",
				GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.goog",
				HTTPS_PROXY: "http://localhost:1",
			},
			environmentAllowed: {
				GOOGLE_CLOUD_UNIVERSE_DOMAIN: "read by the client of the SDK, which is given the domain",
				GOOGLE_API_USE_CLIENT_CERTIFICATE:
					"read by the client of the SDK: certificates of machines with BeyondCorp",
				GOOGLE_API_USE_MTLS_ENDPOINT: "as the one before",
				GOOGLE_SDK_NODE_LOGGING: "directs the logs of the SDK",
				NO_PROXY: "read by the HTTP library, whose agent is given",
				no_proxy: "as the one before",
				...Object.fromEntries(
					["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map((name) => [
						name,
						"read by the HTTP library, whose agent is given",
					]),
				),
			},
			skip: {
				"not-mine": "whose a key is, only the service knows: it is denied",
				"real-entry": "keys die with their server; the live tests read what sops wrote",
			},
		},
	);
}
