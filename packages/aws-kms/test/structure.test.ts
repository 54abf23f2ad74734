import { join } from "node:path";
import { UsageError } from "@sopskit/core";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as aws from "../src/index.ts";

const { awsKms, kmsKey, webIdentity } = aws;
const ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE = "arn:aws-cn:iam::111122223333:role/path/name";
const credentials = { accessKeyId: "AKIA", secretAccessKey: "s" };

it("has these public names", () => {
	expect(Object.keys(aws).sort()).toEqual(["awsKms", "kmsKey", "webIdentity"]);
});

it("loads the SDK on first use only", async () => {
	const { metafile } = await build({
		entryPoints: [join(import.meta.dirname, "..", "src", "index.ts")],
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
		"dynamic-import @aws-sdk/client-kms",
		"dynamic-import @aws-sdk/client-sts",
		"dynamic-import @aws-sdk/credential-providers",
		"dynamic-import @smithy/core/config",
		"dynamic-import @smithy/node-http-handler",
		"dynamic-import https-proxy-agent",
		"import-statement @sopskit/core",
		"import-statement @sopskit/core/network",
		"import-statement @sopskit/core/provider",
		"import-statement node:fs/promises",
		"import-statement node:os",
		"import-statement node:path",
	]);
});

describe("arguments", () => {
	it.each([
		[() => awsKms(undefined as never), "must be told who calls"],
		[() => awsKms({}), "must be told who calls"],
		[() => awsKms({ credential: credentials } as never), 'the option "credential"'],
		[() => awsKms({ credentials: { accessKeyId: "AKIA" } as never }), "secretAccessKey"],
		[() => awsKms({ credentials: "environment" as never }), '"default"'],
		[() => awsKms({ credentials, client: () => ({}) as never }), "either client or credentials"],
		[() => awsKms({ credentials, timeoutMs: 0 }), "above 0"],
		[() => awsKms({ credentials, proxy: "socks5://x" }), "the URL of a proxy"],
		[() => awsKms({ credentials, allow: true as never }), "a function"],
		[() => kmsKey(ARN, { rôle: ROLE } as never), "kmsKey() does not know"],
		[() => kmsKey(ARN, { context: { a: 1 } as never }), "object of strings"],
		[() => kmsKey(1 as never), "takes the ARN"],
		[() => webIdentity({ token: "t" } as never), "needs a role"],
		[() => webIdentity({ role: "admin", token: "t" }), "needs a role"],
		[
			() => webIdentity({ serviceAccount: { metadata: { annotations: {} } }, token: "t" }),
			"eks.amazonaws.com/role-arn",
		],
		[() => webIdentity({ role: ROLE, token: "" }), "needs a token"],
	])("misuse is said: %#", (run, words) => {
		expect(run).toThrow(UsageError);
		expect(run).toThrow(words);
	});

	it.each([
		[() => kmsKey("")],
		[() => kmsKey(`${ARN},${ARN}`)],
		[() => kmsKey("alias/name")],
		[() => kmsKey(ARN, { role: "name" })],
		[() => kmsKey(`${ARN}+arn:aws:iam::1:user/me`)],
	])("what names no key is refused: %#", (run) => {
		expect(run).toThrow(expect.objectContaining({ code: "key-invalid" }));
	});

	it("keys of every partition are named", () => {
		for (const [partition, region] of [
			...[
				["aws", "ap-southeast-5"],
				["aws-cn", "cn-northwest-1"],
				["aws-us-gov", "us-gov-east-1"],
			],
			...[
				["aws-iso", "us-iso-east-1"],
				["aws-iso-b", "us-isob-east-1"],
				["aws-eusc", "eusc-de-east-1"],
			],
		]) {
			const arn = `arn:${partition}:kms:${region}:111122223333:key/mrk-1234abcd`;
			expect(kmsKey(arn).id).toBe(arn);
		}
		expect(kmsKey(` ${ARN} + ${ROLE} `, { context: { b: "2", a: "1" }, profile: "p" })).toEqual({
			type: "kms",
			id: `${ARN}+${ROLE}|a:1,b:2|p`,
			fields: { arn: ARN, role: ROLE, context: { b: "2", a: "1" }, aws_profile: "p" },
		});
	});

	it("printing shows no secret", () => {
		const provider = awsKms({ credentials: { ...credentials, secretAccessKey: "canary" } });
		const shown = [provider, webIdentity({ role: ROLE, token: "canary" })].map((one) => JSON.stringify(one));
		expect(shown.join()).not.toContain("canary");
	});
});
