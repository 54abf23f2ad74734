import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import type { Arrived } from "@sopskit/servers/http-server";
import { OAuth2Client } from "google-auth-library";
import { beforeEach, describe, expect, it } from "vitest";
import { type GcpKmsOptions, gcpKey, gcpKms } from "../src/index.ts";
import { runSops, sopsFile, TRANSPORTS, type Transport, useService } from "./service.ts";

const part = new Uint8Array(32).fill(7);
const service = useService();
let id: string;
beforeEach(() => {
	id = service().gcp.addKey("key");
	service().gcp.forget();
});

/** Everything under Google's names, through a proxy, as in the world. */
const world = (transport: Transport): Readonly<Record<string, string>> => {
	const { gcp, environment } = service();
	const { SOPS_GCP_KMS_ENDPOINT: _, ...rest } = environment(transport);
	return { ...rest, HTTPS_PROXY: (transport === "grpc" ? gcp.grpcProxy : gcp.proxy).url };
};
const json = (value: object) => ({ GOOGLE_CREDENTIALS: JSON.stringify(value) });

async function wrap(options: GcpKmsOptions): Promise<string> {
	const provider = gcpKms({ maxAttempts: 1, timeoutMs: 5000, ...options });
	try {
		return await provider.masterKey(gcpKey(id))!.wrap!(part, {});
	} finally {
		await provider.close!();
	}
}

/** What arrived, by host and path; and which project and cloud it was for. */
function seen() {
	const { gcp } = service();
	const named = ({ headers, path }: Arrived) => `${headers.host} ${path.split("?")[0]}`;
	const isKms = ({ path }: Arrived) => path.includes("/cryptoKeys/");
	const rest = [...gcp.arrivedTls, ...gcp.arrived].filter(isKms);
	return {
		tokens: gcp.arrivedTls.filter((one) => !isKms(one)).map(named),
		plain: gcp.arrived.filter((one) => !isKms(one)).map(({ method, path }) => `${method} ${path}`),
		bodies: gcp.arrivedTls.filter((one) => !isKms(one)).map(({ body }) => body),
		hosts: [...rest.map(({ headers }) => headers.host), ...gcp.grpcArrived.map(({ host }) => host)],
		projects: [
			...rest.map(({ headers }) => headers["x-goog-user-project"]),
			...gcp.grpcArrived.map(({ userProject }) => userProject),
		],
		refused: [...gcp.proxy.refused, ...gcp.grpcProxy.refused],
	};
}

