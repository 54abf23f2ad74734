import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@sopskit/core";
import { unknownCertificate } from "@sopskit/servers/certificate";
import { type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { describeServer } from "@sopskit/servers/suite";
import nodeVault from "node-vault";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appRoleLogin, type HcVaultOptions, hcVault, kubernetesLogin, vaultKey } from "../src/index.ts";
import { type BaoKeys, baoKeys } from "./bao-keys.ts";

const part = new Uint8Array(32).fill(7);

describeServer("openbao", "tokens of Vault", (bao) => {
	let keys: BaoKeys;
	let proxy: FaultProxy;
	let uri: string;
	let home: string;
	beforeAll(async () => {
		keys = await baoKeys(bao());
		proxy = await startFaultProxy(bao().url);
		uri = keys.aes.replace(keys.url, proxy.url);
		home = mkdtempSync(join(tmpdir(), "sopskit-vault-"));
	});
	beforeEach(() => proxy.clear());
	afterAll(async () => {
		await proxy?.close();
		rmSync(home, { recursive: true, force: true });
	});

	/** Wraps and unwraps once, and gives what arrived. */
	async function use(options: HcVaultOptions) {
		const provider = hcVault(options);
		try {
			const master = provider.masterKey(vaultKey(uri))!;
			const enc = await master.wrap!(part, {});
			expect(await master.unwrap!(enc, {})).toEqual(part);
		} finally {
			await provider.close!();
		}
		return proxy.arrived.map(({ method, path, headers }) => [method, path, headers["x-vault-token"]]);
	}
	const twice = (token: string) => [
		["PUT", "/v1/transit/encrypt/sops", token],
		["PUT", "/v1/transit/decrypt/sops", token],
	];

	it("a text, and a function that is asked for the address with every call", async () => {
		expect(await use({ token: ` ${keys.token}\n`, address: `${proxy.url}/` })).toEqual(twice(keys.token));
		proxy.clear();
		const asked: string[] = [];
		const token = async (address: string): Promise<string> => {
			asked.push(address);
			return keys.token;
		};
		expect(await use({ token, address: proxy.url })).toEqual(twice(keys.token));
		expect(asked).toEqual([proxy.url, proxy.url]);
	});

	describe("of an environment", () => {
		it("VAULT_TOKEN, then .vault-token in HOME; nothing of the process", async () => {
			const environment = { VAULT_ADDR: proxy.url, HOME: home };
			const provider = hcVault({ environment });
			const key = provider.masterKey(vaultKey(uri))!;
			process.env.VAULT_TOKEN = "of-the-process";
			try {
				expect(await key.unwrap!("vault:v1:AAAA", {})).toEqual({
					notMine: "there is no token for this address",
				});
				expect(proxy.arrived).toEqual([]);
				writeFileSync(join(home, ".vault-token"), `\n${keys.token}\n`);
				expect(await use({ environment })).toEqual(twice(keys.token));
				proxy.clear();
				const folder = { ...environment, HOME: join(home, "broken") };
				mkdirSync(join(home, "broken", ".vault-token"), { recursive: true });
				await expect(use({ environment: folder })).rejects.toMatchObject({
					outcome: "misconfigured",
					message: ".vault-token in the home folder cannot be read (EISDIR)",
				});
				const variable = { ...environment, VAULT_TOKEN: "hvs.wrong" };
				await expect(use({ environment: variable })).rejects.toMatchObject({ outcome: "denied" });
				expect(proxy.arrived[0]!.headers["x-vault-token"]).toBe("hvs.wrong");
			} finally {
				delete process.env.VAULT_TOKEN;
				await provider.close!();
			}
		});

		it("the list of addresses, and without it what VAULT_ADDR and SOPS_VAULT_URIS name", async () => {
			const environment = { VAULT_TOKEN: keys.token };
			await expect(use({ environment })).rejects.toMatchObject({
				outcome: "refused",
				message: expect.stringContaining("SOPS_HC_VAULT_ALLOWLIST"),
			});
			const listed = { SOPS_HC_VAULT_ALLOWLIST: "https://vault.example.com", VAULT_ADDR: proxy.url };
			await expect(use({ environment: { ...environment, ...listed } })).rejects.toMatchObject({
				outcome: "refused",
			});
			expect(proxy.arrived).toEqual([]);
			for (const more of [
				{ SOPS_HC_VAULT_ALLOWLIST: proxy.url },
				{ SOPS_HC_VAULT_ALLOWLIST: "all" },
				{ SOPS_HC_VAULT_ALLOWLIST: "", VAULT_ADDR: `${proxy.url}/` },
				{ VAULT_ADDR: "https://vault.example.com", SOPS_VAULT_URIS: `${uri}2,${keys.other}` },
			]) {
				proxy.clear();
				expect(await use({ environment: { ...environment, ...more } })).toEqual(twice(keys.token));
			}
		});

		it("an agent gets the requests, and is not asked about; a namespace and the number of retries", async () => {
			const environment = {
				VAULT_TOKEN: keys.token,
				VAULT_AGENT_ADDR: proxy.url,
				SOPS_HC_VAULT_ALLOWLIST: "https://vault.example.com",
				VAULT_NAMESPACE: "none",
				VAULT_MAX_RETRIES: "0",
			};
			const provider = hcVault({ environment });
			const key = provider.masterKey(vaultKey("https://vault.example.com/v1/transit/keys/sops"))!;
			proxy.inject({ answer: { status: 500 } });
			await expect(key.wrap!(part, {})).rejects.toMatchObject({ outcome: "unreachable" });
			expect(proxy.arrived.map(({ headers }) => headers["x-vault-namespace"])).toEqual(["none"]);
			await provider.close!();
		});

		it.each([
			[{ VAULT_CACERT: "/nowhere" }, "VAULT_CACERT"],
			[{ VAULT_CAPATH: "/nowhere" }, "VAULT_CAPATH"],
			[{ VAULT_CLIENT_CERT: "/nowhere" }, "VAULT_CLIENT_KEY must both be set"],
			[{ VAULT_CLIENT_CERT: "/nowhere", VAULT_CLIENT_KEY: "/nowhere" }, "VAULT_CLIENT_CERT: what it names"],
			[{ VAULT_AGENT_ADDR: "unix:///socket" }, "VAULT_AGENT_ADDR"],
		])("what cannot be used is said: %o", async (more, words) => {
			const environment = { VAULT_TOKEN: "t", VAULT_ADDR: "https://127.0.0.1:1", ...more };
			const provider = hcVault({ environment });
			const key = provider.masterKey(vaultKey("https://127.0.0.1:1/v1/transit/keys/sops"))!;
			await expect(key.wrap!(part, {})).rejects.toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining(words),
			});
			await provider.close!();
		});
	});

	describe("logins", () => {
		let kubernetes: RecordingServer;
		let jwtKey: string;
		beforeAll(async () => {
			// What OpenBao asks about a service account's token: the API server of Kubernetes.
			kubernetes = await recordingServer(({ body }) => {
				const isOurs = JSON.parse(body).spec?.token === jwtKey;
				return {
					status: 201,
					body: {
						status: isOurs
							? {
									authenticated: true,
									audiences: [proxy.url],
									user: { username: "system:serviceaccount:apps:shop", uid: "1", groups: [] },
								}
							: { authenticated: false, error: "no" },
					},
				};
			});
			const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
			const claims = {
				iss: "kubernetes/serviceaccount",
				sub: "system:serviceaccount:apps:shop",
				aud: [proxy.url],
				"kubernetes.io": { namespace: "apps", serviceaccount: { name: "shop", uid: "1" } },
				iat: 1,
				nbf: 1,
				exp: Math.floor(Date.now() / 1000) + 3600,
			};
			jwtKey = `${segment({ alg: "RS256" })}.${segment(claims)}.${Buffer.from("signature").toString("base64url")}`;
			await bao().call("POST", "sys/auth/cluster/one", { type: "kubernetes" });
			await bao().call("POST", "auth/cluster/one/config", {
				kubernetes_host: kubernetes.url,
				token_reviewer_jwt: jwtKey,
				disable_local_ca_jwt: true,
				// Demanded, and of no use: the server of this test speaks plain HTTP.
				kubernetes_ca_cert: (await unknownCertificate()).cert,
			});
			await bao().call("POST", "auth/cluster/one/role/shop", {
				bound_service_account_names: "shop",
				bound_service_account_namespaces: "apps",
				audience: proxy.url,
				token_policies: "user",
				token_ttl: "1h",
			});
			await bao().call("POST", "sys/auth/approle", { type: "approle" });
			await bao().call("POST", "auth/approle/role/shop", { token_policies: "user", token_ttl: "1h" });
		});
		afterAll(() => kubernetes?.close());

		it("by Kubernetes: role and token arrive, one login serves many calls at once", async () => {
			const asked: string[] = [];
			const jwt = (address: string): string => {
				asked.push(address);
				return jwtKey;
			};
			const token = kubernetesLogin({ role: "shop", jwt, mount: "cluster/one" });
			const provider = hcVault({ token, address: proxy.url });
			const key = provider.masterKey(vaultKey(uri))!;
			const encs = await Promise.all(Array.from({ length: 5 }, () => key.wrap!(part, {})));
			for (const enc of encs) expect(await key.unwrap!(enc, {})).toEqual(part);
			await provider.close!();
			const [login, ...others] = proxy.arrived;
			expect([login!.method, login!.path, JSON.parse(login!.body)]).toEqual([
				"POST",
				"/v1/auth/cluster/one/login",
				{ role: "shop", jwt: jwtKey },
			]);
			expect(login!.headers["x-vault-token"]).toBeUndefined();
			expect(asked).toEqual([proxy.url]);
			expect(others).toHaveLength(10);
			expect(new Set(others.map(({ headers }) => headers["x-vault-token"])).size).toBe(1);
			expect(kubernetes.arrived.at(-1)?.path).toBe("/apis/authentication.k8s.io/v1/tokenreviews");
		});

		it("by AppRole; a token that was revoked is replaced by one more login, and only one", async () => {
			const { data: role } = (await bao().call("GET", "auth/approle/role/shop/role-id")) as {
				data: { role_id: string };
			};
			const newSecret = async (): Promise<string> => {
				const { data } = (await bao().call("POST", "auth/approle/role/shop/secret-id", {})) as {
					data: { secret_id: string };
				};
				return data.secret_id;
			};
			const token = appRoleLogin({ roleId: role.role_id, secretId: newSecret });
			const provider = hcVault({ token, address: proxy.url });
			const key = provider.masterKey(vaultKey(uri))!;
			const enc = await key.wrap!(part, {});
			const first = String(proxy.arrived[1]!.headers["x-vault-token"]);
			await bao().call("POST", "auth/token/revoke", { token: first });
			proxy.clear();
			const parts = await Promise.all(Array.from({ length: 4 }, () => key.unwrap!(enc, {})));
			expect(parts).toEqual(Array(4).fill(part));
			const logins = proxy.arrived.filter(({ path }) => path === "/v1/auth/approle/login");
			expect(logins.map(({ body }) => JSON.parse(body).role_id)).toEqual([role.role_id]);
			proxy.clear();
			// A policy that forbids it is not cured by logins without end.
			const nested = vaultKey(keys.nested.replace(keys.url, proxy.url));
			await expect(provider.masterKey(nested)!.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "denied" });
			expect(proxy.arrived.filter(({ path }) => path.endsWith("/login"))).toHaveLength(1);
			await provider.close!();
		});

		it("by AppRole below another path and in a namespace: the login is in it too", async () => {
			const within = { "x-vault-namespace": "branch" };
			const inside = (method: string, path: string, input?: object) =>
				bao().call(method, path, input, within) as Promise<{ data: Record<string, string> }>;
			await bao().call("POST", "sys/namespaces/branch", {});
			await inside("POST", "sys/mounts/transit", { type: "transit" });
			await inside("POST", "transit/keys/sops", {});
			await inside("PUT", "sys/policies/acl/user", {
				policy: 'path "transit/+/sops" { capabilities = ["update"] }',
			});
			await inside("POST", "sys/auth/team/roles", { type: "approle" });
			await inside("POST", "auth/team/roles/role/shop", { token_policies: "user" });
			const { data: role } = await inside("GET", "auth/team/roles/role/shop/role-id");
			const { data: secret } = await inside("POST", "auth/team/roles/role/shop/secret-id", {});
			const token = appRoleLogin({
				...{ roleId: role.role_id!, secretId: secret.secret_id!, mount: "/team/roles/" },
			});
			const options = { token, address: proxy.url };
			await use({ ...options, namespace: "branch" });
			expect(proxy.arrived.map(({ path, headers }) => [path, headers["x-vault-namespace"]])).toEqual([
				["/v1/auth/team/roles/login", "branch"],
				["/v1/transit/encrypt/sops", "branch"],
				["/v1/transit/decrypt/sops", "branch"],
			]);
			await expect(use(options)).rejects.toMatchObject({
				outcome: "denied",
			});
		});

		it("a lease that comes to its end is renewed by a login", async () => {
			let given = 0;
			const server = await recordingServer(({ path }) =>
				path.endsWith("/login")
					? {
							body: { auth: { client_token: `token-${++given}`, lease_duration: given === 1 ? 0.01 : 3600 } },
						}
					: { body: { data: { ciphertext: "vault:v1:AAAA" } } },
			);
			const token = kubernetesLogin({ role: "r", jwt: "j" });
			const provider = hcVault({ token, address: server.url });
			const key = provider.masterKey(vaultKey(`${server.url}/v1/transit/keys/sops`))!;
			await key.wrap!(part, {});
			await new Promise((resolve) => setTimeout(resolve, 20));
			await key.wrap!(part, {});
			await key.wrap!(part, {});
			const used = server.arrived
				.map(({ headers }) => headers["x-vault-token"])
				.filter((one) => one !== undefined);
			expect(used).toEqual(["token-1", "token-2", "token-2"]);
			await provider.close!();
			await server.close();
		});
	});

	it("an injected client is used as it is; one of one server gets its keys only", async () => {
		const client = nodeVault({ endpoint: proxy.url, token: keys.token }) as never;
		expect(await use({ client })).toEqual(twice(keys.token));
		const provider = hcVault({ client });
		const elsewhere = provider.masterKey(vaultKey("https://vault.example.com/v1/transit/keys/sops"))!;
		await expect(elsewhere.wrap!(part, {})).rejects.toMatchObject({ outcome: "refused" });
		proxy.clear();
		const asked: string[] = [];
		const source = (address: string) => {
			asked.push(address);
			return client;
		};
		await use({ client: source, address: proxy.url });
		expect(asked).toEqual([proxy.url]);
	});
});

