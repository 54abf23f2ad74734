import { KeyError } from "@sopskit/core";
import type { AwsSecurityCredentialsSupplier } from "google-auth-library";

type Context = Parameters<AwsSecurityCredentialsSupplier["getAwsRegion"]>[0];

/**
 * Who a workload at AWS is, for federation: from the variables that were passed, or else from the metadata service of its
 * machine at the addresses of the credentials, in the order of the reference's library (cloud.google.com/go/auth 0.22.0,
 * credentials/internal/externalaccount/aws_provider.go).
 */
export function awsIdentity(
	source: Readonly<Record<string, unknown>>,
	environment: Readonly<Record<string, string | undefined>>,
): AwsSecurityCredentialsSupplier {
	const ask = async <T>({ transporter }: Context, url: unknown): Promise<T> => {
		if (typeof url !== "string" || url === "")
			throw new KeyError(
				"misconfigured",
				"there is no identity of AWS: the environment that was passed has none, and the credentials name no metadata service",
			);
		const session = source.imdsv2_session_token_url;
		const headers: Record<string, string> = {};
		if (typeof session === "string") {
			const life = { "x-aws-ec2-metadata-token-ttl-seconds": "300" };
			const { data } = await transporter.request<string>({ url: session, method: "PUT", headers: life });
			headers["x-aws-ec2-metadata-token"] = data;
		}
		return (await transporter.request<T>({ url, method: "GET", headers })).data;
	};
	return {
		async getAwsRegion(context) {
			const named = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
			if (named) return named;
			// The zone: the region and a letter.
			return String(await ask<string>(context, source.region_url)).slice(0, -1);
		},
		async getAwsSecurityCredentials(context) {
			const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
			if (id && secret) return { accessKeyId: id, secretAccessKey: secret, ...(token && { token }) };
			const role = await ask<string>(context, source.url);
			const found = await ask<Record<string, string>>(context, `${source.url}/${role}`);
			if (!found.AccessKeyId || !found.SecretAccessKey)
				throw new KeyError("misconfigured", "the metadata service of AWS gave no credentials");
			return {
				accessKeyId: found.AccessKeyId,
				secretAccessKey: found.SecretAccessKey,
				...(found.Token && { token: found.Token }),
			};
		},
	};
}
