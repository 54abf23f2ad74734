import { KeyError } from "@sopskit/core";
import type { AuthClient } from "google-auth-library";
import type { AuthLibrary } from "./library.ts";

/** Where machines of Google have it. */
const ADDRESS = "169.254.169.254";

/**
 * Tokens of the machine's metadata server. Not with the library's `Compute`: that reads its address from the process,
 * follows the process's proxies, and writes tokens into the log that `GOOGLE_SDK_NODE_LOGGING` switches on.
 *
 * @param host - of the server, with a port; undefined for that of machines of Google, which may not be there
 */
export function metadataClient(
	{ OAuth2Client }: AuthLibrary,
	options: object,
	scope: string,
	host: string | undefined,
): AuthClient {
	const client = new OAuth2Client(options as never);
	client.refreshHandler = async () => {
		const response = await client.transporter
			.request<{ access_token?: unknown; expires_in?: unknown }>({
				url: `http://${host ?? ADDRESS}/computeMetadata/v1/instance/service-accounts/default/token`,
				params: { scopes: scope },
				headers: { "metadata-flavor": "Google" },
				responseType: "json",
				// Elsewhere than at Google nobody answers at this address, and who waits should be told so soon.
				...(host === undefined && { timeout: 3000 }),
				retryConfig: { retry: 2, noResponseRetries: host === undefined ? 1 : 3, httpMethodsToRetry: ["GET"] },
			})
			.catch((error: unknown) => {
				const { response: answer } = error as { response?: { headers: Headers } };
				if (isFromServer(answer) || (answer === undefined && host !== undefined)) throw error;
				throw nobody();
			});
		if (!isFromServer(response)) throw nobody();
		const { access_token: token, expires_in: seconds } = response.data ?? {};
		if (typeof token !== "string" || typeof seconds !== "number")
			throw new KeyError("failed", "the metadata server gave no token");
		return { access_token: token, expiry_date: Date.now() + seconds * 1000 };
	};
	return client;
}

/** Whether it is the metadata server that answered, and not whoever has its address here. */
function isFromServer(response: { readonly headers: Headers } | undefined): boolean {
	return response?.headers.get("metadata-flavor") === "Google";
}

function nobody(): KeyError {
	return new KeyError(
		"misconfigured",
		"no credentials for Google Cloud were found: the environment that was passed names none, gcloud has no file in its home, and no metadata server answers",
	);
}
