import { KeyError, UsageError } from "@sopskit/core";
import { checkOptions, isText } from "@sopskit/core/provider";

/**
 * Gives the token for an address, or undefined where there is none. It is called for every wrap and unwrap, so that
 * tokens may expire; keep yours as long as it lasts.
 */
export type VaultTokenSource = (address: string) => string | undefined | Promise<string | undefined>;

const BRAND: unique symbol = Symbol("vault login") as never;

/** Made by {@link kubernetesLogin} or {@link appRoleLogin}. Shows nothing of what is in it. */
export interface VaultLogin {
	readonly [BRAND]: true;
}

/** A login: where, and with what. */
export interface LoginRequest {
	readonly path: string;
	readonly body: (address: string) => Promise<object>;
	readonly what: string;
}

const REQUESTS = new WeakMap<object, LoginRequest>();

/** Text, or a function that is called for every login with the address of the server. */
type Given = string | ((address: string) => string | Promise<string>);

const isGiven = (value: unknown): string | undefined =>
	(typeof value === "string" && value !== "") || typeof value === "function"
		? undefined
		: "a text or a function";

/**
 * Logs in with the token of a Kubernetes service account; for `hcVault({ token: kubernetesLogin({ … }) })`. The token
 * that Vault gives is kept until its lease ends.
 *
 * @param options - `role`: the role of the auth method; `jwt`: the service account's token, of which the function form
 * is called for every login and gets the address, which is the audience that Vault expects in many set-ups; `mount`:
 * where the auth method is, `kubernetes` by default
 * @throws UsageError `option-unknown`, `argument-invalid`
 */
export function kubernetesLogin(options: {
	readonly role: string;
	readonly jwt: Given;
	readonly mount?: string | undefined;
}): VaultLogin {
	const of = "kubernetesLogin()";
	checkOptions(of, options, { role: isText, jwt: isGiven, mount: isText });
	const { role, jwt, mount = "kubernetes" } = options;
	if (!role || !jwt) throw new UsageError("argument-invalid", `${of} needs a role and a jwt.`);
	return login({
		path: loginPath(of, mount),
		what: "logging in with a Kubernetes token",
		body: async (address) => ({ role, jwt: await resolved(jwt, address, "jwt") }),
	});
}

/**
 * Logs in by AppRole; for `hcVault({ token: appRoleLogin({ … }) })`.
 *
 * @param options - `roleId`; `secretId`, of which the function form is called for every login; `mount`: where the auth
 * method is, `approle` by default
 * @throws UsageError `option-unknown`, `argument-invalid`
 */
export function appRoleLogin(options: {
	readonly roleId: string;
	readonly secretId?: Given | undefined;
	readonly mount?: string | undefined;
}): VaultLogin {
	const of = "appRoleLogin()";
	checkOptions(of, options, { roleId: isText, secretId: isGiven, mount: isText });
	const { roleId, secretId, mount = "approle" } = options;
	if (!roleId) throw new UsageError("argument-invalid", `${of} needs a roleId.`);
	return login({
		path: loginPath(of, mount),
		what: "logging in by AppRole",
		body: async (address) => ({
			role_id: roleId,
			...(secretId !== undefined && { secret_id: await resolved(secretId, address, "secretId") }),
		}),
	});
}

/** What a {@link VaultLogin} stands for; undefined for anything else. */
export function loginOf(value: unknown): LoginRequest | undefined {
	return typeof value === "object" && value !== null ? REQUESTS.get(value) : undefined;
}

function login(request: LoginRequest): VaultLogin {
	const made: VaultLogin = Object.freeze({ [BRAND]: true as const });
	REQUESTS.set(made, request);
	return made;
}

/** @throws UsageError `argument-invalid` */
function loginPath(of: string, mount: string): string {
	const segments = mount.replace(/^\/+|\/+$/g, "").split("/");
	if (segments.some((segment) => !/^[\w.~-]+$/.test(segment) || /^\.{1,2}$/.test(segment)))
		throw new UsageError(
			"argument-invalid",
			`${of}: mount is the path of an auth method, such as "kubernetes".`,
		);
	return `/auth/${segments.join("/")}/login`;
}

async function resolved(given: Given, address: string, name: string): Promise<string> {
	let text: unknown;
	try {
		text = typeof given === "function" ? await given(address) : given;
	} catch {
		// What it threw may hold the secret.
		throw new KeyError("misconfigured", `the function ${name} threw an error`);
	}
	if (typeof text === "string" && text.trim() !== "") return text.trim();
	throw new KeyError("misconfigured", `${name} is empty or not a text`);
}
