/** The parts of the SDK that this package uses. */
export type KmsLibrary = Pick<
	typeof import("@aws-sdk/client-kms"),
	"DecryptCommand" | "EncryptCommand" | "KMSClient"
>;
export type StsLibrary = Pick<
	typeof import("@aws-sdk/client-sts"),
	"AssumeRoleCommand" | "AssumeRoleWithWebIdentityCommand" | "STSClient"
>;
export type CredentialLibrary = Pick<
	typeof import("@aws-sdk/credential-providers"),
	"fromHttp" | "fromIni" | "fromInstanceMetadata" | "fromNodeProviderChain"
>;
export type ProfileLibrary = Pick<typeof import("@smithy/core/config"), "parseKnownFiles">;
export type HandlerLibrary = Pick<typeof import("@smithy/node-http-handler"), "NodeHttpHandler">;

// Loaded on first use: the clients take some 100 ms together, which a program that only names keys should not pay.
// What is loaded is kept by the runtime.

export const loadKms = (): Promise<KmsLibrary> => import("@aws-sdk/client-kms");

export const loadSts = (): Promise<StsLibrary> => import("@aws-sdk/client-sts");

export const loadCredentialProviders = (): Promise<CredentialLibrary> =>
	import("@aws-sdk/credential-providers");

export const loadProfiles = (): Promise<ProfileLibrary> => import("@smithy/core/config");

export const loadHandler = (): Promise<HandlerLibrary> => import("@smithy/node-http-handler");

export const loadProxy = (): Promise<Pick<typeof import("https-proxy-agent"), "HttpsProxyAgent">> =>
	import("https-proxy-agent");
