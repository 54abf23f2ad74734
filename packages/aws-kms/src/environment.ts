import { readFile } from "node:fs/promises";
import { KeyError } from "@sopskit/core";
import { proxiesFrom } from "@sopskit/core/network";
import type { Connection } from "./connection.ts";
import { type AwsCredentials, checkedCredentials } from "./credentials.ts";
import { fromProfile } from "./profiles.ts";
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
		proxies: proxiesFrom(environment),
		...(Number.isInteger(attempts) && attempts > 0 && { maxAttempts: attempts }),
	};
}

/**
 * Credentials by the variables, looked for in the order of the Go SDK, which `sops` has: the entry's profile; keys;
 * a web identity token; the profile of `AWS_PROFILE` or `default`; the endpoint of a container; the metadata service
 * of the machine.
 *
 * @param profile - the one that the entry names, or an empty text
 * @throws KeyError, and errors of the SDK, of which only the name may be shown
 */
export async function credentialsFrom(
	environment: Environment,
	profile: string,
	sts: TokenService,
	connection: Connection,
): Promise<AwsCredentials> {
	const keys = keysFrom(environment);
	const sources = { environment, keys, sts, connection };
	if (profile !== "") return fromProfile(profile, sources);
	if (keys !== undefined) return keys;
	const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role } = environment;
	if (tokenFile) {
		if (!role) {
			throw new KeyError("misconfigured", "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
		}
		// Read for every exchange: the file is replaced before its token expires.
		const token = (): Promise<string> => readNamed("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile);
		return sts.exchange({ role, token, sessionName: environment.AWS_ROLE_SESSION_NAME });
	}
	return fromProfile(environment.AWS_PROFILE || environment.AWS_DEFAULT_PROFILE || undefined, sources);
}

function keysFrom(environment: Environment): AwsCredentials | undefined {
	const accessKeyId = environment.AWS_ACCESS_KEY_ID || environment.AWS_ACCESS_KEY;
	const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY || environment.AWS_SECRET_KEY;
	if (!accessKeyId || !secretAccessKey) return undefined;
	const sessionToken = environment.AWS_SESSION_TOKEN || undefined;
	return checkedCredentials({ accessKeyId, secretAccessKey, sessionToken });
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