describe.each(TRANSPORTS)("where tokens come from, over %s", (transport) => {
	it.each(["a user", "a service account"])("a service account that %s acts as", async (who) => {
		const { gcp } = service();
		const source = who === "a user" ? gcp.authorizedUser : gcp.serviceAccount;
		await wrap({ environment: { ...world(transport), ...json(gcp.access.impersonated(source)) } });
		const { tokens, bodies, refused } = seen();
		expect(tokens).toEqual([
			"oauth2.googleapis.com /token",
			expect.stringMatching(/^iamcredentials\.googleapis\.com .*\/sopskit@.*:generateAccessToken$/),
		]);
		expect(JSON.parse(bodies[1]!)).toMatchObject({
			scope: ["https://www.googleapis.com/auth/cloudkms"],
			delegates: [],
		});
		if (who !== "a user") {
			// Acting as another one is beyond the scope of KMS.
			const assertion = new URLSearchParams(bodies[0]).get("assertion")!;
			const { scope } = JSON.parse(Buffer.from(assertion.split(".")[1]!, "base64url").toString());
			expect(scope).toBe("https://www.googleapis.com/auth/cloud-platform");
		}
		expect(refused).toEqual([]);
	});

	it("a subject token from a URL, in JSON, with headers", async () => {
		const { gcp } = service();
		gcp.subjectTokens.add("from.a.url");
		const source = {
			url: `${gcp.url}/subject-token`,
			headers: { "X-Issuer": "sopskit" },
			format: { type: "json", subject_token_field_name: "id_token" },
		};
		await wrap({ environment: { ...world(transport), ...json(gcp.externalAccount(source)) } });
		expect(seen().plain).toEqual(["GET /subject-token", "POST /v1/token"]);
		const exchange = gcp.arrived.find(({ path }) => path === "/v1/token")!;
		expect(new URLSearchParams(exchange.body).get("subject_token")).toBe("from.a.url");
	});

	it("a workload at AWS: from the environment that was passed, and not the process's", async () => {
		const { gcp } = service();
		const { aws } = gcp.access;
		const identity = {
			AWS_REGION: "eu-west-1",
			AWS_ACCESS_KEY_ID: aws.AccessKeyId,
			AWS_SECRET_ACCESS_KEY: aws.SecretAccessKey,
			AWS_SESSION_TOKEN: aws.Token,
		};
		const account = json(gcp.access.awsAccount(false));
		await wrap({ environment: { ...world(transport), ...identity, ...account } });
		expect(seen().plain).toEqual(["POST /v1/token"]);
		Object.assign(process.env, identity);
		try {
			const error = wrap({ environment: { ...world(transport), ...account } });
			await expect(error).rejects.toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining("identity of AWS"),
			});
		} finally {
			for (const name of Object.keys(identity)) delete process.env[name];
		}
	});

	it("a workload at AWS: from the metadata service that the credentials name", async () => {
		await wrap({ environment: { ...world(transport), ...json(service().gcp.access.awsAccount(true)) } });
		expect(new Set(seen().plain)).toEqual(
			new Set([
				"PUT /latest/api/token",
				"GET /latest/meta-data/placement/availability-zone",
				"GET /latest/meta-data/iam/security-credentials",
				"GET /latest/meta-data/iam/security-credentials/role",
				"POST /v1/token",
			]),
		);
	});

	it("the project that calls are counted for: of the credentials, and the environment's before it", async () => {
		const { gcp } = service();
		const user = json({ ...gcp.authorizedUser, quota_project_id: "of-credentials" });
		await wrap({ environment: { ...world(transport), ...user } });
		const GOOGLE_CLOUD_QUOTA_PROJECT = "of-environment";
		await wrap({ environment: { ...world(transport), ...user, GOOGLE_CLOUD_QUOTA_PROJECT } });
		await wrap({ environment: { ...world(transport), ...json(gcp.authorizedUser) } });
		expect(seen().projects).toEqual(["of-credentials", "of-environment", undefined]);
	});

	it("another universe: the service is asked under its name, and credentials of one do not go to the other", async () => {
		const { gcp } = service();
		const there = { ...gcp.serviceAccount, universe_domain: gcp.universe };
		for (const variable of ["SOPS_GCP_KMS_UNIVERSE_DOMAIN", "GOOGLE_CLOUD_UNIVERSE_DOMAIN"])
			await wrap({ environment: { ...world(transport), ...json(there), [variable]: gcp.universe } });
		const host = expect.stringMatching(/^cloudkms\.example\.goog(:443)?$/);
		expect(seen()).toMatchObject({ hosts: [host, host], tokens: [], plain: [] });
		gcp.forget();
		const client = new OAuth2Client();
		client.universeDomain = gcp.universe;
		for (const options of [
			{ environment: { ...world(transport), ...json(there) } },
			{ environment: { ...world(transport), ...json(gcp.serviceAccount) }, universeDomain: gcp.universe },
			{ environment: world(transport), credentials: there },
			{ environment: world(transport), credentials: client },
		])
			await expect(wrap(options)).rejects.toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining("universe domain"),
			});
		expect(seen()).toMatchObject({ hosts: [], tokens: [], plain: [], refused: [] });
	});
});

