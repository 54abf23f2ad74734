import { program } from "./place.mjs";
import { freePort, startServer } from "./server-process.ts";

/** moto, which answers as AWS KMS and STS. It takes any credentials, roles and web identity tokens. */
export interface Moto {
	/** KMS and STS of all regions are at this one address. */
	readonly url: string;
	/** Makes a key for symmetric encryption, and gives its ARN. */
	createKey(region: string): Promise<string>;
	createAlias(name: string, arn: string): Promise<string>;
	/** Any other operation of KMS, such as `DisableKey`. */
	kms(operation: string, region: string, input: object): Promise<Record<string, unknown>>;
	stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const { stop } = await startServer(
		program("moto_server"),
		["-H", "127.0.0.1", "-p", String(port)],
		async () => (await fetch(`${url}/moto-api/data.json`)).ok,
	);
	const kms = async (operation: string, region: string, input: object): Promise<Record<string, unknown>> => {
		const response = await fetch(url, {
			method: "POST",
			headers: {
				"x-amz-target": `TrentService.${operation}`,
				"content-type": "application/x-amz-json-1.1",
				authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/kms/aws4_request`,
			},
			body: JSON.stringify(input),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`moto: ${operation} gave ${response.status} ${text}`);
		return text === "" ? {} : JSON.parse(text);
	};
	return {
		url,
		kms,
		stop,
		async createKey(region) {
			const { KeyMetadata } = (await kms("CreateKey", region, {})) as { KeyMetadata: { Arn: string } };
			return KeyMetadata.Arn;
		},
		async createAlias(name, arn) {
			const [, , , region, account, key] = arn.split(":");
			const TargetKeyId = key!.slice("key/".length);
			await kms("CreateAlias", region!, { AliasName: `alias/${name}`, TargetKeyId });
			return `arn:aws:kms:${region}:${account}:alias/${name}`;
		},
	};
}
