/** The parts of the SDK that this package uses. */
export type PipelineLibrary = Pick<
	typeof import("@azure/core-rest-pipeline"),
	| "bearerTokenAuthenticationPolicy"
	| "createDefaultHttpClient"
	| "createEmptyPipeline"
	| "createHttpHeaders"
	| "createPipelineRequest"
	| "defaultRetryPolicy"
>;
export type IdentityLibrary = Pick<
	typeof import("@azure/identity"),
	| "AzureCliCredential"
	| "ChainedTokenCredential"
	| "ClientAssertionCredential"
	| "ClientCertificateCredential"
	| "ClientSecretCredential"
	| "DefaultAzureCredential"
	| "ManagedIdentityCredential"
>;
export type PfxLibrary = { readonly default: Pick<typeof import("node-forge"), "asn1" | "pkcs12" | "pki"> };
export type ProxyLibrary = Pick<typeof import("https-proxy-agent"), "HttpsProxyAgent">;

// Loaded on first use: identity takes some 300 ms, which a program that only names keys, or brings its own tokens,
// should not pay. What is loaded is kept by the runtime.

export const loadPipeline = (): Promise<PipelineLibrary> => import("@azure/core-rest-pipeline");

export const loadIdentity = (): Promise<IdentityLibrary> => import("@azure/identity");

export const loadPfx = (): Promise<PfxLibrary> => import("node-forge");

export const loadProxy = (): Promise<ProxyLibrary> => import("https-proxy-agent");
