import { generateKeyPairSync, randomBytes } from "node:crypto";
import { refusal } from "./gcp-keys.ts";
import { readToken } from "./json-web-token.ts";
import { type Call, Refusal } from "./service-call.ts";

const ACCOUNT = "sopskit@sopskit.iam.gserviceaccount.com";
const POOL =
	"//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/sopskit/providers/sopskit";

/** Where a subject token comes from, beside a file. */
const AWS = {
	environment_id: "aws1",
	regional_cred_verification_url:
		"https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
};

/** Who has a token, and the services that give tokens: Google's, a metadata server, and those of other clouds. */
export class GcpTokens {
	/** Good tokens, by who got them. Tests may add their own. */
	readonly good: Map<string, string> = new Map();
	/** All tokens that were ever given, for the search in errors. */
	readonly issued: string[] = [];
	/** A token whose owner may do nothing. */
	readonly noRights = "no-rights";
	/** Tokens of a workload's issuer that are exchanged; tests add what they issue. */
	readonly subjectTokens: Set<string> = new Set();
	/** An AWS identity whose signed requests are exchanged. */
	readonly aws = {
		AccessKeyId: "AKIAWORKLOAD",
		SecretAccessKey: "aws-secret-key",
		Token: "aws-session-token",
	};
	readonly #account = generateKeyPairSync("rsa", { modulusLength: 2048 });
	/** Its own address, without TLS. */
	readonly #url: () => string;

	constructor(url: () => string) {
		this.#url = url;
	}

	/** Makes a token that is good until it is taken out of {@link good}. */
	issue(owner: string): string {
		const token = `ya29.${randomBytes(48).toString("base64url")}`;
		this.good.set(token, owner);
		this.issued.push(token);
		return token;
	}

	/** Credentials of a service account. */
	get serviceAccount() {
		return {
			type: "service_account",
			project_id: "sopskit",
			private_key_id: "1",
			private_key: this.#account.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
			client_email: ACCOUNT,
			client_id: "1",
			token_uri: `${this.#url()}/token`,
		};
	}

	/** Credentials of a user, as gcloud writes them. */
	get authorizedUser() {
		return {
			type: "authorized_user",
			client_id: "client",
			client_secret: "client-secret",
			refresh_token: "refresh-token",
		};
	}

