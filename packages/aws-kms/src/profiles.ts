import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeyError } from "@sopskit/core";
import { type Connection, requestHandler } from "./connection.ts";
import { type AwsCredentials, checkedCredentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { loadCredentialProviders, loadProfiles } from "./library.ts";
import { fromContainer, fromMachine, fromMetadata } from "./machine.ts";
import type { TokenService } from "./token-service.ts";

/** What profiles refer to. */
export interface ProfileSources {
	readonly environment: Environment;
	/** The keys that the variables hold. */
	readonly keys: AwsCredentials | undefined;
	readonly sts: TokenService;
	readonly connection: Connection;
}

type Profile = Readonly<Record<string, string | undefined>>;

/** Shorter ones are not asked for, as in the Go SDK. */
const SHORTEST_SESSION = 900;

/**
 * Credentials of a profile, with the order and the meaning of the Go SDK, which `sops` has
 * (config/resolve_credentials.go): those of another profile, keys, a named source, a web identity, SSO, a login, a
 * process, or else what the machine gives; and then the role. `fromIni()` of this SDK would take what a profile
 * refers to from the environment of the process. See docs/decisions/0029-aws-profiles.md.
 *
 * @param name - undefined: `default`, which need not be there
 * @throws KeyError, and errors of the SDK, of which only the name may be shown
 */
export async function fromProfile(
	name: string | undefined,
	sources: ProfileSources,
): Promise<AwsCredentials> {
	const files = filesOf(sources.environment);
	const { parseKnownFiles } = await loadProfiles();
	// Without the cache: programs write new credentials into these files.
	const profiles = await parseKnownFiles({ ...files, ignoreCache: true });
	if (name === undefined && profiles.default === undefined) return fromMachine(sources.environment);
	return resolve(name ?? "default", { ...sources, files, profiles }, []);
}

interface Files {
	readonly filepath: string;
	readonly configFilepath: string;
}

interface Resolving extends ProfileSources {
	readonly files: Files;
	readonly profiles: Readonly<Record<string, Profile>>;
}

/** Those that variables name, or `.aws` in `HOME`. */
function filesOf(environment: Environment): Files {
	const home = environment.HOME || environment.USERPROFILE;
	// An empty path is a file that is not there; without a path the SDK would take the home of the process.
	const inHome = (name: string): string => (home ? join(home, ".aws", name) : "");
	return {
		filepath: environment.AWS_SHARED_CREDENTIALS_FILE || inHome("credentials"),
		configFilepath: environment.AWS_CONFIG_FILE || inHome("config"),
	};
}

async function resolve(name: string, of: Resolving, seen: readonly string[]): Promise<AwsCredentials> {
	const profile = Object.hasOwn(of.profiles, name) ? of.profiles[name] : undefined;
	if (profile === undefined) throw new KeyError("misconfigured", "the AWS profile is in none of the files");
	// A profile may be its own source: the second time, only its credentials count.
	const again = seen.includes(name);
	const { role_arn: role, web_identity_token_file: tokenFile, mfa_serial: mfa } = profile;
	if (!again && mfa && role) {
		throw new KeyError(
			"misconfigured",
			"the role of the AWS profile asks for a code of MFA; use credentials of a session that has given it",
		);
	}
	const base = (): Promise<AwsCredentials> => baseOf(name, profile, of, seen);
	if (again || !role) return base();
	const isByToken = tokenFile && !profile.source_profile && !profile.credential_source && !hasKeys(profile);
	if (isByToken) {
		return of.sts.exchange({
			role,
			token: () => readToken(tokenFile),
			sessionName: profile.role_session_name,
		});
	}
	const given = await base();
	const seconds = /^\d{3,6}$/.test(profile.duration_seconds ?? "") ? Number(profile.duration_seconds) : 0;
	return of.sts.assumeRole(role, async () => given, {
		sessionName: profile.role_session_name,
		externalId: profile.external_id,
		seconds: Math.max(seconds, SHORTEST_SESSION),
	});
}

async function baseOf(
	name: string,
	profile: Profile,
	of: Resolving,
	seen: readonly string[],
): Promise<AwsCredentials> {
	const { source_profile: source, credential_source: named } = profile;
	if (source && !seen.includes(name)) return resolve(source, of, [...seen, name]);
	if (hasKeys(profile)) {
		return checkedCredentials({
			accessKeyId: profile.aws_access_key_id!,
			secretAccessKey: profile.aws_secret_access_key!,
			sessionToken: profile.aws_session_token || undefined,
		});
	}
	if (named) return fromNamedSource(named, of);
	const isOfSdk = Object.keys(profile).some((key) =>
		/^(?:sso_|login_session$|credential_process$)/.test(key),
	);
	if (!isOfSdk) return fromMachine(of.environment);
	const { fromIni } = await loadCredentialProviders();
	const handler = await requestHandler(of.connection);
	// No region: that of SSO stands in the profile, and this one would come before it.
	const clientConfig = { requestHandler: handler, ignoreConfiguredEndpointUrls: true };
	try {
		return await fromIni({ profile: name, ...of.files, ignoreCache: true, clientConfig } as object)();
	} finally {
		handler.destroy();
	}
}

async function fromNamedSource(source: string, { environment, keys }: Resolving): Promise<AwsCredentials> {
	const given =
		source === "Environment"
			? keys
			: source === "EcsContainer"
				? await fromContainer(environment)
				: source === "Ec2InstanceMetadata"
					? await fromMetadata()
					: undefined;
	if (given !== undefined) return given;
	throw new KeyError(
		"misconfigured",
		"credential_source of the AWS profile names Environment, EcsContainer or Ec2InstanceMetadata, and there is nothing there",
	);
}

function hasKeys(profile: Profile): boolean {
	return Boolean(profile.aws_access_key_id && profile.aws_secret_access_key);
}

/** @throws KeyError `misconfigured`, without the path */
async function readToken(path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch {
		throw new KeyError("misconfigured", "web_identity_token_file of the AWS profile cannot be read");
	}
}
