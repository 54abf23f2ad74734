import type { RunResult } from "@sopskit/reference";
import { openReference } from "@sopskit/reference";
import type { Moto } from "@sopskit/servers/suite";

/** Two keys in one region and one in another, an alias, and the environment in which `sops` finds them. */
export interface MotoKeys {
	readonly url: string;
	readonly arn: string;
	readonly other: string;
	readonly elsewhere: string;
	readonly alias: string;
	readonly role: string;
	readonly environment: Readonly<Record<string, string>>;
}

export const CREDENTIALS = {
	accessKeyId: "AKIACANARYACCESSKEY1",
	secretAccessKey: "canary/secret/access/key/of/forty/letters",
	sessionToken: "canary-session-token-of-the-caller",
};
export const CANARIES: readonly string[] = [CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken];

export async function motoKeys(moto: Moto): Promise<MotoKeys> {
	const arn = await moto.createKey("eu-west-1");
	return {
		url: moto.url,
		arn,
		other: await moto.createKey("eu-west-1"),
		elsewhere: await moto.createKey("us-gov-west-1"),
		alias: await moto.createAlias("sopskit", arn),
		role: "arn:aws:iam::123456789012:role/sopskit",
		environment: {
			AWS_ENDPOINT_URL_KMS: moto.url,
			AWS_ENDPOINT_URL_STS: moto.url,
			AWS_ACCESS_KEY_ID: "AKIATEST",
			AWS_SECRET_ACCESS_KEY: "secret-of-sops",
			AWS_EC2_METADATA_DISABLED: "true",
		},
	};
}

/** A KMS entry of a file, as JSON has it. */
export interface Entry {
	readonly arn: string;
	readonly enc: string;
	readonly created_at: string;
	readonly role?: string;
	readonly context?: Readonly<Record<string, string>>;
	readonly aws_profile: string;
}

export async function runSops(
	args: readonly string[],
	env: Readonly<Record<string, string>>,
	input?: string,
): Promise<RunResult> {
	const reference = openReference();
	if (reference === undefined) throw new Error("the reference is not installed");
	return reference.runSops(["--disable-version-check", ...args], {
		env,
		...(input !== undefined && { input }),
	});
}

/** A JSON file that sops encrypted. */
export async function sopsFile(
	flags: readonly string[],
	env: Readonly<Record<string, string>>,
	plain: object = { hello: "world" },
): Promise<string> {
	const types = ["--input-type", "json", "--output-type", "json"];
	const result = await runSops(
		["encrypt", ...flags, ...types, "--filename-override", "a.json"],
		env,
		JSON.stringify(plain),
	);
	if (result.status !== 0) throw new Error(`sops: ${result.stderr}`);
	return result.stdout;
}

export const sopsDecrypt = (text: string, env: Readonly<Record<string, string>>): Promise<RunResult> =>
	runSops(
		["decrypt", "--input-type", "json", "--output-type", "json", "--filename-override", "a.json"],
		env,
		text,
	);
