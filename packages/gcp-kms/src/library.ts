/** The parts of the SDK that this package uses. */
export type KmsLibrary = Pick<typeof import("@google-cloud/kms"), "KeyManagementServiceClient">;
export type GaxLibrary = Pick<typeof import("google-gax"), "grpc">;
export type AuthLibrary = Pick<
	typeof import("google-auth-library"),
	"GoogleAuth" | "Impersonated" | "OAuth2Client" | "gaxios"
>;
export type ProxyLibrary = Pick<typeof import("https-proxy-agent"), "HttpsProxyAgent">;

// Loaded on first use: the client with gRPC takes some 500 ms, which a program that only names keys, or that asks over
// REST, should not pay. What is loaded is kept by the runtime.

export const loadKms = (): Promise<KmsLibrary> => import("@google-cloud/kms");

export const loadGax = (): Promise<GaxLibrary> => import("google-gax");

export const loadAuth = (): Promise<AuthLibrary> => import("google-auth-library");

export const loadProxy = (): Promise<ProxyLibrary> => import("https-proxy-agent");

export const loadChecksum = (): Promise<Pick<typeof import("@aws-crypto/crc32c"), "crc32c">> =>
	import("@aws-crypto/crc32c");

/** The `fetch` that the authentication library has, because the one of Node knows no agents. */
export const loadFetch = async (): Promise<typeof fetch> =>
	(await import("node-fetch")).default as unknown as typeof fetch;
