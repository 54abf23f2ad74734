import { KeyError } from "@sopskit/core";

/** Credentials of AWS, temporary ones with a session token. */
export interface AwsCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken?: string | undefined;
	/** When they expire. Without it they are used until AWS says that they have expired. */
	readonly expiration?: Date | undefined;
}

/**
 * Gives credentials for a region, or undefined where there are none. It is asked again shortly before the ones it
 * gave expire, and when AWS says that they have. Providers of `@aws-sdk/credential-providers` fit as `() => provider()`.
 */
export type AwsCredentialSource = (region: string) => Promise<AwsCredentials | undefined>;

/** As they come closer than this to their end, in milliseconds, credentials are replaced. */
const MARGIN = 60_000;

/** Credentials for one target, kept until they are about to expire; one request for all who wait. */
export class KeptCredentials {
	readonly #source: () => Promise<AwsCredentials | undefined>;
	#kept: AwsCredentials | undefined;
	#coming: Promise<AwsCredentials | undefined> | undefined;

	constructor(source: () => Promise<AwsCredentials | undefined>) {
		this.#source = source;
	}

	/** @throws KeyError, or what the source throws */
	get(): Promise<AwsCredentials | undefined> {
		const end = this.#kept?.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
		if (this.#kept !== undefined && end - Date.now() > MARGIN) return Promise.resolve(this.#kept);
		this.#coming ??= this.#source()
			.then((given) => {
				this.#kept = given === undefined ? undefined : checkedCredentials(given);
				return this.#kept;
			})
			.finally(() => {
				this.#coming = undefined;
			});
		return this.#coming;
	}

	/**
	 * AWS says that they have expired: the next one to ask gets others.
	 * @param expired - which ones, so that those that came since stay; undefined for whatever there is
	 */
	forget(expired: AwsCredentials | undefined): void {
		if (expired === undefined || this.#kept === expired) this.#kept = undefined;
	}
}

/** Whether a value can be credentials. */
export function areCredentials(given: unknown): given is AwsCredentials {
	const { accessKeyId, secretAccessKey, sessionToken } = (given ?? {}) as Partial<AwsCredentials>;
	const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
	return (
		isText(accessKeyId) && isText(secretAccessKey) && (sessionToken === undefined || isText(sessionToken))
	);
}

/** @throws KeyError `misconfigured` */
export function checkedCredentials(given: AwsCredentials): AwsCredentials {
	const { accessKeyId, secretAccessKey, sessionToken, expiration } = given ?? {};
	if (!areCredentials(given))
		throw new KeyError(
			"misconfigured",
			"AWS credentials must have accessKeyId and secretAccessKey, and may have sessionToken, as texts",
		);
	const end = expiration === undefined ? undefined : new Date(expiration);
	return {
		accessKeyId,
		secretAccessKey,
		...(sessionToken !== undefined && { sessionToken }),
		...(end !== undefined && !Number.isNaN(end.getTime()) && { expiration: end }),
	};
}

/** Credentials as types of the SDK have them, with no place for properties that are there and undefined. */
export interface SdkIdentity {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken?: string;
	readonly expiration?: Date;
}

export function sdkIdentity({
	accessKeyId,
	secretAccessKey,
	sessionToken,
	expiration,
}: AwsCredentials): SdkIdentity {
	return {
		accessKeyId,
		secretAccessKey,
		...(sessionToken !== undefined && { sessionToken }),
		...(expiration !== undefined && { expiration }),
	};
}
