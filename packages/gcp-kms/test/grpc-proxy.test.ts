import { describeReference } from "@sopskit/reference/suite";
import { beforeEach, expect, it } from "vitest";
import { type GcpKmsOptions, gcpKey, gcpKms } from "../src/index.ts";
import { runSops, sopsFile, useService } from "./service.ts";

const part = new Uint8Array(32).fill(7);
const service = useService();
let id: string;
beforeEach(() => {
	id = service().gcp.addKey("key");
	service().gcp.forget();
});

async function use(options: Partial<GcpKmsOptions>): Promise<void> {
	const { gcp } = service();
	const credentials = gcp.serviceAccount;
	const provider = gcpKms({ credentials, ca: gcp.ca, maxAttempts: 1, timeoutMs: 3000, ...options });
	try {
		const master = provider.masterKey(gcpKey(id))!;
		expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
	} finally {
		await provider.close!();
	}
}

it("goes to the service under its name, over one connection", async () => {
	const { gcp } = service();
	const before = gcp.grpcProxy.connections();
	await use({ proxy: gcp.grpcProxy.url });
	expect(gcp.grpcArrived.map(({ method, host }) => `${method} ${host}`)).toEqual([
		"encrypt cloudkms.googleapis.com:443",
		"decrypt cloudkms.googleapis.com:443",
	]);
	expect(gcp.grpcProxy.connections()).toBe(before + 1);
	expect(gcp.grpcProxy.authorizations.at(-1)).toBe("");
});

it("shows the proxy its user and password, and nobody else", async () => {
	const { gcp } = service();
	const url = new URL(gcp.grpcProxy.url);
	Object.assign(url, { username: "us:er", password: "p@ss%25" });
	await use({ proxy: url.href });
	const shown = gcp.grpcProxy.authorizations.at(-1)!;
	expect(Buffer.from(shown.replace("Basic ", ""), "base64").toString()).toBe("us:er:p@ss%");
	expect(JSON.stringify(gcp.grpcArrived)).not.toContain(shown);
});

it("checks the certificate of the service, not that of the proxy", async () => {
	const { gcp } = service();
	await expect(use({ proxy: gcp.grpcProxy.url, ca: undefined })).rejects.toMatchObject({
		outcome: "misconfigured",
		message: expect.stringContaining("certificate"),
	});
	expect(gcp.grpcArrived).toEqual([]);
});

it("an environment names the proxy and its exceptions; the process does not", async () => {
	const { gcp, environment } = service();
	const { SOPS_GCP_KMS_ENDPOINT: endpoint = "", ...rest } = environment("grpc");
	const variables = { ...rest, GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("x"), HTTPS_PROXY: gcp.grpcProxy.url };
	const named = { credentials: undefined, ca: undefined };
	await use({ ...named, environment: variables });
	expect(gcp.grpcArrived).toHaveLength(2);
	const before = gcp.grpcProxy.connections();
	// This machine is asked directly, and so is what NO_PROXY names, which is nowhere here.
	await use({ ...named, environment: { ...variables, SOPS_GCP_KMS_ENDPOINT: endpoint } });
	await expect(
		use({ ...named, environment: { ...variables, NO_PROXY: ".googleapis.com" } }),
	).rejects.toMatchObject({ outcome: expect.stringMatching(/unreachable|timeout|misconfigured/) });
	for (const name of ["grpc_proxy", "https_proxy", "HTTPS_PROXY"]) process.env[name] = gcp.grpcProxy.url;
	try {
		await use({ endpoint, proxy: { url: gcp.grpcProxy.url, except: ["*"] } });
		await use({ endpoint });
	} finally {
		for (const name of ["grpc_proxy", "https_proxy", "HTTPS_PROXY"]) delete process.env[name];
	}
	expect(gcp.grpcProxy.connections()).toBe(before);
});

it.each([
	["that does not let it through", () => service().gcp.grpcProxy.url, "kms.example.com", "unreachable"],
	["that is not there", () => "http://user:canary@127.0.0.1:1", undefined, "unreachable"],
	["that is spoken to over TLS", () => "https://user:canary@127.0.0.1:1", undefined, "misconfigured"],
])("a proxy %s", async (_, url, endpoint, outcome) => {
	const error = await use({ proxy: url(), endpoint }).catch((thrown: unknown) => thrown);
	expect(error).toMatchObject({ outcome });
	expect(String(error)).not.toContain("canary");
	if (outcome === "misconfigured") expect(String(error)).toContain("SOPS_GCP_KMS_CLIENT_TYPE=rest");
});

describeReference("gRPC through a proxy with the real sops", () => {
	it("one environment serves sops and this package", async () => {
		const { gcp, environment } = service();
		const { SOPS_GCP_KMS_ENDPOINT: _, ...rest } = environment("grpc");
		const url = new URL(gcp.grpcProxy.url);
		Object.assign(url, { username: "user", password: "secret" });
		const env = { ...rest, ...{ HTTPS_PROXY: url.href, GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("both") } };
		const theirs = JSON.parse(await sopsFile(id, env));
		const shown = gcp.grpcProxy.authorizations.at(-1);
		const provider = gcpKms({ environment: env });
		const master = provider.masterKey(gcpKey(id))!;
		const dataKey = (await master.unwrap!(theirs.sops.gcp_kms[0].enc, {})) as Uint8Array;
		theirs.sops.gcp_kms[0].enc = await master.wrap!(dataKey, {});
		await provider.close!();
		expect(gcp.grpcProxy.authorizations.at(-1)).toBe(shown);
		expect((await runSops(["decrypt"], env, JSON.stringify(theirs))).stdout).toContain("world");
		const hosts = new Set(gcp.grpcArrived.map(({ host }) => host));
		expect([...hosts]).toEqual(["cloudkms.googleapis.com:443"]);
	});
});
