import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyError } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { type Arrived, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsKmsOptions, awsKms, kmsKey, webIdentity } from "../src/index.ts";
import { sessionName } from "../src/session-name.ts";
import { CREDENTIALS, type MotoKeys, motoKeys, sopsFile } from "./moto-keys.ts";

const part = new Uint8Array(32).fill(7);
const ROLE = "arn:aws:iam::123456789012:role/from-token";

/** The fields of a request to STS. */
const form = ({ body }: Arrived): Record<string, string> => Object.fromEntries(new URLSearchParams(body));
/** Whose signature a request has, and for which region and service: `AKIA…/eu-west-1/kms`. */
const signer = ({ headers }: Arrived): string | undefined => {
	const [, id, region, service] =
		/Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(String(headers.authorization)) ?? [];
	return id === undefined ? undefined : `${id}/${region}/${service}`;
};
const isSts = ({ body }: Arrived): boolean => body.startsWith("Action=") || body.includes("&Action=");

describe("the session name", () => {
	it.each([
		["some-hostname", "sops@somehostname"],
		["a.b_c[d]^e\\f+g", "sops@a.b_c[d]^e\\fg"],
		["x".repeat(80), `sops@${"x".repeat(59)}`],
	])("of %s", (host, name) => {
		expect(sessionName(host)).toBe(name);
	});
});

