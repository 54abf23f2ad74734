import { mkdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { type Arrived, recordingServer } from "@sopskit/servers/http-server";
import { OAuth2Client } from "google-auth-library";
import { beforeEach, describe, expect, it } from "vitest";
import { type GcpKmsOptions, gcpKey, gcpKms } from "../src/index.ts";
import { runSops, sopsFile, TRANSPORTS, useService } from "./service.ts";

const part = new Uint8Array(32).fill(7);
const service = useService();
let id: string;
beforeEach(() => {
	id = service().gcp.addKey("key");
	service().gcp.forget();
});

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
const form = ({ body }: Arrived): Record<string, string> => Object.fromEntries(new URLSearchParams(body));

/** Wraps and unwraps once, and gives what arrived: requests for tokens, and the tokens of the calls to KMS. */
async function use(options: GcpKmsOptions, transport: "grpc" | "rest" = "rest") {
	const provider = gcpKms({ ...service().way(transport), maxAttempts: 1, ...options });
	try {
		const master = provider.masterKey(gcpKey(id))!;
		expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
	} finally {
		await provider.close!();
	}
	const { gcp } = service();
	const calls = gcp.arrived.filter(({ path }) => path.includes("/cryptoKeys/"));
	return {
		tokens: gcp.arrived.filter(({ path }) => !path.includes("/cryptoKeys/")),
		used: [
			...calls.map(({ headers }) => String(headers.authorization)),
			...gcp.grpcArrived.map(({ authorization }) => authorization),
		].map((header) => header.replace("Bearer ", "")),
	};
}

describe.each(TRANSPORTS)("credentials of Google Cloud over %s", (transport) => {
	it("a service account signs its tokens by itself: object and text", async () => {
		const { serviceAccount } = service().gcp;
		for (const credentials of [serviceAccount, JSON.stringify(serviceAccount)]) {
			const { tokens, used } = await use({ credentials }, transport);
			expect(tokens).toEqual([]);
			expect(claimsOf(used[0]!)).toMatchObject({
				iss: serviceAccount.client_email,
				sub: serviceAccount.client_email,
				scope: "https://www.googleapis.com/auth/cloudkms",
			});
		}
	});

	it("workload identity federation: the token of the file goes to the token service, and its answer to KMS", async () => {
		const { gcp, write } = service();
		const file = write("subject-token", "first.subject.token");
		gcp.subjectTokens.add("first.subject.token").add("second.subject.token");
		const { tokens, used } = await use({ credentials: gcp.externalAccount(file) }, transport);
		expect(tokens.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /v1/token"]);
		expect(form(tokens[0]!)).toEqual({
			grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
			audience: gcp.externalAccount(file).audience,
			scope: "https://www.googleapis.com/auth/cloudkms",
			requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
			subject_token: "first.subject.token",
			subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
		});
		expect(used).toEqual(Array(2).fill(gcp.issued.at(-1)));

		// The file rotates: the next exchange reads it anew.
		gcp.forget();
		write("subject-token", "second.subject.token");
		const again = await use({ credentials: gcp.externalAccount(file) }, transport);
		expect(form(again.tokens[0]!).subject_token).toBe("second.subject.token");
	});

	it("workload identity federation that acts as a service account", async () => {
		const { gcp, write } = service();
		const file = write("subject-token", "a.subject.token");
		gcp.subjectTokens.add("a.subject.token");
		const { tokens, used } = await use({ credentials: gcp.externalAccount(file, true) }, transport);
		expect(tokens.map(({ path }) => path)).toEqual([
			"/v1/token",
			expect.stringMatching(/serviceAccounts\/sopskit@.*:generateAccessToken$/),
		]);
		expect(JSON.parse(tokens[1]!.body).scope).toEqual(["https://www.googleapis.com/auth/cloudkms"]);
		expect(tokens[1]!.headers.authorization).toBe(`Bearer ${gcp.issued.at(-2)}`);
		expect(used).toEqual(Array(2).fill(gcp.issued.at(-1)));
	});

	it("tokens of a function: asked again when they have no end, kept while they have one", async () => {
		let asked = 0;
		const give = (): string => {
			asked += 1;
			return service().gcp.issue(`call ${asked}`);
		};
		await use({ credentials: give }, transport);
		expect(asked).toBe(2);
		await use(
			{ credentials: async () => ({ token: give(), expires: new Date(Date.now() + 3_600_000) }) },
			transport,
		);
		expect(asked).toBe(3);
		// About to end: another one for each call.
		await use({ credentials: () => ({ token: give(), expires: new Date(Date.now() + 1000) }) }, transport);
		expect(asked).toBe(5);
	});

	it("a client of the authentication library", async () => {
		const client = new OAuth2Client();
		const token = service().gcp.issue("client");
		client.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
		expect((await use({ credentials: client }, transport)).used).toEqual([token, token]);
	});
});

it("a user's credentials are exchanged, through the proxy that was named", async () => {
	const { gcp, way } = { gcp: service().gcp, way: service().way("rest") };
	const before = gcp.proxy.connections();
	await use({ ...way, credentials: gcp.authorizedUser, ca: gcp.ca, proxy: gcp.proxy.url });
	const [exchange] = gcp.arrivedTls;
	expect(exchange!.headers.host).toBe("oauth2.googleapis.com");
	expect(form(exchange!)).toMatchObject({ grant_type: "refresh_token", refresh_token: "refresh-token" });
	expect(gcp.proxy.connections()).toBe(before + 1);
	expect(gcp.proxy.refused).toEqual([]);
});

it("Google's own names, over REST and TLS, through the proxy", async () => {
	const { gcp } = service();
	const provider = gcpKms({
		transport: "rest",
		credentials: gcp.serviceAccount,
		ca: gcp.ca,
		proxy: gcp.proxy.url,
	});
	const master = provider.masterKey(gcpKey(id))!;
	expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
	await provider.close!();
	expect(gcp.arrivedTls.map(({ headers, path }) => `${headers.host} ${path}`)).toEqual([
		`cloudkms.googleapis.com /v1/${id}:encrypt`,
		`cloudkms.googleapis.com /v1/${id}:decrypt`,
	]);
});

describe("an environment", () => {
	it("GOOGLE_CREDENTIALS as JSON or a path, before a token, before the default credentials", async () => {
		const { gcp, write } = service();
		const account = JSON.stringify(gcp.serviceAccount);
		const token = gcp.issue("variable");
		gcp.subjectTokens.add("t");
		const external = write("external.json", JSON.stringify(gcp.externalAccount(write("t", "t"))));
		const kinds = [];
		for (const environment of [
			{ GOOGLE_CREDENTIALS: account, GOOGLE_OAUTH_ACCESS_TOKEN: token },
			{ GOOGLE_CREDENTIALS: write("account.json", account), GOOGLE_OAUTH_ACCESS_TOKEN: token },
			{ GOOGLE_OAUTH_ACCESS_TOKEN: token, GOOGLE_APPLICATION_CREDENTIALS: external },
			{ GOOGLE_APPLICATION_CREDENTIALS: external },
		]) {
			gcp.forget();
			const { used, tokens } = await use({ environment });
			kinds.push(used[0] === token ? "token" : tokens.length > 0 ? "external" : "account");
		}
		expect(kinds).toEqual(["account", "account", "token", "external"]);
	});

	it("gcloud's own file in HOME", async () => {
		const { gcp, folder, write } = service();
		const home = join(folder, "home");
		mkdirSync(join(home, ".config", "gcloud"), { recursive: true });
		const file = write(
			"home/.config/gcloud/application_default_credentials.json",
			JSON.stringify(gcp.serviceAccount),
		);
		expect(claimsOf((await use({ environment: { HOME: home } })).used[0]!).iss).toBe(
			gcp.serviceAccount.client_email,
		);
		unlinkSync(file);
	});

	it("the metadata server, once for all calls, where the environment says", async () => {
		const { gcp, folder } = service();
		const GCE_METADATA_HOST = new URL(gcp.url).host;
		process.env.GCE_METADATA_HOST = "127.0.0.1:1";
		process.env.HTTP_PROXY = "http://127.0.0.1:1";
		try {
			const { tokens, used } = await use({ environment: { HOME: folder, GCE_METADATA_HOST } });
			expect(tokens.map(({ path }) => path)).toEqual([
				`/computeMetadata/v1/instance/service-accounts/default/token?scopes=${encodeURIComponent("https://www.googleapis.com/auth/cloudkms")}`,
			]);
			expect(tokens[0]!.headers["metadata-flavor"]).toBe("Google");
			expect(used).toEqual(Array(2).fill(gcp.issued.at(-1)));
		} finally {
			delete process.env.GCE_METADATA_HOST;
			delete process.env.HTTP_PROXY;
		}
	});

	it("a metadata server that is none, or does not answer", async () => {
		const { folder } = service();
		const stranger = await recordingServer(() => ({ body: { access_token: "canary", expires_in: 3600 } }));
		const at = (GCE_METADATA_HOST: string) => use({ environment: { HOME: folder, GCE_METADATA_HOST } });
		const error = await at(new URL(stranger.url).host).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("no credentials for Google Cloud were found"),
		});
		expect(String(error)).not.toContain("canary");
		await stranger.close();
		await expect(at(new URL(stranger.url).host)).rejects.toMatchObject({ outcome: "unreachable" });
		await expect(at("host/canary?")).rejects.toMatchObject({
			outcome: "misconfigured",
			message: "GCE_METADATA_HOST is not a host, or a host with a port",
		});
	});

	it("names transport and endpoint as for sops", async () => {
		const { gcp, environment } = service();
		const variables = { ...environment("rest"), GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("x") };
		const rest = gcpKms({ environment: variables });
		await rest.masterKey(gcpKey(id))!.wrap!(part, {});
		expect(gcp.arrived).toHaveLength(1);
		const overGrpc = { ...environment("grpc"), GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("x") };
		const grpc = gcpKms({ environment: { ...overGrpc, SOPS_GCP_KMS_CLIENT_TYPE: "other" }, ca: gcp.ca });
		await grpc.masterKey(gcpKey(id))!.wrap!(part, {});
		expect(gcp.grpcArrived).toHaveLength(1);
		await Promise.all([rest.close!(), grpc.close!()]);
		expect(() => gcpKms({ environment: { SOPS_GCP_KMS_ENDPOINT: "a b" } })).toThrow("SOPS_GCP_KMS_ENDPOINT");
	});

	it("what cannot be read, or is no credentials, is said without its content", async () => {
		for (const environment of [
			{ GOOGLE_CREDENTIALS: '{"type": "canary"}' },
			{ GOOGLE_CREDENTIALS: "canary" },
			{ GOOGLE_CREDENTIALS: service().folder },
			{ GOOGLE_APPLICATION_CREDENTIALS: "/canary/nowhere" },
			{ GOOGLE_CREDENTIALS: '{"type": "service_account", "private_key": "canary"}' },
			{ GOOGLE_OAUTH_ACCESS_TOKEN: "canary\n" },
		]) {
			const error = await use({ environment }).catch((thrown: unknown) => thrown);
			expect(error).toMatchObject({ outcome: "misconfigured" });
			expect(String(error)).not.toContain("canary");
		}
	});

	it("nothing is taken from the process", async () => {
		const { gcp } = service();
		Object.assign(process.env, {
			GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("process"),
			HTTPS_PROXY: "http://localhost:1",
		});
		try {
			await use({ credentials: gcp.serviceAccount });
			await use({ credentials: gcp.serviceAccount }, "grpc");
			const token = () => "bad";
			await expect(use({ credentials: token })).rejects.toMatchObject({ outcome: "denied" });
		} finally {
			delete process.env.GOOGLE_OAUTH_ACCESS_TOKEN;
			delete process.env.HTTPS_PROXY;
		}
	});
});

