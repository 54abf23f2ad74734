import { UsageError } from "@sopskit/core";
import { checkOptions, isText } from "@sopskit/core/provider";
import { isRoleArn } from "./arn.ts";

/** A Kubernetes service account, or as much of it as is needed: `kubectl get serviceaccount … -o json`. */
export interface ServiceAccount {
	readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | undefined } | undefined;
}

/** What {@link webIdentity} takes. */
export interface WebIdentityOptions {
	/** The role to assume: its ARN. */
	readonly role?: string | undefined;
	/** Instead of `role`: a service account whose annotation `eks.amazonaws.com/role-arn` names the role. */
	readonly serviceAccount?: ServiceAccount | undefined;
	/**
	 * The token of the web identity, of which the role's trust policy knows the issuer; for a service account one with
	 * the audience `sts.amazonaws.com`. A function is called for every exchange, since tokens expire.
	 */
	readonly token: string | (() => string | Promise<string>);
	/** As it appears in AWS's logs; by default the name that `sops` uses. */
	readonly sessionName?: string | undefined;
}

const BRAND: unique symbol = Symbol("web identity") as never;

/** Made by {@link webIdentity}. Shows nothing of what is in it. */
export interface WebIdentity {
	readonly [BRAND]: true;
}

/** What is in a {@link WebIdentity}. */
export interface WebIdentityExchange {
	readonly role: string;
	readonly token: () => Promise<string>;
	readonly sessionName?: string | undefined;
}

const EXCHANGES = new WeakMap<object, WebIdentityExchange>();
const ANNOTATION = "eks.amazonaws.com/role-arn";

/**
 * Credentials by a token: STS in the key's region exchanges it for those of a role (`AssumeRoleWithWebIdentity`), as
 * IRSA does in a pod. For `awsKms({ credentials: webIdentity({ … }) })`.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid` without the ARN of a role or without a token
 */
export function webIdentity(options: WebIdentityOptions): WebIdentity {
	const of = "webIdentity()";
	checkOptions(of, options, {
		role: isText,
		serviceAccount: (value) =>
			typeof value === "object" && value !== null ? undefined : "a service account",
		token: (value) =>
			typeof value === "string" || typeof value === "function" ? undefined : "a token or a function",
		sessionName: isText,
	});
	const { token, sessionName } = options;
	const role = options.role ?? options.serviceAccount?.metadata?.annotations?.[ANNOTATION];
	if (typeof role !== "string" || !isRoleArn(role)) {
		throw new UsageError(
			"argument-invalid",
			`${of} needs a role such as arn:aws:iam::111122223333:role/name, or a service account with the annotation ${ANNOTATION}.`,
		);
	}
	if (token === undefined || token === "")
		throw new UsageError("argument-invalid", `${of} needs a token, or a function that gives one.`);
	const identity: WebIdentity = Object.freeze({ [BRAND]: true as const });
	EXCHANGES.set(identity, {
		role,
		token: async () => (typeof token === "function" ? token() : token),
		sessionName,
	});
	return identity;
}

/** What a {@link WebIdentity} stands for; undefined for anything else. */
export function exchangeOf(value: unknown): WebIdentityExchange | undefined {
	return typeof value === "object" && value !== null ? EXCHANGES.get(value) : undefined;
}
