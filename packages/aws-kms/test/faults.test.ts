import { isKeyError, type KeyCall, type KeyError, type KeyRef } from "@sopskit/core";
import { type Fault, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { freePort } from "@sopskit/servers/server-process";
import { describeServer } from "@sopskit/servers/suite";
import { findSecrets, secretBytes, secretText } from "@sopskit/testing";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type AwsKmsOptions, awsKms, kmsKey, webIdentity } from "../src/index.ts";
import { CREDENTIALS } from "./moto-keys.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const TOKEN = "canary.web.identity-token";
const SECRETS = [
	...[CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken, TOKEN].map((text, i) =>
		secretText(`canary ${i}`, text),
	),
	secretBytes("the part", part),
];

/** An error in the form of KMS, with words that hold what a service's words may hold. */
const refusal = (name: string, status = 400): Fault["answer"] => ({
	status,
	headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "11111111-2222-3333-4444" },
	body: JSON.stringify({
		__type: name,
		message: `no: ${CREDENTIALS.sessionToken} ${Buffer.from(part).toString("base64")}`,
	}),
});

describeServer("moto", "what goes wrong with AWS KMS", (moto) => {
	let proxy: FaultProxy;
	let arn: string;
	let enc: string;
	beforeAll(async () => {
		proxy = await startFaultProxy(moto().url);
		arn = await moto().createKey("eu-west-1");
		enc = await provider({}).masterKey(kmsKey(arn))!.wrap!(part, {});
	});
	beforeEach(() => proxy.clear());
	afterAll(() => proxy?.close());

	const provider = (options: AwsKmsOptions) =>
		awsKms({
			...(options.client === undefined && { credentials: CREDENTIALS }),
			endpoint: () => proxy.url,
			...options,
		});

	/** How an unwrap fails, after its error was searched for secrets. */
	async function failure(
		options: AwsKmsOptions = {},
		text = enc,
		call: KeyCall = {},
		ref: KeyRef = kmsKey(arn),
	): Promise<KeyError> {
		const holder = provider(options);
		const thrown = await holder.masterKey(ref)!.unwrap!(text, call).then(
			() => undefined,
			(error: unknown) => error,
		);
		await holder.close!();
		expect(await findSecrets(thrown, SECRETS)).toEqual([]);
		if (!isKeyError(thrown)) throw new Error("it did not fail with a KeyError");
		expect(thrown.cause).toBeUndefined();
		expect(Object.keys(thrown)).toEqual(["name", "outcome"]);
		return thrown;
	}

	it.each([
		["AccessDeniedException", "denied"],
		["UnrecognizedClientException", "denied"],
		["DisabledException", "denied"],
		["KMSInvalidStateException", "denied"],
		["NotFoundException", "denied"],
		["IncorrectKeyException", "wrong-key"],
		["InvalidCiphertextException", "wrong-key"],
		["InvalidKeyUsageException", "misconfigured"],
		["SomethingNewException", "failed"],
	])("%s is told by name, status and request, and not tried again", async (name, outcome) => {
		proxy.inject({ answer: refusal(name) });
		const error = await failure();
		expect(error.outcome).toBe(outcome);
		expect(error.message).toContain(`(${name}, status 400, request 11111111-2222-3333-4444)`);
		expect(proxy.arrived).toHaveLength(1);
	});

	it("what is throttled or in trouble once is tried again by the SDK", async () => {
		for (const answer of [
			refusal("ThrottlingException", 400),
			{ status: 429 },
			refusal("KMSInternalException", 500),
		]) {
			proxy.clear();
			proxy.inject({ answer: answer!, times: 1 });
			expect(await provider({}).masterKey(kmsKey(arn))!.unwrap!(enc, {})).toEqual(part);
			expect(proxy.arrived).toHaveLength(2);
		}
	});

	it.each([
		[refusal("ThrottlingException"), "throttled"],
		[{ status: 503 }, "unreachable"],
		[{ status: 500, body: "<html>" }, "unreachable"],
		["reset" as const, "unreachable"],
	])("what does not end is told after three attempts: %#", async (answer, outcome) => {
		proxy.inject({ answer: answer! });
		expect((await failure()).outcome).toBe(outcome);
		expect(proxy.arrived).toHaveLength(3);
	});

	it("nobody listens", async () => {
		const port = await freePort();
		const error = await failure({ endpoint: () => `http://127.0.0.1:${port}` });
		expect(error).toMatchObject({ outcome: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
	});

	it("a server that hangs: the limit of time and the abort end the call, and its connection", async () => {
		const hanging = await startFaultProxy(moto().url);
		hanging.inject({ answer: "hang" });
		const endpoint = (): string => hanging.url;
		const [limited, unlimited] = [provider({ endpoint, timeoutMs: 300 }), provider({ endpoint })];
		try {
			const late = limited.masterKey(kmsKey(arn))!.unwrap!(enc, {});
			await expect(late).rejects.toMatchObject({
				outcome: "timeout",
				message: expect.stringContaining("300 ms"),
			});
			// The providers are still open: it was the end of the call that cut the connection.
			await vi.waitFor(() => expect(hanging.open()).toBe(0));
			expect(hanging.connections()).toBe(1);

			const controller = new AbortController();
			const call = unlimited.masterKey(kmsKey(arn))!.unwrap!(enc, { signal: controller.signal });
			await vi.waitFor(() => expect(hanging.open()).toBe(1));
			controller.abort(new Error(CREDENTIALS.secretAccessKey));
			await expect(call).rejects.toMatchObject({ outcome: "aborted", message: "aborted by the caller" });
			await vi.waitFor(() => expect(hanging.open()).toBe(0));
		} finally {
			await Promise.all([limited.close!(), unlimited.close!(), hanging.close()]);
		}
	});

	it("the limit of time covers the exchange of a token", async () => {
		proxy.inject({ answer: "hang" });
		const role = "arn:aws:iam::123456789012:role/x";
		const credentials = webIdentity({ role, token: TOKEN });
		expect((await failure({ credentials, timeoutMs: 300 })).outcome).toBe("timeout");
	});

	it("expired credentials are replaced once", async () => {
		let given = 0;
		const credentials = async () => ({ ...CREDENTIALS, accessKeyId: `AKIA${++given}` });
		proxy.inject({ answer: refusal("ExpiredTokenException"), times: 1 });
		const holder = provider({ credentials });
		expect(await holder.masterKey(kmsKey(arn))!.unwrap!(enc, {})).toEqual(part);
		expect(proxy.arrived.map(({ headers }) => /AKIA\d/.exec(String(headers.authorization))![0])).toEqual([
			"AKIA1",
			"AKIA2",
		]);
		await holder.close!();
		proxy.clear();
		proxy.inject({ answer: refusal("ExpiredTokenException") });
		const error = await failure({ credentials });
		expect(error).toMatchObject({ outcome: "denied", message: expect.stringContaining("have expired") });
		expect(proxy.arrived).toHaveLength(2);
	});

	it("many calls at once replace expired credentials once, also those that assume a role", async () => {
		for (const role of ["", "arn:aws:iam::123456789012:role/x"]) {
			let given = 0;
			const credentials = async () => ({ ...CREDENTIALS, accessKeyId: `AKIA${++given}` });
			const holder = provider({ credentials, allow: () => true });
			const key = holder.masterKey(kmsKey(arn, { role }))!;
			proxy.clear();
			const isOld = ({ headers }: { headers: object }): boolean => JSON.stringify(headers).includes("AKIA1/");
			const sts = `<ErrorResponse><Error><Code>ExpiredToken</Code></Error><RequestId>r</RequestId></ErrorResponse>`;
			const answer =
				role === ""
					? refusal("ExpiredTokenException")
					: { status: 403, headers: { "content-type": "text/xml" }, body: sts };
			proxy.inject({ when: isOld, answer });
			const parts = await Promise.all(Array.from({ length: 8 }, () => key.unwrap!(enc, {})));
			expect(parts).toEqual(Array(8).fill(part));
			expect(given).toBe(2);
			await holder.close!();
		}
	});

	it("STS says no to a token, and to a role", async () => {
		const answer = {
			status: 400,
			headers: { "content-type": "text/xml" },
			body: `<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>${TOKEN}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
		};
		proxy.inject({ answer });
		const role = "arn:aws:iam::123456789012:role/x";
		const byToken = await failure({ credentials: webIdentity({ role, token: TOKEN }) });
		expect(byToken.outcome).toBe("denied");
		expect(byToken.message).toMatch(/^exchanging a web identity token by STS in eu-west-1: .*status 400/);
		const byRole = await failure({ allow: () => true }, enc, {}, kmsKey(arn, { role }));
		expect(byRole.message).toMatch(/^assuming the role of the entry by STS in eu-west-1: /);
		expect(proxy.arrived.every(({ body }) => body.includes("Action="))).toBe(true);
	});

	it("functions of the caller that throw, or give something else", async () => {
		const role = "arn:aws:iam::123456789012:role/x";
		const fail = (): never => {
			throw new Error(CREDENTIALS.secretAccessKey);
		};
		for (const options of [
			{ credentials: async () => fail() },
			{ credentials: async () => ({ accessKeyId: CREDENTIALS.secretAccessKey }) as never },
			{ credentials: webIdentity({ role, token: fail }) },
			{ credentials: webIdentity({ role, token: () => "" }) },
			{ client: fail, credentials: undefined },
			{ client: () => ({}) as never, credentials: undefined },
		]) {
			expect((await failure(options)).outcome).toBe("misconfigured");
		}
		expect((await failure({ allow: fail })).outcome).toBe("refused");
		expect((await failure({ allow: () => "yes" as never })).outcome).toBe("refused");
		expect(proxy.arrived).toEqual([]);
	});

	it("a certificate of an authority that nobody knows, and one that was passed", async () => {
		const secure = await startFaultProxy(moto().url, { tls: true });
		try {
			const endpoint = (): string => secure.url;
			const error = await failure({ endpoint });
			expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining("CERT") });
			expect(secure.arrived).toEqual([]);
			const holder = provider({ endpoint, ca: secure.ca });
			expect(await holder.masterKey(kmsKey(arn))!.unwrap!(enc, {})).toEqual(part);
			await holder.close!();
		} finally {
			await secure.close();
		}
	});

	it("an answer without what was asked for", async () => {
		proxy.inject({ rewrite: () => "{}" });
		expect((await failure()).outcome).toBe("failed");
	});

	it("enc that is no base64 is damaged, and nobody is asked", async () => {
		for (const text of [
			"",
			" ",
			`${enc}=`,
			enc.slice(0, -1),
			`${enc}!`,
			"AQ-_",
			`AAAA ${enc}`,
			"vault:v1:AAAA",
		]) {
			expect((await failure({}, text)).outcome).toBe("damaged");
		}
		expect(proxy.arrived).toEqual([]);
		// Go's decoder passes over line feeds, so files may have them.
		expect(await provider({}).masterKey(kmsKey(arn))!.unwrap!(`${enc}\n`, {})).toEqual(part);
	});

	it.each([
		"arn:aws:kms:evil.example.com/:111122223333:key/x",
		"arn:aws:kms:eu-west-1.evil.example:111122223333:key/x",
		"arn:aws:kms:eu-west-1#:111122223333:key/x",
		"arn:aws:kms::111122223333:key/x",
		"arn:aws:kms:eu-west-1:1:key/x",
		"arn:aws:kms:eu-west-1:111122223333:key/",
		"arn:aws:s3:eu-west-1:111122223333:key/x",
		"arn:aws:kms:eu-west-1:111122223333:key/x\r\nx: y",
		"1",
		"",
	])("an ARN that is none leads nowhere: %j", async (wrong) => {
		const ref = { type: "kms", id: wrong, fields: { arn: wrong, role: "", context: {}, aws_profile: "" } };
		expect(await failure({ allow: () => true }, enc, {}, ref)).toMatchObject({ outcome: "misconfigured" });
		expect(proxy.arrived).toEqual([]);
		expect(() => kmsKey(wrong)).toThrow(expect.objectContaining({ code: "key-invalid" }));
	});

	it("a rule that says no, and a provider that was closed", async () => {
		const allow = ({ id }: KeyRef): boolean => id.startsWith("arn:aws:kms:us-east-1:");
		expect((await failure({ allow })).outcome).toBe("refused");
		const holder = provider({});
		await holder.close!();
		await expect(holder.masterKey(kmsKey(arn))!.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "misconfigured",
		});
		expect(proxy.arrived).toEqual([]);
	});
});
