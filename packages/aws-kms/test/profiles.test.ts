import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { type Arrived, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { awsKms, kmsKey } from "../src/index.ts";
import { sessionName } from "../src/session-name.ts";
import { type MotoKeys, motoKeys, runSops } from "./moto-keys.ts";

const ROLE = "arn:aws:iam::123456789012:role";
const part = new Uint8Array(32).fill(7);

/** Whose key signed, which service; and of STS what was asked, but the names that the SDK for Go counts. */
function shape({ body, headers }: Arrived): unknown {
	const id = /Credential=([^/]+)\//.exec(String(headers.authorization))?.[1];
	const signer = id?.replace(/^ASIA.*/, "of STS");
	if (!/(?:^|&)Action=/.test(body)) return { signer, service: "kms" };
	const { Version, ...form } = Object.fromEntries(new URLSearchParams(body));
	const name = form.RoleSessionName!;
	const isGenerated = name === sessionName() || /^(?:aws-go-sdk-)?\d{15,}$/.test(name);
	return { signer, ...form, RoleSessionName: isGenerated ? "generated" : name };
}

interface Case {
	readonly config: string;
	readonly credentials?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** The profile that the entry names, in place of `AWS_PROFILE`. */
	readonly entry?: string;
	/** What of the failure is said; there is none without it. */
	readonly fails?: string;
}

describeReference("AWS profiles with sops", () => {
	describeServer("moto", "and moto", (moto) => {
		let keys: MotoKeys;
		let proxy: FaultProxy;
		let pod: RecordingServer;
		let home: string;
		beforeAll(async () => {
			keys = await motoKeys(moto());
			proxy = await startFaultProxy(moto().url);
			pod = await recordingServer(() => ({
				body: {
					...{ AccessKeyId: "AKIAPOD", SecretAccessKey: "s", Token: "t" },
					Expiration: new Date(Date.now() + 3_600_000).toISOString(),
				},
			}));
			home = mkdtempSync(join(tmpdir(), "sopskit-aws-profiles-"));
			mkdirSync(join(home, ".aws"));
			writeFileSync(join(home, "token"), "of.a.web-identity");
		});
		beforeEach(() => proxy.clear());
		afterAll(async () => {
			await Promise.all([proxy?.close(), pod?.close()]);
			rmSync(home, { recursive: true, force: true });
		});

		const CREDENTIALS = [
			...["[base]", "aws_access_key_id = AKIABASE", "aws_secret_access_key = s1"],
			...["[default]", "aws_access_key_id = AKIADEFAULT", "aws_secret_access_key = s2"],
		].join("\n");
		const cases: Readonly<Record<string, () => Case>> = {
			"a role with all that may stand beside it": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=base\nexternal_id=ext\nrole_session_name=mine\nduration_seconds=1800`,
			}),
			"a role with a duration that is too short": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/path/x\nsource_profile=base\nduration_seconds=60`,
			}),
			"a chain of roles": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=q\n[profile q]\nrole_arn=${ROLE}/y\nsource_profile=base\nexternal_id=e`,
			}),
			"a profile that is its own source": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=p\naws_access_key_id=AKIASELF\naws_secret_access_key=s`,
			}),
			"a source with a web identity": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=q\n[profile q]\nrole_arn=${ROLE}/y\nweb_identity_token_file=${join(home, "token")}\nrole_session_name=web`,
			}),
			"a web identity of its own": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nweb_identity_token_file=${join(home, "token")}`,
				// It is of the variables' own web identity.
				env: { AWS_ROLE_SESSION_NAME: "not-of-the-profile" },
			}),
			"the keys of the environment, where the profile says so": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\ncredential_source=Environment`,
				env: { AWS_ACCESS_KEY_ID: "AKIAPASSED", AWS_SECRET_ACCESS_KEY: "s" },
				entry: "p",
			}),
			"the endpoint of the container, where the profile says so": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\ncredential_source=EcsContainer`,
				env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${pod.url}/c` },
			}),
			"a profile without credentials leaves them to the machine": () => ({
				config: "[profile p]\nregion=us-east-1",
				env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${pod.url}/c`, AWS_REGION: "us-east-2" },
			}),
			"a process": () => ({
				config: `[profile p]\ncredential_process=echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'`,
			}),
			"the profile of the entry before the keys of the environment": () => ({
				config: "",
				env: { AWS_ACCESS_KEY_ID: "AKIAPASSED", AWS_SECRET_ACCESS_KEY: "s", AWS_PROFILE: "default" },
				entry: "base",
			}),
			"a code of MFA": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/me`,
				fails: "MFA",
			}),
			"a source that is not there": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\nsource_profile=absent`,
				fails: "in none of the files",
			}),
			"a profile that is not there": () => ({ config: "", fails: "in none of the files" }),
			"a source that nobody knows": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\ncredential_source=Moon`,
				fails: "credential_source",
			}),
			"keys that are not in the environment": () => ({
				config: `[profile p]\nrole_arn=${ROLE}/x\ncredential_source=Environment`,
				fails: "credential_source",
			}),
		};

		it.each(Object.entries(cases))("both ask the same: %s", async (_name, make) => {
			const { config, env = {}, entry, fails } = make();
			writeFileSync(join(home, ".aws", "config"), config);
			writeFileSync(join(home, ".aws", "credentials"), CREDENTIALS);
			const environment = {
				AWS_ENDPOINT_URL_KMS: proxy.url,
				AWS_ENDPOINT_URL_STS: proxy.url,
				AWS_EC2_METADATA_DISABLED: "true",
				HOME: home,
				PATH: process.env.PATH ?? "",
				...(entry === undefined && { AWS_PROFILE: "p" }),
				...env,
			};
			const flags = ["--kms", keys.arn, ...(entry === undefined ? [] : ["--aws-profile", entry])];
			const types = ["--input-type", "json", "--filename-override", "a.json"];
			const theirs = await runSops(["encrypt", ...flags, ...types], environment, '{"a": 1}');
			const asked = proxy.arrived.map(shape);
			proxy.clear();

			// What stands in the environment of the process is nobody's business.
			process.env.AWS_ACCESS_KEY_ID = "AKIAPROCESSENV";
			process.env.AWS_SECRET_ACCESS_KEY = "s";
			process.env.AWS_ROLE_SESSION_NAME = "of-the-process";
			const provider = awsKms({ environment, profiles: true });
			try {
				const ref = kmsKey(keys.arn, entry === undefined ? {} : { profile: entry });
				const wrapping = provider.masterKey(ref)!.wrap!(part, {});
				if (fails === undefined) {
					await wrapping;
					expect([theirs.stderr, theirs.status]).toEqual([expect.not.stringContaining("failed"), 0]);
					expect(asked.length).toBeGreaterThan(0);
				} else {
					await expect(wrapping).rejects.toMatchObject({
						outcome: "misconfigured",
						message: expect.stringContaining(fails),
					});
					expect(theirs.status).not.toBe(0);
				}
				expect(proxy.arrived.map(shape)).toEqual(asked);
			} finally {
				for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_SESSION_NAME"])
					delete process.env[name];
				await provider.close!();
			}
		});

		it("files are read anew: programs write new keys into them", async () => {
			const environment = { HOME: home, AWS_ENDPOINT_URL: proxy.url };
			writeFileSync(join(home, ".aws", "config"), "");
			for (const id of ["AKIAFIRST", "AKIASECOND"]) {
				writeFileSync(
					join(home, ".aws", "credentials"),
					`[default]\naws_access_key_id=${id}\naws_secret_access_key=s`,
				);
				const provider = awsKms({ environment });
				await provider.masterKey(kmsKey(keys.arn))!.wrap!(part, {});
				await provider.close!();
			}
			expect(proxy.arrived.map(shape)).toEqual([
				{ signer: "AKIAFIRST", service: "kms" },
				{ signer: "AKIASECOND", service: "kms" },
			]);
		});
	});
});
