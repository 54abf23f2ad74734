import { KeyError, type KeyProvider, type KeyRef, type MasterKey, UsageError } from "@sopskit/core";
import { isProxy, type ProxySettings, proxiesOf } from "@sopskit/core/network";
import {
	type AllowRef,
	checkOptions,
	isBoolean,
	isObject,
	isSize,
	limited,
	requirePermission,
} from "@sopskit/core/provider";
import { isRoleArn, requireRegion } from "./arn.ts";
import {
	type BaseCredentials,
	ClientPool,
	injectedClient,
	type KmsClientSource,
	type KmsTarget,
	ownClient,
} from "./client-pool.ts";
import { type Connection, requestHandler } from "./connection.ts";
import { type AwsCredentialSource, type AwsCredentials, areCredentials } from "./credentials.ts";
import { connectionFrom, credentialsFrom, type Environment } from "./environment.ts";
import { type KmsCall, unwrapBy, wrapBy } from "./kms-calls.ts";
import { loadCredentialProviders } from "./library.ts";
import { exchangeOf, type WebIdentity } from "./web-identity.ts";

/** What {@link awsKms} takes: `credentials`, `environment` or `client`, and what limits and directs them. */
export interface AwsKmsOptions {
	/**
	 * Who calls: credentials, a function that gives them for a region, what {@link webIdentity} made, or `"default"`
	 * for the default chain of the SDK, which reads the environment and the home folder of the process and asks the
	 * machine's metadata service.
	 */
	readonly credentials?: AwsCredentials | AwsCredentialSource | WebIdentity | "default" | undefined;
	/**
	 * Variables, such as `process.env`, to take settings from, and credentials unless `credentials` are given, as
	 * `sops` does: keys, web identity (`AWS_WEB_IDENTITY_TOKEN_FILE`), profiles, container endpoint, metadata service.
	 */
	readonly environment?: Environment | undefined;
	/** A client of `@aws-sdk/client-kms`, or a function that gives one for each region, role and profile. */
	readonly client?: KmsClientSource | undefined;
	/**
	 * Which keys that files name may be used. By default all that name no role: the region of an ARN leads to hosts
	 * of AWS only, but a role is somebody else's rights. `({ id }) => id.startsWith("arn:aws:kms:eu-west-1:1111…")`.
	 */
	readonly allow?: AllowRef | undefined;
	/** Whether the profile that an entry names (`aws_profile`) is used, with `environment` or `"default"`; by default it is ignored. */
	readonly profiles?: boolean | undefined;
	/** Another endpoint than AWS's for a service and region, such as one in a private network; undefined for AWS's. */
	readonly endpoint?: ((service: "kms" | "sts", region: string) => string | undefined) | undefined;
	readonly useFipsEndpoint?: boolean | undefined;
	readonly useDualstackEndpoint?: boolean | undefined;
	/** Certificates of authorities in PEM, instead of those that Node trusts. */
	readonly ca?: string | Uint8Array | undefined;
	/** A proxy to KMS, STS and SSO. By default that of `environment`, or none. */
	readonly proxy?: string | ProxySettings | undefined;
	/** How often the SDK tries when it is throttled or the network fails, the first time included; 3 by default. */
	readonly maxAttempts?: number | undefined;
	/** Milliseconds for one wrap or unwrap with all its attempts and exchanges of tokens; 60 000 by default. */
	readonly timeoutMs?: number | undefined;
}

const isFunction = (value: unknown): string | undefined =>
	typeof value === "function" ? undefined : "a function";

const CHECKS = {
	credentials: (value: unknown) =>
		value === "default" || typeof value === "function" || exchangeOf(value) || areCredentials(value)
			? undefined
			: 'credentials with accessKeyId and secretAccessKey, a function, webIdentity(…) or "default"',
	environment: isObject,
	client: (value: unknown) =>
		typeof value === "function" || typeof (value as { send?: unknown } | null)?.send === "function"
			? undefined
			: "a client of @aws-sdk/client-kms or a function",
	allow: isFunction,
	profiles: isBoolean,
	endpoint: isFunction,
	useFipsEndpoint: isBoolean,
	useDualstackEndpoint: isBoolean,
	ca: (value: unknown) =>
		typeof value === "string" || value instanceof Uint8Array ? undefined : "certificates in PEM",
	proxy: isProxy,
	maxAttempts: isSize,
	timeoutMs: isSize,
};

/**
 * A provider that acts for keys of AWS KMS: `wrap` is Encrypt and `unwrap` is Decrypt, in the region of the key's
 * ARN. Nothing is read from the process's environment or home folder, unless `environment` or `"default"` asks for
 * it. The SDK is loaded at the first call, and there is one client for each region, role and profile, until
 * `close()`. `enc` is the ciphertext in standard base64.
 *
 * KeyErrors have the outcomes
 * - `refused`: `allow` says no;
 * - `denied`: AWS says no: permissions, expired credentials, a key that is disabled, deleted or elsewhere;
 * - `wrong-key`: another key or another encryption context made `enc`, or it was altered;
 * - `damaged`: `enc` is not base64;
 * - `misconfigured`: no usable credentials, an ARN that is none, a certificate that is not trusted, a closed provider;
 * - `throttled`, `unreachable`, `timeout`: after the attempts of the SDK; try again later;
 * - `aborted`: the caller's signal;
 * - `failed`: anything else, by its name.
 *
 * An entry in a region for which the credentials function gives nothing is *not mine*.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid`, also where nothing says who calls
 */
