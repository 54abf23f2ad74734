import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "@sopskit/core";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as gcp from "../src/index.ts";
import { TRANSPORTS, useService } from "./service.ts";

const { gcpKey, gcpKms } = gcp;
const source = join(import.meta.dirname, "..", "src", "index.ts");
const KEY = "projects/p/locations/europe-west1/keyRings/ring/cryptoKeys/key";
const credentials = { type: "service_account", private_key: "canary" };

it("has these public names", () => {
	expect(Object.keys(gcp).sort()).toEqual(["gcpKey", "gcpKms"]);
});

it("loads the SDK on first use only", async () => {
	const { metafile } = await build({
		entryPoints: [source],
		bundle: true,
		write: false,
		metafile: true,
		format: "esm",
		platform: "node",
		packages: "external",
		logLevel: "silent",
	});
	const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
	const found = new Set(imports.map(({ path, kind }) => `${kind} ${path}`));
	expect([...found].sort()).toEqual([
		"dynamic-import @aws-crypto/crc32c",
		"dynamic-import @google-cloud/kms",
		"dynamic-import google-auth-library",
		"dynamic-import google-gax",
		"dynamic-import https-proxy-agent",
		"dynamic-import node-fetch",
		"import-statement @sopskit/core",
		"import-statement @sopskit/core/network",
		"import-statement @sopskit/core/provider",
		"import-statement node:fs/promises",
	]);
});

describe("arguments", () => {
	it.each([
		[() => gcpKms(undefined as never), "must be told who calls"],
		[() => gcpKms({}), "must be told who calls"],
		[() => gcpKms({ credential: credentials } as never), 'the option "credential"'],
		[() => gcpKms({ credentials: { type: "canary" } }), "credentials JSON with a known type"],
		[() => gcpKms({ credentials: "canary" }), '"default"'],
		[
			() => gcpKms({ credentials, client: { encrypt() {}, decrypt() {} } as never }),
			"either client or credentials",
		],
		[() => gcpKms({ client: {} as never }), "KeyManagementServiceClient"],
		[() => gcpKms({ credentials, transport: "http" as never }), '"grpc" or "rest"'],
		[() => gcpKms({ credentials, endpoint: "http://localhost:1" }), 'needs transport: "rest"'],
		[() => gcpKms({ credentials, endpoint: "https://host/path" }), "an endpoint"],
		[() => gcpKms({ credentials, universeDomain: "a/b" }), "googleapis.com"],
		[() => gcpKms({ credentials, timeoutMs: 0 }), "above 0"],
		[() => gcpKms({ credentials, allow: true as never }), "a function"],
		[() => gcpKms({ credentials, proxy: "socks5://x" }), "the URL of a proxy"],
		[() => gcpKey(1 as never), "takes the resource id"],
	])("misuse is said: %#", (run, words) => {
		expect(run).toThrow(UsageError);
		expect(run).toThrow(words);
		expect(run).not.toThrow("canary");
	});

	it("keys are named by their resource id, also those of a project with a domain", () => {
		expect(gcpKey(` ${KEY} `)).toEqual({ type: "gcp_kms", id: KEY, fields: { resource_id: KEY } });
		expect(gcpKey(KEY.replace("/p/", "/example.com:p/")).id).toContain("example.com:p");
	});

	it("printing shows no secret", () => {
		const provider = gcpKms({ credentials });
		expect(JSON.stringify([provider, provider.masterKey(gcpKey(KEY))])).not.toContain("canary");
	});
});

describe("the logs of the SDK", () => {
	const service = useService();

	it.each(TRANSPORTS)(
		"hold no secret, also with its variables for logs set: %s",
		async (transport) => {
			const { gcp: standIn, way, write } = service();
			const id = standIn.addKey("key");
			const part = Buffer.from("a data key of thirty-two bytes!!");
			standIn.subjectTokens.add("canary.subject.token");
			const external = standIn.externalAccount(write("subject", "canary.subject.token"), true);
			const proxy = new URL((transport === "grpc" ? standIn.grpcProxy : standIn.proxy).url);
			Object.assign(proxy, { username: "user", password: "canary-of-proxy" });
			const { access } = standIn;
			const aws = {
				AWS_REGION: "eu-west-1",
				AWS_ACCESS_KEY_ID: access.aws.AccessKeyId,
				AWS_SECRET_ACCESS_KEY: access.aws.SecretAccessKey,
				AWS_SESSION_TOKEN: access.aws.Token,
			};
			const given = [
				{ credentials: standIn.serviceAccount },
				{ credentials: external },
				{ environment: { GCE_METADATA_HOST: new URL(standIn.url).host } },
				{ credentials: access.awsAccount(false), environment: aws },
			].map((options) => ({ ...way(transport), ...options }));
			const proxied = { transport, credentials: access.impersonated(standIn.authorizedUser) };
			given.push({ ...proxied, ca: standIn.ca, proxy: proxy.href } as never);
			const program = `
			import { gcpKey, gcpKms } from ${JSON.stringify(source)};
			for (const options of ${JSON.stringify(given)}) {
				const provider = gcpKms({ maxAttempts: 1, ...options });
				const key = provider.masterKey(gcpKey(${JSON.stringify(id)}));
				const enc = await key.wrap(Buffer.from(${JSON.stringify(part.toString("base64"))}, "base64"), {});
				await key.unwrap(enc, {});
				await key.unwrap(enc.slice(4), {}).catch((error) => console.log(error.outcome));
				await provider.close();
			}
		`;
			// Within the package, so that its dependencies are found.
			const outfile = join(import.meta.dirname, "..", "node_modules", ".cache", `logs-${transport}.mjs`);
			await build({
				stdin: { contents: program, resolveDir: import.meta.dirname },
				outfile,
				bundle: true,
				format: "esm",
				platform: "node",
				conditions: ["@sopskit/source", "node", "import"],
				external: ["@aws-crypto/*", "@google-cloud/*", "google-*", "https-proxy-agent", "node-fetch"],
				logLevel: "error",
			});
			const logs = { GOOGLE_SDK_NODE_LOGGING: "all", DEBUG: "*", GRPC_TRACE: "all", GRPC_VERBOSITY: "DEBUG" };
			const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], {
				env: { PATH: process.env.PATH, ...logs },
				maxBuffer: 64 * 1024 * 1024,
			});
			expect(stdout.match(/wrong-key/g)).toHaveLength(given.length);
			if (transport === "grpc") expect(stderr).not.toBe("");
			const secrets = [
				standIn.serviceAccount.private_key.split("\n")[2]!,
				...["canary.subject.token", "canary-of-proxy", btoa("user:canary-of-proxy")],
				...[access.aws.SecretAccessKey, access.aws.Token],
				...["client-secret", "refresh-token"],
				...standIn.issued,
				...[part.toString("base64").slice(0, 40), part.toString("latin1"), part.toString("hex")],
			];
			// By position, or a failure would print them.
			expect(secrets.map((secret) => (stdout + stderr).includes(secret))).toEqual(secrets.map(() => false));
		},
		60_000,
	);
});
