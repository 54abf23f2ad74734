import type { KeyRef } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { describeServer } from "@sopskit/servers/suite";
import { testKeyProvider } from "@sopskit/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type AwsCredentials, awsKms, kmsKey } from "../src/index.ts";
import { CANARIES, CREDENTIALS, type Entry, type MotoKeys, motoKeys, sopsFile } from "./moto-keys.ts";

describeReference("AWS KMS with sops", () => {
	describeServer("moto", "and moto", (moto) => {
		let keys: MotoKeys;
		let silent: RecordingServer;
		let real: { readonly entry: { readonly ref: KeyRef; readonly enc: string }; readonly part: Uint8Array };
		beforeAll(async () => {
			keys = await motoKeys(moto());
			silent = await recordingServer(() => "hang");
			const file = await sopsFile(["--kms", keys.arn], keys.environment);
			const [{ enc }] = JSON.parse(file).sops.kms as [Entry];
			const { Plaintext } = await moto().kms("Decrypt", "eu-west-1", { CiphertextBlob: enc });
			real = { entry: { ref: kmsKey(keys.arn), enc }, part: Buffer.from(String(Plaintext), "base64") };
		});
		afterAll(() => silent?.close());

		const holding = (region: string, at: () => string = () => keys.url) =>
			awsKms({
				credentials: async (asked): Promise<AwsCredentials | undefined> =>
					asked === region ? CREDENTIALS : undefined,
				endpoint: at,
				maxAttempts: 1,
			});

		testKeyProvider(
			{ describe, it },
			{
				name: "AWS KMS",
				provider: () => holding("eu-west-1"),
				// Known when the server has started.
				get ref() {
					return kmsKey(keys.arn);
				},
				stranger: () => holding("us-gov-west-1"),
				get strangerRef() {
					return kmsKey(keys.elsewhere);
				},
				realEntry: {
					get entry() {
						return real.entry;
					},
					get part() {
						return real.part;
					},
				},
				stalled: () => ({
					key: holding("eu-west-1", () => silent.url).masterKey(kmsKey(keys.arn))!,
					enc: "AQICAHgA",
				}),
				canaries: CANARIES,
				failingCalls: [
					() => awsKms({ [CREDENTIALS.secretAccessKey]: true } as never),
					() => awsKms(CREDENTIALS.secretAccessKey as never),
					() => awsKms({ credentials: { ...CREDENTIALS, accessKeyId: 1 } as never }),
					() => kmsKey(CREDENTIALS.secretAccessKey),
					() =>
						awsKms({
							credentials: () => Promise.reject(new Error(CREDENTIALS.secretAccessKey)),
							endpoint: () => keys.url,
						}).masterKey(kmsKey(keys.arn))!.wrap!(new Uint8Array(32), {}),
					() =>
						awsKms({
							credentials: CREDENTIALS,
							endpoint: () => "http://127.0.0.1:1",
							maxAttempts: 1,
						}).masterKey(kmsKey(keys.arn))!.unwrap!("AQICAHgA", {}),
				],
				environment: {
					AWS_ACCESS_KEY_ID: "AKIAENVIRONMENT",
					AWS_SECRET_ACCESS_KEY: "of-the-environment",
					AWS_ENDPOINT_URL: "http://127.0.0.1:1",
					AWS_REGION: "us-east-1",
					AWS_PROFILE: "none",
					AWS_MAX_ATTEMPTS: "none",
				},
				environmentAllowed: Object.fromEntries(
					[
						"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
						"AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026",
						"AWS_EXECUTION_ENV",
						"AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA",
						"AWS_LAMBDA_BENCHMARK_MODE",
						"AWS_LAMBDA_FUNCTION_NAME",
						"AWS_LAMBDA_MAX_CONCURRENCY",
						"_X_AMZN_TRACE_ID",
					].map((name) => [
						name,
						"the SDK reads it when it is loaded, for a warning, its name in requests or traces of Lambda",
					]),
				),
			},
		);
	});
});
