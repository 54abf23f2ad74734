import { KeyError } from "@sopskit/core";
import type { AwsCredentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { loadCredentialProviders } from "./library.ts";

/** Credentials that the machine gives: those of a container's endpoint, or else of the metadata service. */
export async function fromMachine(environment: Environment): Promise<AwsCredentials> {
	const given = await fromContainer(environment);
	if (given !== undefined) return given;
	if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") {
		throw new KeyError(
			"misconfigured",
			"no AWS credentials in the environment: no keys, web identity, profile or container endpoint, and the metadata service is switched off",
		);
	}
	return fromMetadata();
}

/** ECS and EKS pod identity; undefined where no variable names an endpoint. */
export async function fromContainer(environment: Environment): Promise<AwsCredentials | undefined> {
	const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? "";
	const full = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "";
	if (relative === "" && full === "") return undefined;
	const { fromHttp } = await loadCredentialProviders();
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

/** The role of an EC2 instance. */
export async function fromMetadata(): Promise<AwsCredentials> {
	const { fromInstanceMetadata } = await loadCredentialProviders();
	return fromInstanceMetadata({ timeout: 1000, maxRetries: 2 })();
}
