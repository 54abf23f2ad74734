import type { STSClient } from "@aws-sdk/client-sts";
import { isKeyError, KeyError } from "@sopskit/core";
import { type Connection, clientConfig } from "./connection.ts";
import { type AwsCredentials, checkedCredentials } from "./credentials.ts";
import { loadSts } from "./library.ts";
import { sdkFailure } from "./sdk-failure.ts";
import { sessionName } from "./session-name.ts";
import type { WebIdentityExchange } from "./web-identity.ts";

/** STS of one region, which is the key's: what is not there is not asked elsewhere, in any partition. */
export class TokenService {
	readonly #connection: Connection;
	readonly #region: string;

	constructor(connection: Connection, region: string) {
		this.#connection = connection;
		this.#region = region;
	}

	/**
	 * Credentials of a role, signed for with others.
	 * @throws KeyError
	 */
	async assumeRole(
		role: string,
		base: () => Promise<AwsCredentials | undefined>,
		{ of = "profile", sessionName: name, externalId, seconds }: RoleSession,
	): Promise<AwsCredentials> {
		const { AssumeRoleCommand } = await loadSts();
		return this.#ask(base, `assuming the role of the ${of} by STS in ${this.#region}`, (client) =>
			client.send(
				new AssumeRoleCommand({
					RoleArn: role,
					RoleSessionName: name || sessionName(),
					...(externalId && { ExternalId: externalId }),
					...(seconds !== undefined && { DurationSeconds: seconds }),
				}),
			),
		);
	}

	/**
	 * Credentials of a role for the token of a web identity.
	 * @throws KeyError
	 */
	async exchange(identity: WebIdentityExchange): Promise<AwsCredentials> {
		const token = await tokenOf(identity);
		const { AssumeRoleWithWebIdentityCommand } = await loadSts();
		const none = async (): Promise<undefined> => undefined;
		return this.#ask(none, `exchanging a web identity token by STS in ${this.#region}`, (client) =>
			client.send(
				new AssumeRoleWithWebIdentityCommand({
					RoleArn: identity.role,
					RoleSessionName: identity.sessionName || sessionName(),
					WebIdentityToken: token,
				}),
			),
		);
	}

	async #ask(
		credentials: () => Promise<AwsCredentials | undefined>,
		what: string,
		send: (client: STSClient) => Promise<{ Credentials?: StsCredentials | undefined }>,
	): Promise<AwsCredentials> {
		try {
			const { STSClient } = await loadSts();
			const client = new STSClient(await clientConfig(this.#connection, "sts", this.#region, credentials));
			try {
				const { Credentials: given } = await send(client);
				return checkedCredentials({
					accessKeyId: given?.AccessKeyId ?? "",
					secretAccessKey: given?.SecretAccessKey ?? "",
					sessionToken: given?.SessionToken,
					expiration: given?.Expiration,
				});
			} finally {
				// Exchanges are rare: an hour lies between two.
				client.destroy();
			}
		} catch (thrown) {
			throw sdkFailure(thrown, what);
		}
	}
}

/** What a role is assumed with, beside its ARN. */
export interface RoleSession {
	/** Where the role stands, for errors. */
	readonly of?: "entry" | "profile";
	/** By default the name that `sops` uses. */
	readonly sessionName?: string | undefined;
	readonly externalId?: string | undefined;
	readonly seconds?: number;
}

interface StsCredentials {
	readonly AccessKeyId: string | undefined;
	readonly SecretAccessKey: string | undefined;
	readonly SessionToken: string | undefined;
	readonly Expiration: Date | undefined;
}

async function tokenOf(identity: WebIdentityExchange): Promise<string> {
	let token: unknown;
	try {
		token = await identity.token();
	} catch (thrown) {
		if (isKeyError(thrown)) throw thrown;
		// What the function threw may hold the token.
		throw new KeyError("misconfigured", "the function that gives the web identity token threw an error");
	}
	if (typeof token === "string" && token.trim() !== "") return token.trim();
	throw new KeyError("misconfigured", "the web identity token is empty or not a text");
}
