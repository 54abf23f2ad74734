import { type Finding, UsageError } from "@sopskit/core";
import { isProxy, type Proxies, proxiesFrom } from "@sopskit/core/network";
import { type ChainLink, type CredentialChain, chainOf, isAuthority } from "./credentials.ts";

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables say. */
export interface AzureEnvironment {
	readonly credentials: CredentialChain;
	readonly proxies: Proxies | undefined;
	readonly findings: readonly Finding[];
}

type Kind = "environment" | "workload" | "managed" | "cli";

/** What `AZURE_TOKEN_CREDENTIALS` may say, as the SDKs for Go and JavaScript understand it. */
const SELECTIONS: Readonly<Record<string, readonly Kind[]>> = {
	prod: ["environment", "workload", "managed"],
	dev: ["cli"],
	environmentcredential: ["environment"],
	workloadidentitycredential: ["workload"],
	managedidentitycredential: ["managed"],
	azureclicredential: ["cli"],
};

/**
 * What in an environment for `azureKeyvault({ environment })` cannot be used, or is read by nothing any more, such as
 * `AZURE_AUTH_METHOD`. Findings hold no value of a variable.
 */
export function azureEnvironmentFindings(environment: Environment): readonly Finding[] {
	if (typeof environment !== "object" || environment === null)
		throw new UsageError(
			"argument-invalid",
			"azureEnvironmentFindings() takes the environment to look at, such as process.env.",
		);
	return readEnvironment(environment).findings;
}

/**
 * Credentials as `sops` 3.13.3 finds them, which is how the SDK's default chain does: a service principal with a secret
 * or a certificate, workload identity, managed identity, and then the program `az`. Where a machine's managed identity
 * is asked for, and how `az` is found, the SDK reads from the process's own environment. `azd`, PowerShell and the like
 * are left to `credentials: "default"`.
 */
export function readEnvironment(environment: Environment): AzureEnvironment {
	const findings: Finding[] = [];
	const unusable = (message: string): void => void findings.push({ code: "source-unusable", message });
	if (environment.AZURE_AUTH_METHOD)
		unusable(
			"AZURE_AUTH_METHOD is set, and nothing reads it any more: managed identity, workload identity and service principals are told apart by their own variables",
		);

	const selection = environment.AZURE_TOKEN_CREDENTIALS?.trim().toLowerCase() ?? "";
	if (environment.AZURE_AUTHORITY_HOST && isAuthority(environment.AZURE_AUTHORITY_HOST) !== undefined)
		unusable(
			"AZURE_AUTHORITY_HOST is not a URL such as https://login.microsoftonline.us; no service principal and no workload identity is used",
		);
	if (environment.AZURE_USERNAME && !environment.AZURE_CLIENT_SECRET)
		unusable("AZURE_USERNAME is set: signing in with a user's password is not supported");
	const kinds = selection === "" ? [...SELECTIONS.prod!, "cli" as const] : (SELECTIONS[selection] ?? []);
	if (kinds.length === 0)
		unusable("AZURE_TOKEN_CREDENTIALS names credentials that are not supported; no credentials are used");
	const links: Readonly<Record<Kind, () => ChainLink | undefined>> = {
		environment: () => servicePrincipal(environment),
		workload: () => workloadIdentity(environment),
		managed: () => {
			const { AZURE_CLIENT_ID: clientId } = environment;
			// Asked for by name, it is there: no short look first.
			if (kinds.length === 1) return { managedIdentity: clientId ? { clientId } : true };
			return { managedIdentityIfThere: clientId ? { clientId } : {} };
		},
		cli: () => ({ azureCli: true }),
	};
	const chain = kinds.map((kind) => links[kind]()).filter((link) => link !== undefined);
	const proxies = proxiesFrom(environment);
	if (proxies?.https && isProxy(proxies.https) !== undefined)
		unusable("HTTPS_PROXY is not the URL of a proxy over HTTP; no request goes around it");
	return { credentials: chainOf(chain), proxies, findings };
}

function application(environment: Environment) {
	const {
		AZURE_TENANT_ID: tenantId,
		AZURE_CLIENT_ID: clientId,
		AZURE_AUTHORITY_HOST: authorityHost,
	} = environment;
	if (!tenantId || !clientId || (authorityHost && isAuthority(authorityHost) !== undefined)) return undefined;
	return { tenantId, clientId, ...(authorityHost && { authorityHost }) };
}

function servicePrincipal(environment: Environment): ChainLink | undefined {
	const known = application(environment);
	if (known === undefined) return undefined;
	const { AZURE_CLIENT_SECRET: clientSecret, AZURE_CLIENT_CERTIFICATE_PATH: path } = environment;
	if (clientSecret) return { ...known, clientSecret };
	if (!path) return undefined;
	const password = environment.AZURE_CLIENT_CERTIFICATE_PASSWORD;
	const chain = (environment.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? "").toLowerCase();
	return {
		...known,
		clientCertificatePath: path,
		...(password && { clientCertificatePassword: password }),
		clientCertificateSendChain: chain === "true" || chain === "1",
	};
}

function workloadIdentity(environment: Environment): ChainLink | undefined {
	const known = application(environment);
	const { AZURE_FEDERATED_TOKEN_FILE: tokenFile } = environment;
	return known === undefined || !tokenFile ? undefined : { ...known, tokenFile };
}
