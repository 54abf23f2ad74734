import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { unknownCertificate } from "@sopskit/servers/certificate";
import { type ConnectProxy, startConnectProxy } from "@sopskit/servers/connect-proxy";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsKmsOptions, awsKms, kmsKey } from "../src/index.ts";
import { CREDENTIALS, runSops } from "./moto-keys.ts";

const part = new Uint8Array(32).fill(7);
const ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** The names of AWS's hosts, in each partition: for KMS and STS of a region. */
const PARTITIONS: readonly (readonly [partition: string, region: string, domain: string])[] = [
	["aws", "eu-west-1", "amazonaws.com"],
	["aws", "mx-central-1", "amazonaws.com"],
	["aws-cn", "cn-north-1", "amazonaws.com.cn"],
	["aws-us-gov", "us-gov-east-1", "amazonaws.com"],
	["aws-iso", "us-iso-east-1", "c2s.ic.gov"],
	["aws-iso-b", "us-isob-east-1", "sc2s.sgov.gov"],
	["aws-iso-e", "eu-isoe-west-1", "cloud.adc-e.uk"],
	["aws-iso-f", "us-isof-south-1", "csp.hci.ic.gov"],
	["aws-eusc", "eusc-de-east-1", "amazonaws.eu"],
];
const KINDS = {
	plain: {},
	fips: { AWS_USE_FIPS_ENDPOINT: "true" },
	"dual stack": { AWS_USE_DUALSTACK_ENDPOINT: "true" },
};
const STS = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
	<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
	<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