describe("what is not taken", () => {
	it.each([
		[{ executable: { command: "/bin/echo canary", timeout_millis: 5000 } }, "run a program"],
		[{ certificate: { use_default_certificate_config: true, canary: 1 } }, "X.509"],
	])("%j", async (source, words) => {
		process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES = "1";
		try {
			const error = await wrap({ credentials: service().gcp.externalAccount(source) }).catch(
				(thrown) => thrown,
			);
			expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining(words) });
			expect(String(error)).not.toContain("canary");
		} finally {
			delete process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES;
		}
	});

	it.each(["https://iam.example/other/canary", undefined, 1])("an impersonation at %j", async (url) => {
		const { gcp } = service();
		const account = {
			...gcp.access.impersonated(gcp.authorizedUser),
			service_account_impersonation_url: url,
		};
		const error = await wrap({ credentials: account as never }).catch((thrown) => thrown);
		expect(error).toMatchObject({
			outcome: "misconfigured",
			message: "the credentials of type impersonated_service_account lack a field, or one has no sense",
		});
	});

	it("gcloud's file where CLOUDSDK_CONFIG or, elsewhere than on Windows, APPDATA says", async () => {
		const { gcp, folder, write } = service();
		write("application_default_credentials.json", JSON.stringify(gcp.serviceAccount));
		const GCE_METADATA_HOST = new URL(gcp.url).host;
		mkdirSync(join(folder, "gcloud"));
		write("gcloud/application_default_credentials.json", JSON.stringify(gcp.serviceAccount));
		for (const elsewhere of [{ CLOUDSDK_CONFIG: folder }, { APPDATA: folder }]) {
			gcp.forget();
			await wrap({ environment: { ...world("rest"), HOME: "/nowhere", GCE_METADATA_HOST, ...elsewhere } });
			expect(seen().plain[0]).toContain("/computeMetadata/");
		}
	});

	it("a project or a cloud in a variable that can be none", () => {
		for (const name of ["GOOGLE_CLOUD_QUOTA_PROJECT", "GOOGLE_CLOUD_UNIVERSE_DOMAIN"])
			expect(() => gcpKms({ environment: { [name]: "canary\r\nx: y" } })).toThrow(
				expect.objectContaining({
					message: expect.stringMatching(new RegExp(`^(?!.*canary).*${name}`, "s")),
				}),
			);
	});
});

describeReference("sources of tokens with the real sops", () => {
	it.each(TRANSPORTS)("one environment serves sops and this package over %s", async (transport) => {
		const { gcp } = service();
		const { access, universe } = gcp;
		gcp.subjectTokens.add("for.both");
		const source = {
			url: `${gcp.url}/subject-token`,
			headers: { "X-Issuer": "sopskit" },
			format: { type: "json", subject_token_field_name: "id_token" },
		};
		const aws = {
			AWS_DEFAULT_REGION: "us-east-2",
			AWS_ACCESS_KEY_ID: access.aws.AccessKeyId,
			AWS_SECRET_ACCESS_KEY: access.aws.SecretAccessKey,
			AWS_SESSION_TOKEN: access.aws.Token,
		};
		const there = { ...gcp.serviceAccount, universe_domain: universe };
		for (const variables of [
			{ GCE_METADATA_HOST: new URL(gcp.url).host },
			json(access.impersonated(gcp.authorizedUser)),
			json(access.impersonated(gcp.serviceAccount)),
			json(gcp.externalAccount(source)),
			json(access.awsAccount(true)),
			{ ...json(access.awsAccount(false)), ...aws },
			{ ...json({ ...gcp.authorizedUser, quota_project_id: "one" }), GOOGLE_CLOUD_QUOTA_PROJECT: "two" },
			{ ...json(there), SOPS_GCP_KMS_UNIVERSE_DOMAIN: universe },
		]) {
			const env = { ...world(transport), ...variables };
			gcp.forget();
			const theirs = JSON.parse(await sopsFile(id, env));
			const { hosts, projects } = seen();
			gcp.forget();
			theirs.sops.gcp_kms[0].enc = await (async () => {
				const provider = gcpKms({ environment: env });
				const master = provider.masterKey(gcpKey(id))!;
				const dataKey = (await master.unwrap!(theirs.sops.gcp_kms[0].enc, {})) as Uint8Array;
				const enc = await master.wrap!(dataKey, {});
				await provider.close!();
				return enc;
			})();
			const ours = seen();
			const bare = (host: unknown) => String(host).replace(/:443$/, "");
			expect([bare(ours.hosts[0]), ours.projects[0]]).toEqual([bare(hosts[0]), projects[0]]);
			expect((await runSops(["decrypt"], env, JSON.stringify(theirs))).stdout).toContain("world");
		}
	});

	it.each(TRANSPORTS)("neither takes credentials of another cloud, over %s", async (transport) => {
		const { gcp } = service();
		for (const variables of [
			json({ ...gcp.serviceAccount, universe_domain: gcp.universe }),
			{ ...json(gcp.serviceAccount), SOPS_GCP_KMS_UNIVERSE_DOMAIN: gcp.universe },
			json(gcp.externalAccount({ executable: { command: "/bin/false", timeout_millis: 5000 } })),
		]) {
			const env = { ...world(transport), ...variables };
			await expect(sopsFile(id, env)).rejects.toThrow(/universe domain|explicitly allowed/);
			await expect(wrap({ environment: env })).rejects.toMatchObject({ outcome: "misconfigured" });
		}
	});
});