export function awsKms(options: AwsKmsOptions): KeyProvider {
	const of = "awsKms()";
	checkOptions(of, options ?? {}, CHECKS);
	const { client, environment, allow = withoutRole, profiles = false, timeoutMs = 60_000 } = options ?? {};
	requireCaller(of, options ?? {});
	// A copy: what the variables become later is not what was passed.
	const variables = environment && { ...environment };
	const connection = connectionOf(options, variables, timeoutMs);
	const base = baseCredentials(options, variables, connection);
	const pool = new ClientPool((target) =>
		client === undefined ? ownClient(target, connection, base) : injectedClient(target, client),
	);
	return Object.freeze({
		name: "aws-kms",
		masterKey: (ref: KeyRef) => masterKey(ref, { allow, profiles, timeoutMs, pool }),
		close: () => pool.close(),
	});
}

interface Holder {
	readonly allow: AllowRef;
	readonly profiles: boolean;
	readonly timeoutMs: number;
	readonly pool: ClientPool;
}

const withoutRole: AllowRef = ({ fields }) => fields.role === undefined || fields.role === "";

function masterKey(ref: KeyRef, { allow, profiles, timeoutMs, pool }: Holder): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "kms" || typeof ref.fields?.arn !== "string") return undefined;
	const prepare = async (): Promise<KmsCall> => {
		const target = targetOf(ref, profiles);
		const hint =
			allow === withoutRole
				? "the entry names a role to assume; pass allow: (ref) => … to awsKms() if that is meant"
				: "the function allow says no to this key";
		await requirePermission(allow, ref, hint);
		return {
			arn: String(ref.fields.arn),
			context: contextOf(ref),
			region: target.region,
			pooled: await pool.get(target),
		};
	};
	return Object.freeze({
		ref,
		wrap: (part, call) => limited(call, timeoutMs, async (signal) => wrapBy(await prepare(), part, signal)),
		unwrap: (enc, call) => limited(call, timeoutMs, (signal) => unwrapBy(prepare, enc, signal)),
	} satisfies MasterKey);
}

/** @throws KeyError `misconfigured` */
function targetOf({ fields }: KeyRef, profiles: boolean): KmsTarget {
	const region = requireRegion(String(fields.arn));
	const { role = "", aws_profile: profile = "" } = fields;
	if (typeof role !== "string" || (role !== "" && !isRoleArn(role))) {
		throw new KeyError(
			"misconfigured",
			"the entry's role is not of the form arn:aws:iam::111122223333:role/…",
		);
	}
	return { region, role, profile: profiles && typeof profile === "string" ? profile : "" };
}

/** @throws KeyError `misconfigured` */
function contextOf({ fields: { context = {} } }: KeyRef): Readonly<Record<string, string>> {
	const isMap = typeof context === "object" && context !== null;
	if (isMap && Object.values(context).every((value) => typeof value === "string")) return context;
	throw new KeyError("misconfigured", "the entry's context must be a map of texts");
}

/** @throws UsageError `argument-invalid` */
function requireCaller(of: string, { credentials, environment, client }: AwsKmsOptions): void {
	if (client !== undefined && credentials !== undefined)
		throw new UsageError("argument-invalid", `${of} takes either client or credentials.`);
	if (client === undefined && credentials === undefined && environment === undefined) {
		throw new UsageError(
			"argument-invalid",
			`${of} must be told who calls: credentials, environment: process.env, or client. The SDK's own search is credentials: "default".`,
		);
	}
}

function connectionOf(
	options: AwsKmsOptions,
	environment: Environment | undefined,
	timeoutMs: number,
): Connection {
	const { ca, endpoint, useFipsEndpoint, useDualstackEndpoint, maxAttempts, proxy } = options;
	return {
		endpoint: () => undefined,
		fips: false,
		dualstack: false,
		ca: async () => undefined,
		maxAttempts: 3,
		proxies: undefined,
		...(environment && connectionFrom(environment)),
		...(endpoint && { endpoint }),
		...(useFipsEndpoint !== undefined && { fips: useFipsEndpoint }),
		...(useDualstackEndpoint !== undefined && { dualstack: useDualstackEndpoint }),
		...(ca !== undefined && { ca: async () => ca }),
		...(maxAttempts !== undefined && { maxAttempts }),
		...(proxy !== undefined && { proxies: proxiesOf(proxy) }),
		timeoutMs,
	};
}

function baseCredentials(
	{ credentials }: AwsKmsOptions,
	environment: Environment | undefined,
	connection: Connection,
): BaseCredentials {
	if (typeof credentials === "function") {
		return async ({ region }) => {
			try {
				return await credentials(region);
			} catch {
				// What it threw is of the caller, or of an SDK, and may hold anything.
				throw new KeyError("misconfigured", `the function credentials threw an error for ${region}`);
			}
		};
	}
	if (credentials === "default") {
		return async ({ region, profile }) => {
			const { fromNodeProviderChain } = await loadCredentialProviders();
			const handler = await requestHandler(connection);
			const clientConfig = { requestHandler: handler };
			const chain = fromNodeProviderChain({ clientConfig, ...(profile !== "" && { profile }) } as object);
			// As if a client asked: a region in clientConfig would come before that of an SSO profile.
			const asked = { callerClientConfig: { region: async () => region } };
			return chain(asked).finally(() => handler.destroy());
		};
	}
	const exchange = exchangeOf(credentials);
	if (exchange !== undefined) return (_target, sts) => sts.exchange(exchange);
	if (credentials !== undefined) return async () => credentials as AwsCredentials;
	return ({ profile }, sts) => credentialsFrom(environment ?? {}, profile, sts, connection);
}