describe("arguments", () => {
	const token = "t";
	const address = "https://vault.example.com:8200";
	it.each([
		[() => hcVault(undefined as never), "must be told who calls"],
		[() => hcVault({ address }), "must be told who calls"],
		[() => hcVault({ token }), "where the token may go"],
		[() => hcVault({ token, adress: address } as never), 'the option "adress"'],
		[() => hcVault({ token: "", address }), "a token, a function"],
		[() => hcVault({ token, address: "vault.example.com" }), "addresses such as"],
		[() => hcVault({ token, address, allow: () => true }), "either address or allow"],
		[() => hcVault({ token, client: () => ({}) as never, address }), "either client or token"],
		[() => hcVault({ token, address, maxRetries: -1 }), "from 0"],
		[() => hcVault({ token, address, proxy: "socks5://x" }), "the URL of a proxy"],
		[() => hcVault({ token, address, clientCertificate: { cert: "x" } as never }), "cert and key"],
		[() => kubernetesLogin({ role: "r" } as never), "needs a role and a jwt"],
		[() => kubernetesLogin({ role: "r", jwt: "j", mount: "../sys" }), "mount is the path"],
		[() => appRoleLogin({} as never), "needs a roleId"],
		[() => vaultKey(1 as never), "takes the URI"],
	])("misuse is said: %#", (run, words) => {
		expect(run).toThrow(UsageError);
		expect(run).toThrow(words);
	});

	it.each([
		"",
		"vault",
		"https://vault.example.com/transit",
		"ftp://v/v1/transit/keys/k",
		"https://v/v1/t/keys/a,https://v/v1/t/keys/b",
	])("what names no key is refused: %j", (uri) => {
		expect(() => vaultKey(uri)).toThrow(expect.objectContaining({ code: "key-invalid" }));
	});

	it("printing shows no secret", () => {
		const login = kubernetesLogin({ role: "r", jwt: "canary" });
		const shown = [login, hcVault({ token: "canary", address })].map((one) => JSON.stringify(one));
		expect(shown.join()).not.toContain("canary");
	});
});
