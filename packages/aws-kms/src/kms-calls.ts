import { KeyError, type NotMine } from "@sopskit/core";
import { base64Bytes, base64Text } from "@sopskit/core/provider";
import type { PooledClient } from "./client-pool.ts";
import type { AwsCredentials } from "./credentials.ts";
import { loadKms } from "./library.ts";
import { isExpired, sdkFailure } from "./sdk-failure.ts";

/** One use of a key: who it is, and the client for it. */
export interface KmsCall {
	readonly arn: string;
	readonly context: Readonly<Record<string, string>>;
	readonly region: string;
	readonly pooled: PooledClient;
}

/**
 * Encrypt. Of the key service's answer only the ciphertext counts: an alias stays an alias in the file.
 *
 * @returns standard base64
 * @throws KeyError
 */
export async function wrapBy(call: KmsCall, part: Uint8Array, signal: AbortSignal): Promise<string> {
	const { EncryptCommand } = await load();
	const answer = await ask(call, async () => {
		const command = new EncryptCommand({ KeyId: call.arn, Plaintext: part, ...contextOf(call) });
		return call.pooled.client.send(command, { abortSignal: signal });
	});
	if (answer === undefined) throw new KeyError("misconfigured", noCredentials(call));
	const { CiphertextBlob } = answer;
	if (!(CiphertextBlob instanceof Uint8Array) || CiphertextBlob.length === 0)
		throw new KeyError("failed", `AWS KMS in ${call.region} answered without a ciphertext`);
	return base64Text(CiphertextBlob);
}

/**
 * Decrypt, with the ARN of the entry: a key that is none of the file's is not tried.
 *
 * @throws KeyError
 */
export async function unwrapBy(
	prepare: () => Promise<KmsCall>,
	enc: string,
	signal: AbortSignal,
): Promise<Uint8Array | NotMine> {
	const blob = base64Bytes(enc);
	if (blob === undefined) throw new KeyError("damaged", "enc is not the base64 of an AWS KMS ciphertext");
	const call = await prepare();
	const { DecryptCommand } = await load();
	const answer = await ask(call, async () => {
		const command = new DecryptCommand({ KeyId: call.arn, CiphertextBlob: blob, ...contextOf(call) });
		return call.pooled.client.send(command, { abortSignal: signal });
	});
	if (answer === undefined) return { notMine: noCredentials(call) };
	const { Plaintext } = answer;
	if (!(Plaintext instanceof Uint8Array) || Plaintext.length === 0)
		throw new KeyError("failed", `AWS KMS in ${call.region} answered without a plaintext`);
	const part = Uint8Array.from(Plaintext);
	Plaintext.fill(0);
	return part;
}

function contextOf({ context }: KmsCall): { readonly EncryptionContext?: Record<string, string> } {
	return Object.keys(context).length === 0 ? {} : { EncryptionContext: { ...context } };
}

const noCredentials = ({ region }: KmsCall): string => `there are no credentials for ${region}`;

/**
 * Sends, and a second time with other credentials where AWS says that those at hand have expired. Undefined where
 * there are none.
 */
async function ask<T>({ pooled, region }: KmsCall, send: () => Promise<T>): Promise<T | undefined> {
	const { credentials } = pooled;
	let used: AwsCredentials | undefined;
	const once = async (): Promise<T | undefined> => {
		used = undefined;
		used = await credentials?.get();
		return credentials !== undefined && used === undefined ? undefined : send();
	};
	try {
		return await once().catch((thrown: unknown) => {
			if (credentials === undefined || !isExpired(thrown)) throw thrown;
			credentials.forget(used);
			return once();
		});
	} catch (thrown) {
		throw sdkFailure(thrown, `AWS KMS in ${region}`);
	}
}

async function load(): ReturnType<typeof loadKms> {
	try {
		return await loadKms();
	} catch (thrown) {
		throw sdkFailure(thrown, "@aws-sdk/client-kms cannot be loaded");
	}
}