describeReference("credentials of Google Cloud with the real sops", () => {
	it.each(TRANSPORTS)("one environment serves sops and this package over %s", async (transport) => {
		const { gcp, environment, write } = service();
		gcp.subjectTokens.add("for.both");
		const file = write("for-both", "for.both");
		for (const variables of [
			{ GOOGLE_OAUTH_ACCESS_TOKEN: gcp.issue("both") },
			{ GOOGLE_CREDENTIALS: JSON.stringify(gcp.serviceAccount) },
			{ GOOGLE_CREDENTIALS: write("external.json", JSON.stringify(gcp.externalAccount(file))) },
			{ GOOGLE_APPLICATION_CREDENTIALS: write("as.json", JSON.stringify(gcp.externalAccount(file, true))) },
		]) {
			const env = { ...environment(transport), ...variables };
			const theirs = JSON.parse(await sopsFile(id, env));
			const provider = gcpKms({ environment: env, ca: gcp.ca });
			const master = provider.masterKey(gcpKey(id))!;
			const dataKey = (await master.unwrap!(theirs.sops.gcp_kms[0].enc, {})) as Uint8Array;
			expect(dataKey).toHaveLength(32);
			theirs.sops.gcp_kms[0].enc = await master.wrap!(dataKey, {});
			await provider.close!();
			expect((await runSops(["decrypt"], env, JSON.stringify(theirs))).stdout).toContain("world");
		}
	});
});