	/** Workload identity federation: the token is in a file; with impersonation, a service account's token is asked for. */
	externalAccount(source: string | object, impersonation = false) {
		return {
			type: "external_account",
			audience: POOL,
			subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
			token_url: `${this.#url()}/v1/token`,
			credential_source: typeof source === "string" ? { file: source } : source,
			...(impersonation && {
				service_account_impersonation_url: `${this.#url()}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
			}),
		};
	}

	/** The same for a workload at AWS; with `machine`, its identity comes from the metadata service of its machine. */
	awsAccount(machine: boolean) {
		const url = `${this.#url()}/latest`;
		const places = {
			region_url: `${url}/meta-data/placement/availability-zone`,
			url: `${url}/meta-data/iam/security-credentials`,
			imdsv2_session_token_url: `${url}/api/token`,
		};
		return {
			...this.externalAccount({ ...AWS, ...(machine && places) }),
			subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
		};
	}

	/** A service account that another one acts as, as `gcloud auth application-default login` writes it. */
	impersonated(source: object, universe = "googleapis.com") {
		return {
			type: "impersonated_service_account",
			service_account_impersonation_url: `https://iamcredentials.${universe}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
			source_credentials: source,
			delegates: [],
		};
	}

	/** What a service for tokens answers; undefined for what is no call to one. */
	answer(call: Call): object | string | undefined {
		const { path, headers } = call;
		if (path === "/token" || path === "/v1/token" || path.endsWith(":generateAccessToken"))
			return this.#grant(call);
		if (path.startsWith("/computeMetadata/")) {
			if (headers["metadata-flavor"] !== "Google")
				throw new Refusal(403, "forbidden", "Missing Metadata-Flavor");
			if (path.endsWith("/universe-domain")) return "googleapis.com";
			return path.endsWith("/token") ? this.#granted("metadata") : {};
		}
		if (path === "/subject-token") {
			if (headers["x-issuer"] !== "sopskit") throw new Refusal(403, "forbidden", "Missing X-Issuer");
			return { id_token: [...this.subjectTokens].at(-1) };
		}
		return path.startsWith("/latest/") ? this.#machineAtAws(call) : undefined;
	}

	#machineAtAws({ method, path, headers }: Call): object | string {
		if (path === "/latest/api/token" && method === "PUT") return "imds-session";
		if (headers["x-aws-ec2-metadata-token"] !== "imds-session")
			throw new Refusal(401, "unauthorized", "Missing session token");
		if (path.endsWith("/availability-zone")) return "eu-west-1b";
		return path.endsWith("/security-credentials") ? "role" : this.aws;
	}

	#granted(owner: string) {
		return { access_token: this.issue(owner), expires_in: 3599, token_type: "Bearer" };
	}

	#grant({ path, body, headers }: Call): object {
		const form = body as Readonly<Record<string, string | undefined>>;
		try {
			if (path.endsWith(":generateAccessToken")) {
				this.check(headers.authorization ?? "");
				return {
					accessToken: this.issue(ACCOUNT),
					expireTime: new Date(Date.now() + 3_599_000).toISOString(),
				};
			}
			if (path === "/v1/token") {
				if (form.subject_token_type?.includes(":aws:")) this.#checkAwsRequest(form.subject_token ?? "");
				else if (!this.subjectTokens.has(form.subject_token ?? "")) throw new Error("subject token");
				if (form.audience !== POOL) throw new Error("audience");
				const issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
				return { ...this.#granted("workload"), issued_token_type };
			}
			if (form.grant_type === "refresh_token") {
				const isUser = form.refresh_token === "refresh-token" && form.client_secret === "client-secret";
				if (!isUser) throw new Error("refresh token");
				return this.#granted("user");
			}
			const claims = readToken(form.assertion ?? "", this.#account.publicKey, { iss: ACCOUNT });
			// The Node library asks at Google's own address, whatever the credentials say.
			const own = [`${this.#url()}/token`, "https://oauth2.googleapis.com/token"];
			if (!own.includes(String(claims.aud))) throw new Error("aud");
			return this.#granted(ACCOUNT);
		} catch (error) {
			if (error instanceof Refusal) throw error;
			throw new Refusal(400, "invalid_grant", `Invalid grant: ${(error as Error).message}.`);
		}
	}

	/** That it looks as if the AWS identity signed it; the signature itself is not computed anew. */
	#checkAwsRequest(text: string): void {
		const { url, method, headers } = JSON.parse(decodeURIComponent(text)) as {
			url: string;
			method: string;
			headers: { key: string; value: string }[];
		};
		const named = Object.fromEntries(headers.map(({ key, value }) => [key.toLowerCase(), value]));
		const region = /^https:\/\/sts\.([a-z0-9-]+)\.amazonaws\.com/.exec(url)?.[1];
		const scope = new RegExp(`Credential=${this.aws.AccessKeyId}/[0-9]{8}/${region}/sts/aws4_request`);
		if (method !== "POST" || !scope.test(named.authorization ?? "")) throw new Error("AWS signature");
		if (named["x-amz-security-token"] !== this.aws.Token) throw new Error("AWS session");
		if (named["x-goog-cloud-target-resource"] !== POOL) throw new Error("AWS target");
	}

	/** @throws Refusal for a token that is not good */
	check(authorization: string): void {
		const token = authorization.replace(/^Bearer /i, "");
		if (token === this.noRights)
			throw refusal("PERMISSION_DENIED", "Permission denied on resource (or it may not exist).");
		if (this.good.has(token)) return;
		try {
			// A service account may sign a token by itself.
			const claims = readToken(token, this.#account.publicKey, { iss: ACCOUNT, sub: ACCOUNT });
			if (
				String(claims.scope ?? claims.aud).includes("cloudkms") ||
				String(claims.scope).includes("cloud-platform")
			)
				return;
		} catch {
			// Refused below.
		}
		throw refusal("UNAUTHENTICATED", "Request had invalid authentication credentials.");
	}
}
