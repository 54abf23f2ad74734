import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeyError } from "@sopskit/core";
import type { Connection } from "./connection.ts";
import { type AwsCredentials, checkedCredentials, sdkIdentity } from "./credentials.ts";
import { loadCredentialProviders } from "./library.ts";
import type { TokenService } from "./token-service.ts";

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables say about the way to the services. An empty one counts for nothing. */
export function connectionFrom(environment: Environment): Partial<Connection> {
	const {
		AWS_ENDPOINT_URL: any,
		AWS_ENDPOINT_URL_KMS: kms,
		AWS_ENDPOINT_URL_STS: sts,
		AWS_CA_BUNDLE: bundle,
	} = environment;
	const attempts = Number(environment.AWS_MAX_ATTEMPTS);
	const ignored = isTrue(environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS);
	return {
		...(!ignored && {
			endpoint: (service) => (service === "kms" ? kms : sts) || any || undefined,
		}),
		fips: isTrue(environment.AWS_USE_FIPS_ENDPOINT),
		dualstack: isTrue(environment.AWS_USE_DUALSTACK_ENDPOINT),
		...(bundle && { ca: () => readNamed("AWS_CA_BUNDLE", bundle) }),
		...(Number.isInteger(attempts) && attempts > 0 && { maxAttempts: attempts }),
	};
}

/**
 * Credentials by the variables, looked for in the order of the Go SDK, which `sops` has: the entry's profile; keys;
 * a web identity token; the profile of `AWS_PROFILE` or `default`; the endpoint of a container; the metadata service
 * of the machine. The files of profiles are those that variables name, or `.aws` in `HOME`.
 *
 * @param profile - the one that the entry names, or an empty text
 * @throws KeyError, and errors of the SDK, of which only the name may be shown
 */
export async function credentialsFrom(
	environment: Environment,
	profile: string,
	region: string,
	sts: TokenService,
): Promise<AwsCredentials> {
	if (profile !== "") return fromProfile(environment, profile, region, sts);
	const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role } = environment;
	const accessKeyId = environment.AWS_ACCESS_KEY_ID || environment.AWS_ACCESS_KEY;
	const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY || environment.AWS_SECRET_KEY;
	if (accessKeyId && secretAccessKey) {
		const sessionToken = environment.AWS_SESSION_TOKEN || undefined;
		return checkedCredentials({ accessKeyId, secretAccessKey, sessionToken });
	}
	if (tokenFile) {
		if (!role) {
			throw new KeyError("misconfigured", "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
		}
		// Read for every exchange: the file is replaced before its token expires.
		const token = (): Promise<string> => readNamed("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile);
		return sts.exchange({ role, token, sessionName: environment.AWS_ROLE_SESSION_NAME });
	}
	const named = environment.AWS_PROFILE || environment.AWS_DEFAULT_PROFILE;
	if (named) return fromProfile(environment, named, region, sts);
	try {
		return await fromProfile(environment, "default", region, sts);
	} catch (thrown) {
		// A profile that is not there, or says nothing about credentials: on to the next source.
		if ((thrown as { tryNextLink?: unknown } | null)?.tryNextLink !== true) throw thrown;
	}
	return fromMachine(environment);
}

async function fromProfile(
	environment: Environment,
	profile: string,
	region: string,
	sts: TokenService,
): Promise<AwsCredentials> {
	const { fromIni } = await loadCredentialProviders();
	const home = environment.HOME || environment.USERPROFILE;
	// An empty path is a file that is not there; without a path the SDK would take the home of the process.
	const inHome = (name: string): string => (home ? join(home, ".aws", name) : "");
	return fromIni({
		profile,
		filepath: environment.AWS_SHARED_CREDENTIALS_FILE || inHome("credentials"),
		configFilepath: environment.AWS_CONFIG_FILE || inHome("config"),
		clientConfig: { region, ignoreConfiguredEndpointUrls: true },
		roleAssumer: (base, { RoleArn = "", RoleSessionName }) =>
			sts.assumeRole(RoleArn, async () => base, RoleSessionName).then(sdkIdentity),
		roleAssumerWithWebIdentity: ({ RoleArn = "", RoleSessionName, WebIdentityToken = "" }) =>
			sts
				.exchange({ role: RoleArn, token: async () => WebIdentityToken, sessionName: RoleSessionName })
				.then(sdkIdentity),
	})();
}

async function fromMachine(environment: Environment): Promise<AwsCredentials> {
	const { fromHttp, fromInstanceMetadata } = await loadCredentialProviders();
	const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? "";
	const full = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "";
	if (relative !== "" || full !== "") {
		const tokenFile = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ?? "";
		// Texts for all four, for the SDK takes from the process what is not given; one of a pair, or it warns.
		return fromHttp({
			awsContainerCredentialsRelativeUri: relative,
			awsContainerCredentialsFullUri: relative === "" ? full : "",
			awsContainerAuthorizationTokenFile: tokenFile,
			awsContainerAuthorizationToken:
				tokenFile === "" ? (environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? "") : "",
		})();
	}
	if (isTrue(environment.AWS_EC2_METADATA_DISABLED)) {
		throw new KeyError(
			"misconfigured",
			"no AWS credentials in the environment: no keys, web identity, profile or container endpoint, and the metadata service is switched off",
		);
	}
	return fromInstanceMetadata({ timeout: 1000, maxRetries: 2 })();
}

function isTrue(value: string | undefined): boolean {
	return value?.toLowerCase() === "true";
}

/** @throws KeyError `misconfigured`, without the path: a secret in the place of a path should not get into a log */
async function readNamed(variable: string, path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (thrown) {
		const code = (thrown as { code?: unknown } | null)?.code;
		const reason = typeof code === "string" && /^[A-Z]{2,20}$/.test(code) ? code : "unknown error";
		throw new KeyError("misconfigured", `${variable}: the file it names cannot be read (${reason})`);
	}
}