describeServer("moto", "credentials of AWS", (moto) => {
	let keys: MotoKeys;
	let proxy: FaultProxy;
	let home: string;
	beforeAll(async () => {
		keys = await motoKeys(moto());
		proxy = await startFaultProxy(moto().url);
		home = mkdtempSync(join(tmpdir(), "sopskit-aws-"));
		mkdirSync(join(home, ".aws"));
	});
	beforeEach(() => proxy.clear());
	afterAll(async () => {
		await proxy?.close();
		rmSync(home, { recursive: true, force: true });
	});

	/** Wraps and unwraps once, and gives what arrived: requests to STS and to KMS. */
	async function use(options: AwsKmsOptions, key = kmsKey(keys.arn)) {
		const provider = awsKms({ endpoint: () => proxy.url, ...options });
		try {
			const master = provider.masterKey(key)!;
			const enc = await master.wrap!(part, {});
			expect(await master.unwrap!(enc, {})).toEqual(part);
		} finally {
			await provider.close!();
		}
		return { sts: proxy.arrived.filter(isSts), kms: proxy.arrived.filter((request) => !isSts(request)) };
	}
	const inEnvironment = (variables: Readonly<Record<string, string>>): AwsKmsOptions => ({
		environment: { AWS_EC2_METADATA_DISABLED: "true", HOME: join(home, "nobody"), ...variables },
	});

	it("explicit ones sign, with their session token, in the region of the key", async () => {
		const { kms, sts } = await use({ credentials: CREDENTIALS });
		expect(sts).toEqual([]);
		expect(kms.map(signer)).toEqual(Array(2).fill(`${CREDENTIALS.accessKeyId}/eu-west-1/kms`));
		expect(kms.map(({ headers }) => headers["x-amz-security-token"])).toEqual(
			Array(2).fill(CREDENTIALS.sessionToken),
		);
		expect(kms.map(({ headers, body }) => [headers["x-amz-target"], JSON.parse(body).KeyId])).toEqual([
			["TrentService.Encrypt", keys.arn],
			["TrentService.Decrypt", keys.arn],
		]);
		proxy.clear();
		const elsewhere = await use({ credentials: CREDENTIALS }, kmsKey(keys.elsewhere));
		expect(elsewhere.kms.map(signer)).toEqual(Array(2).fill(`${CREDENTIALS.accessKeyId}/us-gov-west-1/kms`));
	});

	it("a function is asked for the region, once", async () => {
		const asked: string[] = [];
		await use({
			credentials: async (region) => {
				asked.push(region);
				return CREDENTIALS;
			},
		});
		expect(asked).toEqual(["eu-west-1"]);
	});

	it("a role is assumed in the key's region, with the session name of sops, when allow lets it", async () => {
		const key = kmsKey(keys.elsewhere, { role: keys.role });
		const { sts, kms } = await use({ credentials: CREDENTIALS, allow: () => true }, key);
		expect(sts.map(signer)).toEqual([`${CREDENTIALS.accessKeyId}/us-gov-west-1/sts`]);
		expect(form(sts[0]!)).toMatchObject({
			Action: "AssumeRole",
			RoleArn: keys.role,
			RoleSessionName: sessionName(),
		});
		expect(form(sts[0]!)).not.toHaveProperty("DurationSeconds");
		expect(kms.map(signer)).toEqual(Array(2).fill(expect.stringMatching(/^ASIA.*\/us-gov-west-1\/kms$/)));

		proxy.clear();
		await expect(use({ credentials: CREDENTIALS }, key)).rejects.toMatchObject({ outcome: "refused" });
		expect(proxy.arrived).toEqual([]);
	});

	it("a web identity token is exchanged by STS of the region, unsigned; the role comes from an annotation", async () => {
		let given = 0;
		const serviceAccount = { metadata: { annotations: { "eks.amazonaws.com/role-arn": ROLE } } };
		const token = (): string => `token-${++given}.of.kubernetes`;
		const { sts, kms } = await use({ credentials: webIdentity({ serviceAccount, token }) });
		expect(sts.map(form)).toEqual([
			expect.objectContaining({
				Action: "AssumeRoleWithWebIdentity",
				RoleArn: ROLE,
				RoleSessionName: sessionName(),
				WebIdentityToken: "token-1.of.kubernetes",
			}),
		]);
		expect(sts[0]!.headers.authorization).toBeUndefined();
		expect(kms.map(signer)).toEqual(Array(2).fill(expect.stringMatching(/^ASIA.*\/eu-west-1\/kms$/)));
	});

	it("a role of the entry is assumed with what the token gave", async () => {
		const options = { credentials: webIdentity({ role: ROLE, token: "a.b.c" }), allow: () => true };
		const { sts, kms } = await use(options, kmsKey(keys.arn, { role: keys.role }));
		expect(sts.map((request) => form(request).Action)).toEqual(["AssumeRoleWithWebIdentity", "AssumeRole"]);
		expect(signer(sts[1]!)).toMatch(/^ASIA.*\/eu-west-1\/sts$/);
		expect(signer(kms[0]!)).not.toBe(signer(sts[1]!)?.replace("sts", "kms"));
	});

	it("temporary ones are exchanged anew as they come to their end", async () => {
		let given = 0;
		const provider = awsKms({
			credentials: async () => ({
				...CREDENTIALS,
				accessKeyId: `AKIA${++given}`,
				expiration: new Date(Date.now() + (given === 1 ? 30_000 : 3_600_000)),
			}),
			endpoint: () => proxy.url,
		});
		const key = provider.masterKey(kmsKey(keys.arn))!;
		for (let i = 0; i < 3; i++) await key.wrap!(part, {});
		expect(proxy.arrived.map(signer)).toEqual([
			// Asked once for "are there any", and again for the signature: these end in half a minute.
			"AKIA2/eu-west-1/kms",
			"AKIA2/eu-west-1/kms",
			"AKIA2/eu-west-1/kms",
		]);
		await provider.close!();
	});

	describe("of an environment", () => {
		const profiles = (): void => {
			writeFileSync(
				join(home, ".aws", "credentials"),
				[
					...["[default]", "aws_access_key_id = AKIADEFAULT", "aws_secret_access_key = s1", ""],
					...["[team]", "aws_access_key_id = AKIATEAM", "aws_secret_access_key = s2", ""],
				].join("\n"),
			);
			writeFileSync(
				join(home, ".aws", "config"),
				[
					...["[profile deploy]", `role_arn = ${ROLE}`, "source_profile = team"],
					...["role_session_name = by-profile", ""],
				].join("\n"),
			);
		};
		const variables = { AWS_ACCESS_KEY_ID: "AKIAVARIABLE", AWS_SECRET_ACCESS_KEY: "s3" };

		it("keys, and a session token", async () => {
			const { kms } = await use(inEnvironment({ ...variables, AWS_SESSION_TOKEN: "t" }));
			expect(kms.map(signer)).toEqual(Array(2).fill("AKIAVARIABLE/eu-west-1/kms"));
			expect(kms[0]!.headers["x-amz-security-token"]).toBe("t");
		});

		it("a web identity token file, as IRSA mounts it, comes before profiles and is read anew", async () => {
			profiles();
			const file = join(home, "token");
			writeFileSync(file, "first.of.kubernetes\n");
			const environment = {
				HOME: home,
				AWS_WEB_IDENTITY_TOKEN_FILE: file,
				AWS_ROLE_ARN: ROLE,
				AWS_ROLE_SESSION_NAME: "pod",
			};
			const first = await use(inEnvironment(environment));
			expect(form(first.sts[0]!)).toMatchObject({
				WebIdentityToken: "first.of.kubernetes",
				RoleArn: ROLE,
				RoleSessionName: "pod",
			});
			writeFileSync(file, "second.of.kubernetes");
			proxy.clear();
			const second = await use(inEnvironment(environment));
			expect(form(second.sts[0]!).WebIdentityToken).toBe("second.of.kubernetes");
		});

		it("the profile default, the one of AWS_PROFILE, and one with a role and a source", async () => {
			profiles();
			const plain = await use(inEnvironment({ HOME: home }));
			expect(signer(plain.kms[0]!)).toBe("AKIADEFAULT/eu-west-1/kms");
			proxy.clear();
			const files = {
				AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws", "credentials"),
				AWS_CONFIG_FILE: join(home, ".aws", "config"),
			};
			const team = await use(inEnvironment({ ...files, AWS_PROFILE: "team" }));
			expect(signer(team.kms[0]!)).toBe("AKIATEAM/eu-west-1/kms");
			proxy.clear();
			const deploy = await use(inEnvironment({ ...files, AWS_PROFILE: "deploy" }));
			expect(deploy.sts.map(signer)).toEqual(["AKIATEAM/eu-west-1/sts"]);
			expect(form(deploy.sts[0]!)).toMatchObject({ RoleArn: ROLE, RoleSessionName: "by-profile" });
			expect(signer(deploy.kms[0]!)).toMatch(/^ASIA/);
		});

		it("keys come before profiles, and the entry's own profile before keys, if profiles are asked for", async () => {
			profiles();
			const environment = { HOME: home, ...variables, AWS_PROFILE: "team" };
			const key = kmsKey(keys.arn, { profile: "team" });
			expect(signer((await use(inEnvironment(environment), key)).kms[0]!)).toMatch(/^AKIAVARIABLE/);
			proxy.clear();
			const used = await use({ ...inEnvironment(environment), profiles: true }, key);
			expect(signer(used.kms[0]!)).toMatch(/^AKIATEAM/);
		});

		it("the endpoint of a container, as pod identity sets it", async () => {
			const pod = await recordingServer(() => ({
				body: {
					AccessKeyId: "ASIAPOD",
					SecretAccessKey: "s",
					Token: "pod-session",
					Expiration: new Date(Date.now() + 3_600_000).toISOString(),
				},
			}));
			const tokenFile = join(home, "pod-token");
			writeFileSync(tokenFile, "the-pod-token");
			try {
				const { kms } = await use(
					inEnvironment({
						AWS_CONTAINER_CREDENTIALS_FULL_URI: `${pod.url}/v1/credentials`,
						AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
					}),
				);
				expect(pod.arrived.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual(
					[["GET", "/v1/credentials", "the-pod-token"]],
				);
				expect(kms.map(signer)).toEqual(Array(2).fill("ASIAPOD/eu-west-1/kms"));
				expect(kms[0]!.headers["x-amz-security-token"]).toBe("pod-session");
			} finally {
				await pod.close();
			}
		});

		it("the endpoint of a container is asked anew as its credentials expire, with the token of that time", async () => {
			const tokenFile = join(home, "pod-token");
			const pod = await recordingServer(() => ({
				body: {
					...{ AccessKeyId: "ASIAPOD", SecretAccessKey: "s", Token: "t" },
					Expiration: new Date(Date.now() + 30_000).toISOString(),
				},
			}));
			const environment = {
				...{ AWS_CONTAINER_CREDENTIALS_FULL_URI: pod.url.replace("127.0.0.1", "localhost") },
				...{ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile, AWS_CONTAINER_AUTHORIZATION_TOKEN: "other" },
				...{ HOME: join(home, "nobody"), AWS_ENDPOINT_URL: proxy.url },
				// Never for what the machine itself gives.
				...{ HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" },
			};
			const provider = awsKms({ environment });
			try {
				for (const token of ["first", "second"]) {
					writeFileSync(tokenFile, token);
					pod.arrived.length = 0;
					await provider.masterKey(kmsKey(keys.arn))!.wrap!(part, {});
					expect(new Set(pod.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([token]));
				}
				const elsewhere = { ...environment, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://192.0.2.1/c" };
				await expect(use({ environment: elsewhere })).rejects.toMatchObject({ outcome: "misconfigured" });
			} finally {
				await provider.close!();
				await pod.close();
			}
		});

		it("endpoints, attempts and certificates; nothing of the process", async () => {
			const environment = {
				...variables,
				AWS_ENDPOINT_URL_KMS: proxy.url,
				AWS_MAX_ATTEMPTS: "2",
				AWS_EC2_METADATA_DISABLED: "true",
			};
			proxy.inject({ answer: { status: 500 } });
			const key = awsKms({ environment }).masterKey(kmsKey(keys.arn))!;
			await expect(key.wrap!(part, {})).rejects.toMatchObject({ outcome: "unreachable" });
			expect(proxy.arrived).toHaveLength(2);
		});

		it.each([
			[{}, "no AWS credentials in the environment"],
			[{ AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere" }, "AWS_ROLE_ARN is not"],
			[{ AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere", AWS_ROLE_ARN: ROLE }, "cannot be read (ENOENT)"],
			[{ AWS_PROFILE: "absent" }, "in none of the files"],
		])("what is missing is said: %o", async (environment, words) => {
			const failure = await use(inEnvironment(environment)).catch((error: unknown) => error);
			expect(failure).toBeInstanceOf(KeyError);
			expect(failure).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining(words) });
			expect(proxy.arrived).toEqual([]);
		});
	});

	describe("of the process, when its default chain is asked for", () => {
		let metadata: RecordingServer;
		const before = { ...process.env };
		beforeAll(async () => {
			metadata = await recordingServer(({ path, method }) => {
				if (method === "PUT") return { body: "imds-token" };
				if (path.endsWith("/security-credentials/")) return { body: "node-role" };
				return {
					body: {
						Code: "Success",
						AccessKeyId: "ASIANODE",
						SecretAccessKey: "s",
						Token: "node-session",
						Expiration: new Date(Date.now() + 3_600_000).toISOString(),
					},
				};
			});
		});
		afterAll(async () => {
			await metadata?.close();
			process.env = before;
		});

		it.each(["default", "environment"])("the metadata service is asked: %s", async (way) => {
			process.env = {
				...before,
				HOME: join(home, "nobody"),
				AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
			};
			metadata.arrived.length = 0;
			const { kms } = await use(
				way === "default" ? { credentials: "default" } : { environment: { HOME: join(home, "nobody") } },
			);
			expect(metadata.arrived.map(({ method, path }) => `${method} ${path}`)).toEqual([
				"PUT /latest/api/token",
				"GET /latest/meta-data/iam/security-credentials/",
				"GET /latest/meta-data/iam/security-credentials/node-role",
			]);
			expect(kms.map(signer)).toEqual(Array(2).fill("ASIANODE/eu-west-1/kms"));
		});
	});

	describe("an injected client", () => {
		it("is used as it is, and never closed; a function gives one for each target", async () => {
			const { KMSClient } = await import("@aws-sdk/client-kms");
			const client = new KMSClient({ region: "eu-west-1", endpoint: proxy.url, credentials: CREDENTIALS });
			expect((await use({ client, endpoint: undefined })).kms).toHaveLength(2);
			const targets: unknown[] = [];
			const source = (target: object) => {
				targets.push(target);
				return client;
			};
			const key = kmsKey(keys.arn, { role: keys.role, profile: "team" });
			await use({ client: source, endpoint: undefined, allow: () => true, profiles: true }, key);
			expect(targets).toEqual([{ region: "eu-west-1", role: keys.role, profile: "team" }]);
			const wrapping = use({ client, allow: () => true }, key);
			await expect(wrapping).rejects.toMatchObject({ outcome: "misconfigured" });
			client.destroy();
		});
	});

	describeReference("beside sops", () => {
		it("both assume a role under the same name, and ask KMS for the same", async () => {
			const flags = ["--kms", `${keys.arn}+${keys.role}`, "--encryption-context", "app:shop"];
			const environment = {
				...keys.environment,
				AWS_ENDPOINT_URL_KMS: proxy.url,
				AWS_ENDPOINT_URL_STS: proxy.url,
			};
			await sopsFile(flags, environment);
			const theirs = proxy.arrived.map((request) =>
				isSts(request) ? form(request) : Object.keys(JSON.parse(request.body)).sort(),
			);
			proxy.clear();
			const key = kmsKey(keys.arn, { role: keys.role, context: { app: "shop" } });
			await awsKms({ credentials: CREDENTIALS, endpoint: () => proxy.url, allow: () => true }).masterKey(key)!
				.wrap!(part, {});
			const ours = proxy.arrived.map((request) =>
				isSts(request) ? form(request) : Object.keys(JSON.parse(request.body)).sort(),
			);
			expect(ours).toEqual(theirs);
		});
	});
});