describe("through a proxy", () => {
	let server: RecordingServer;
	let proxy: ConnectProxy;
	let ca: string;
	let home: string;
	beforeAll(async () => {
		const hosts = [
			...PARTITIONS.flatMap(([, region, domain]) => [`kms.${region}.${domain}`, `sts.${region}.${domain}`]),
			...["kms-fips.eu-west-1.amazonaws.com", "kms.eu-west-1.api.aws"],
			...["sts-fips.eu-west-1.amazonaws.com", "sts.eu-west-1.api.aws"],
			"portal.sso.us-west-2.amazonaws.com",
		];
		const certificate = await unknownCertificate(hosts);
		ca = certificate.cert;
		server = await recordingServer(({ body, path }) => {
			if (path.startsWith("/federation/"))
				return {
					body: {
						roleCredentials: {
							...{ accessKeyId: "ASIASSO", secretAccessKey: "s", sessionToken: "t" },
							expiration: Date.now() + 3_600_000,
						},
					},
				};
			if (body.includes("Action=")) return { headers: { "content-type": "text/xml" }, body: STS };
			return {
				headers: { "content-type": "application/x-amz-json-1.1" },
				body: JSON.stringify({ CiphertextBlob: "AQ==", KeyId: ARN }),
			};
		}, certificate);
		proxy = await startConnectProxy(new Map(hosts.map((host) => [host, server.port])));
		home = mkdtempSync(join(tmpdir(), "sopskit-aws-proxy-"));
		writeFileSync(join(home, "ca.pem"), ca);
	});
	beforeEach(() => {
		server.arrived.length = 0;
	});
	afterAll(async () => {
		await Promise.all([proxy?.close(), server?.close()]);
		rmSync(home, { recursive: true, force: true });
	});

	const variables = (): Readonly<Record<string, string>> => ({
		HTTPS_PROXY: proxy.url,
		AWS_CA_BUNDLE: join(home, "ca.pem"),
		AWS_ACCESS_KEY_ID: "AKIAPASSED",
		AWS_SECRET_ACCESS_KEY: "s",
		AWS_REGION: "sa-east-1",
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_MAX_ATTEMPTS: "1",
		HOME: home,
	});
	const hosts = (): readonly unknown[] => server.arrived.map(({ headers }) => headers.host);
	async function wrap(options: AwsKmsOptions, ref = kmsKey(ARN)): Promise<string> {
		const provider = awsKms({ allow: () => true, profiles: true, ...options });
		try {
			return await provider.masterKey(ref)!.wrap!(part, {});
		} finally {
			await provider.close!();
		}
	}

	it("a proxy that is passed, or named by the variables; over one connection for many calls", async () => {
		const before = proxy.connections();
		const provider = awsKms({ credentials: CREDENTIALS, proxy: proxy.url, ca });
		for (let i = 0; i < 3; i++) await provider.masterKey(kmsKey(ARN))!.wrap!(part, {});
		await provider.close!();
		expect(proxy.connections()).toBe(before + 1);
		await wrap({ environment: variables() });
		expect(proxy.connections()).toBe(before + 2);
		expect(hosts()).toEqual(Array(4).fill("kms.eu-west-1.amazonaws.com"));
		expect(proxy.refused).toEqual([]);
	});

	it("the proxies of the process are not used, and what is excepted goes directly", async () => {
		const plain = await recordingServer(() => ({ status: 403 }));
		try {
			process.env.HTTP_PROXY = proxy.url;
			for (const options of [
				{ credentials: CREDENTIALS },
				{ environment: { ...variables(), HTTP_PROXY: proxy.url } },
				{ environment: { ...variables(), HTTP_PROXY: "" } },
				{ credentials: CREDENTIALS, proxy: { url: proxy.url, except: ["127.0.0.1"] } },
			]) {
				const wrapping = wrap({ ...options, endpoint: () => plain.url });
				await expect(wrapping).rejects.toMatchObject({ outcome: "denied" });
			}
			expect(plain.arrived).toHaveLength(4);
		} finally {
			delete process.env.HTTP_PROXY;
			await plain.close();
		}
	});

	it("endpoints without TLS are asked for at the proxy itself", async () => {
		const http = await recordingServer(() => ({
			headers: { "content-type": "application/x-amz-json-1.1" },
			body: JSON.stringify({ CiphertextBlob: "AQ==" }),
		}));
		try {
			const environment = {
				...variables(),
				HTTP_PROXY: http.url.replace("http://", "http://user:secret@"),
				AWS_ENDPOINT_URL: "http://kms.internal.example:8080",
			};
			expect(await wrap({ environment })).toBe("AQ==");
			const [{ path, headers }] = http.arrived as [(typeof http.arrived)[0]];
			expect([path, headers.host]).toEqual([
				"http://kms.internal.example:8080/",
				"kms.internal.example:8080",
			]);
			expect(headers["proxy-authorization"]).toBe(`Basic ${btoa("user:secret")}`);
		} finally {
			await http.close();
		}
	});

	it("a proxy that is none, one that says no, and one that is not there", async () => {
		const fails = (HTTPS_PROXY: string) => wrap({ environment: { ...variables(), HTTPS_PROXY } });
		await expect(fails("socks5://canary:canary@p:1")).rejects.toMatchObject({
			outcome: "misconfigured",
			message: expect.not.stringContaining("canary"),
		});
		await expect(fails("http://canary:canary@127.0.0.1:1")).rejects.toMatchObject({
			outcome: "unreachable",
			message: expect.not.stringContaining("canary"),
		});
		const elsewhere = kmsKey(ARN.replace("eu-west-1", "eu-west-2"));
		await expect(wrap({ environment: variables() }, elsewhere)).rejects.toMatchObject({
			outcome: "misconfigured",
			message: "the proxy says no (status 403)",
		});
		expect(proxy.refused.splice(0)).toEqual(["kms.eu-west-2.amazonaws.com:443"]);
		expect(server.arrived).toEqual([]);
	});

	it("a proxy that hangs: the limit of time ends the connection to it", async () => {
		const sockets = new Set<Socket>();
		let accepted = 0;
		const silent = createServer((socket) => {
			accepted += 1;
			sockets.add(socket.resume());
			socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
		});
		await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
		const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
		const provider = awsKms({ credentials: CREDENTIALS, proxy: url, timeoutMs: 1500 });
		try {
			const wrapping = provider.masterKey(kmsKey(ARN))!.wrap!(part, {});
			await expect(wrapping).rejects.toMatchObject({ outcome: "timeout" });
			expect(accepted).toBe(1);
			// The provider is still open.
			await vi.waitFor(() => expect(sockets.size).toBe(0));
		} finally {
			await provider.close!();
			silent.close();
		}
	});

	/** A profile of SSO, and what `aws sso login` leaves in the home folder. */
	function loggedIn(): void {
		const start = "https://d-111.awsapps.com/start";
		mkdirSync(join(home, ".aws", "sso", "cache"), { recursive: true });
		writeFileSync(
			join(home, ".aws", "config"),
			`[profile sso]\nsso_start_url=${start}\nsso_region=us-west-2\nsso_account_id=111122223333\nsso_role_name=dev`,
		);
		const file = `${createHash("sha1").update(start).digest("hex")}.json`;
		writeFileSync(
			join(home, ".aws", "sso", "cache", file),
			JSON.stringify({ accessToken: "sso-token", expiresAt: "2100-01-01T00:00:00Z" }),
		);
	}
	const login = (): readonly unknown[] =>
		server.arrived.map(({ path, headers }) => [
			headers.host,
			path.split("?")[0],
			headers["x-amz-sso_bearer_token"],
			/Credential=(\w+)/.exec(String(headers.authorization))?.[1],
		]);
	const SSO = [
		["portal.sso.us-west-2.amazonaws.com", "/federation/credentials", "sso-token", undefined],
		["kms.eu-west-1.amazonaws.com", "/", undefined, "ASIASSO"],
	];

	it.each(["environment", "default"])("SSO is asked in its own region, not in the key's: %s", async (way) => {
		loggedIn();
		const before = { ...process.env };
		// The SDK looks for its cache in the home of the process.
		process.env = { PATH: before.PATH, HOME: home, AWS_PROFILE: "sso", AWS_EC2_METADATA_DISABLED: "true" };
		try {
			const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...rest } = variables();
			await wrap(
				way === "default"
					? { credentials: "default", proxy: proxy.url, ca }
					: { environment: { ...rest, AWS_PROFILE: "sso" } },
			);
		} finally {
			process.env = before;
		}
		expect(login()).toEqual(SSO);
	});

	describeReference("beside sops", () => {
		const encrypt = (key: string, env: Readonly<Record<string, string>>) =>
			runSops(["encrypt", "--kms", key, "--input-type", "json", "--filename-override", "a.json"], env, "{}");

		it.each(PARTITIONS)("both ask the same hosts: %s in %s", async (partition, region, domain) => {
			const key = `arn:${partition}:kms:${region}:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab`;
			const role = `arn:${partition}:iam::111122223333:role/a/path/with+plus=.@-_`;
			const theirs = await encrypt(`${key}+${role}`, variables());
			expect([theirs.stderr, theirs.status]).toEqual([expect.any(String), 0]);
			const asked = hosts();
			expect(asked).toEqual([`sts.${region}.${domain}`, `kms.${region}.${domain}`]);
			const bodies = server.arrived.map(({ body }) => /(?:RoleArn=[^&]*|"KeyId":"[^"]*")/.exec(body)?.[0]);
			server.arrived.length = 0;
			await wrap({ environment: variables() }, kmsKey(`${key}+${role}`));
			expect(hosts()).toEqual(asked);
			expect(server.arrived.map(({ body }) => /(?:RoleArn=[^&]*|"KeyId":"[^"]*")/.exec(body)?.[0])).toEqual(
				bodies,
			);
		});

		it.each(Object.entries(KINDS))(
			"both ask the same hosts: %s endpoints, for an alias",
			async (_kind, more) => {
				const key = `${ARN.split(":key/")[0]}:alias/team/sops`;
				await encrypt(key, { ...variables(), ...more });
				const asked = hosts();
				expect(asked).toHaveLength(1);
				await wrap({ environment: { ...variables(), ...more } }, kmsKey(key));
				expect(hosts()).toEqual([...asked, ...asked]);
			},
		);

		it("both find the login of SSO, and send it to its region", async () => {
			loggedIn();
			const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...rest } = variables();
			const { status } = await encrypt(ARN, { ...rest, AWS_PROFILE: "sso" });
			expect([status, login()]).toEqual([0, SSO]);
		});
	});
});
