import { createPublicKey, X509Certificate } from "node:crypto";
import { chmodSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import type { Arrived } from "@sopskit/servers/http-server";
import { readToken } from "@sopskit/servers/json-web-token";
import { beforeEach, describe, expect, it } from "vitest";
import {
	type AzureKeyvaultOptions,
	azureEnvironmentFindings,
	azureKey,
	azureKeyvault,
} from "../src/index.ts";
import { runSops, sopsFile, useService } from "./service.ts";

const part = new Uint8Array(32).fill(7);

/** Requests for tokens, with the fields of their forms. */
const tokensIn = (arrived: readonly Arrived[]) =>
	arrived
		.filter(({ path }) => path.includes("/oauth2/v2.0/token"))
		.map(({ path, body }) => ({
			path: path.split("?")[0],
			form: Object.fromEntries(new URLSearchParams(body)),
		}));

describe("credentials of Azure", () => {
	const service = useService();
	let url: string;
	beforeEach(() => {
		url = service().azure.addKey("key");
		service().azure.forget();
	});

	/** Wraps and unwraps once, and gives the requests for tokens. */
	async function use(options: AzureKeyvaultOptions) {
		const provider = azureKeyvault({ ...service().way, maxAttempts: 1, ...options });
		try {
			const master = provider.masterKey(azureKey(url))!;
			expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
		} finally {
			await provider.close!();
		}
		expect(service().azure.proxy.refused).toEqual([]);
		return tokensIn(service().azure.arrived);
	}
	const application = () => ({ tenantId: service().azure.tenant, clientId: service().azure.client });
	const tokenPath = () => `/${service().azure.tenant}/oauth2/v2.0/token`;

	it("a service principal with a secret: one token for all calls, for the vault's domain", async () => {
		const tokens = await use({ credentials: service().credentials });
		expect(tokens).toHaveLength(1);
		expect(tokens[0]!.path).toBe(tokenPath());
		expect(tokens[0]!.form).toMatchObject({
			grant_type: "client_credentials",
			client_id: service().azure.client,
			client_secret: service().azure.secret,
			scope: "https://vault.azure.net/.default",
		});
	});

	it.each(["text", "file", "with its chain"])("a certificate signs the assertion: %s", async (kind) => {
		const { azure, write } = service();
		const pem = azure.clientCertificate;
		const tokens = await use({
			credentials: {
				...application(),
				...(kind === "file"
					? { clientCertificatePath: write("client.pem", pem) }
					: { clientCertificate: pem }),
				clientCertificateSendChain: kind === "with its chain",
			},
		});
		const { client_assertion: assertion = "", client_assertion_type: type, client_secret } = tokens[0]!.form;
		expect([type, client_secret]).toEqual([
			"urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
			undefined,
		]);
		const key = createPublicKey(
			new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERT"))).publicKey.export({
				type: "spki",
				format: "pem",
			}),
		);
		expect(readToken(assertion, key, { iss: azure.client, sub: azure.client }).aud).toContain(tokenPath());
		const header = JSON.parse(Buffer.from(assertion.split(".")[0]!, "base64url").toString());
		expect("x5c" in header).toBe(kind === "with its chain");
	});

	it("workload identity: the token file is read for every exchange, since it rotates", async () => {
		const { azure, write } = service();
		const tokenFile = write("federated", "first.federated.token\n");
		azure.federatedTokens.add("first.federated.token").add("second.federated.token");
		azure.tokenSeconds = 1;
		const provider = azureKeyvault({ ...service().way, credentials: { ...application(), tokenFile } });
		const master = provider.masterKey(azureKey(url))!;
		const enc = await master.wrap!(part, {});
		write("federated", "second.federated.token");
		azure.revokeTokens();
		await new Promise((done) => setTimeout(done, 1100));
		azure.tokenSeconds = 3600;
		expect(await master.unwrap!(enc, {})).toEqual(part);
		await provider.close!();
		const assertions = tokensIn(azure.arrived).map(({ form }) => form.client_assertion);
		expect(assertions[0]).toBe("first.federated.token");
		expect(assertions.at(-1)).toBe("second.federated.token");
		unlinkSync(tokenFile);
		await expect(use({ credentials: { ...application(), tokenFile } })).rejects.toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("token file"),
		});
	});

	it("an assertion of the caller's is asked for and sent", async () => {
		let asked = 0;
		service().azure.federatedTokens.add("from.the.caller");
		const assertion = async (): Promise<string> => {
			asked += 1;
			return "from.the.caller";
		};
		const [token] = await use({ credentials: { ...application(), assertion } });
		expect(asked).toBeGreaterThan(0);
		expect(token!.form.client_assertion).toBe("from.the.caller");
	});

	it("a TokenCredential of the caller's gets the scope, and nobody else is asked", async () => {
		const { azure } = service();
		const asked: unknown[] = [];
		const given = await fetch(`${azure.url}${tokenPath()}`, {
			method: "POST",
			body: new URLSearchParams({
				grant_type: "client_credentials",
				scope: "https://vault.azure.net/.default",
				client_id: azure.client,
				client_secret: azure.secret,
			}),
		});
		const { access_token: token } = (await given.json()) as { access_token: string };
		const getToken = async (scopes: string | string[]) => {
			asked.push(scopes);
			return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
		};
		expect(await use({ credentials: { getToken } })).toEqual([]);
		expect([asked].flat(2)).toEqual(["https://vault.azure.net/.default"]);
	});

	it("an environment: secret, certificate, and workload identity, in this order", async () => {
		const { azure, write, principal } = service();
		const federated = { AZURE_FEDERATED_TOKEN_FILE: write("token", "of.the.environment") };
		azure.federatedTokens.add("of.the.environment");
		const certificate = { AZURE_CLIENT_CERTIFICATE_PATH: write("client.pem", azure.clientCertificate) };
		const { AZURE_CLIENT_SECRET: _, ...named } = principal;
		const kinds = [];
		for (const environment of [
			{ ...principal, ...certificate, ...federated },
			{ ...named, ...certificate, ...federated },
			{ ...named, ...federated },
			{ ...principal, ...federated, AZURE_TOKEN_CREDENTIALS: "WorkloadIdentityCredential" },
		]) {
			azure.forget();
			const [{ form } = { form: {} as Record<string, string> }] = await use({ environment });
			kinds.push(
				form.client_secret
					? "secret"
					: form.client_assertion === "of.the.environment"
						? "federated"
						: "certificate",
			);
		}
		expect(kinds).toEqual(["secret", "certificate", "federated", "federated"]);
	});

	it("nothing is taken from the process: neither credentials nor authority nor proxy", async () => {
		const { azure, principal } = service();
		Object.assign(process.env, principal, {
			AZURE_AUTHORITY_HOST: "https://localhost:1",
			HTTPS_PROXY: "http://localhost:1",
		});
		try {
			await use({ credentials: service().credentials });
			const wrap = azureKeyvault({
				...service().way,
				environment: { AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" },
			}).masterKey(azureKey(url))!.wrap!;
			await expect(wrap(part, {})).rejects.toMatchObject({ outcome: "misconfigured" });
			expect(azure.proxy.refused).toEqual([]);
		} finally {
			for (const name of [...Object.keys(principal), "AZURE_AUTHORITY_HOST", "HTTPS_PROXY"])
				delete process.env[name];
		}
	});

	it("the proxy of an environment is used, and its exceptions are not", async () => {
		const { azure, principal } = service();
		const { ca } = service().way;
		const shown = Object.assign(new URL(azure.proxy.url), { username: "us%3Aer", password: "p%40ss" }).href;
		const through = azureKeyvault({ ca, environment: { ...principal, HTTPS_PROXY: shown } });
		await through.masterKey(azureKey(url))!.wrap!(part, {});
		await through.close!();
		// The proxy is shown user and password, and nobody behind it.
		const [authorization] = azure.proxy.authorizations.slice(-1);
		expect(Buffer.from(authorization!.replace("Basic ", ""), "base64").toString()).toBe("us:er:p@ss");
		expect(JSON.stringify(azure.arrived)).not.toContain(authorization);
		const before = azure.proxy.connections();
		const past = azureKeyvault({
			ca,
			maxAttempts: 1,
			timeoutMs: 2000,
			environment: {
				...principal,
				HTTPS_PROXY: azure.proxy.url,
				NO_PROXY: "example.com, .microsoftonline.com",
			},
		});
		await expect(past.masterKey(azureKey(url))!.wrap!(part, {})).rejects.toMatchObject({
			outcome: expect.stringMatching(/unreachable|misconfigured|timeout/),
		});
		expect(azure.proxy.connections()).toBe(before);
	});

	it("an authority that is no https URL is a finding, and gets neither secret nor assertion", async () => {
		const { azure, principal } = service();
		for (const AZURE_AUTHORITY_HOST of ["login.microsoftonline.com", "http://127.0.0.1:1/canary"]) {
			const environment = {
				...principal,
				AZURE_AUTHORITY_HOST,
				AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
			};
			const [finding] = azureEnvironmentFindings(environment);
			expect(finding!.message).toMatch(/^(?!.*canary)AZURE_AUTHORITY_HOST is not a URL/);
			await expect(use({ environment })).rejects.toMatchObject({ outcome: "misconfigured" });
		}
		expect([azure.arrived, azure.proxy.refused]).toEqual([[], []]);
		const user = azureEnvironmentFindings({ AZURE_USERNAME: "canary", AZURE_PASSWORD: "canary" });
		expect(user.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^(?!.*canary)AZURE_USERNAME/),
		]);
	});

	it("AZURE_AUTH_METHOD, which guides still set, is a finding", () => {
		const findings = azureEnvironmentFindings({ AZURE_AUTH_METHOD: "msi" });
		expect(findings.map(({ code }) => code)).toEqual(["source-unusable"]);
		expect(findings[0]!.message).toContain("AZURE_AUTH_METHOD is set, and nothing reads it any more");
		expect(azureEnvironmentFindings({})).toEqual([]);
		const others = azureEnvironmentFindings({
			AZURE_TOKEN_CREDENTIALS: "canary",
			HTTPS_PROXY: "socks5://canary",
		});
		expect(others).toHaveLength(2);
		expect(JSON.stringify(others)).not.toContain("canary");
	});
});

it.each([
	["https://login.partner.microsoftonline.cn", "vault.azure.cn"],
	["https://login.chinacloudapi.cn/", "managedhsm.azure.cn"],
	["https://login.usgovcloudapi.net", "vault.usgovcloudapi.net"],
	["https://login.microsoftonline.us", "managedhsm.usgovcloudapi.net"],
	["https://login.windows.net", "managedhsm.azure.net"],
])("%s is the authority of %s, and of no other cloud", async (authorityHost, domain) => {
	const credentials = { tenantId: "t", clientId: "c", clientSecret: "s", authorityHost };
	// Nothing is listening there, so whoever may be asked cannot be reached.
	const provider = azureKeyvault({ credentials, proxy: "http://127.0.0.1:1", maxAttempts: 1 });
	const unwrap = async (host: string) =>
		provider.masterKey(azureKey(`https://name.${host}/keys/key/1`))!.unwrap!("A".repeat(342), {});
	await expect(unwrap(domain)).rejects.toMatchObject({ outcome: "unreachable" });
	for (const other of ["vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net", `x.${domain}`]) {
		if (other.split(".").slice(1).join(".") === domain.split(".").slice(1).join(".")) continue;
		await expect(unwrap(other)).rejects.toMatchObject({ outcome: "refused" });
	}
});

describe("sovereign clouds", () => {
	const service = useService("sopskit.vault.usgovcloudapi.net", "login.microsoftonline.us");

	it("the authority says where tokens come from, and which vaults may be named", async () => {
		const { azure, way, credentials } = service();
		const url = azure.addKey("key");
		const government = { ...credentials, authorityHost: "https://login.microsoftonline.us/" };
		const master = azureKeyvault({ ...way, credentials: government }).masterKey(azureKey(url))!;
		expect(await master.unwrap!(await master.wrap!(part, {}), {})).toEqual(part);
		expect(tokensIn(azure.arrived)[0]!.form.scope).toBe("https://vault.usgovcloudapi.net/.default");
		azure.forget();

		// The secret of one cloud does not go to another one because a file says so.
		const here = azureKeyvault({ ...way, credentials }).masterKey(azureKey(url))!;
		await expect(here.wrap!(part, {})).rejects.toMatchObject({
			outcome: "refused",
			message: expect.stringContaining("vault.azure.net"),
		});
		const there = azureKeyvault({ ...way, credentials: government });
		const other = there.masterKey(azureKey("https://sopskit.vault.azure.net/keys/key/1"))!;
		await expect(other.unwrap!("A".repeat(342), {})).rejects.toMatchObject({ outcome: "refused" });
		expect([azure.arrived, azure.proxy.refused]).toEqual([[], []]);
	});

	describeReference("with the real sops", () => {
		it("sops reads what was encrypted there, and the other way round", async () => {
			const { azure, way, environment, principal } = service();
			const url = azure.addKey("both");
			const env = { ...environment, ...principal, AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/" };
			const theirs = JSON.parse(await sopsFile(url, env));
			const master = azureKeyvault({ ...way, environment: env }).masterKey(azureKey(url))!;
			const dataKey = (await master.unwrap!(theirs.sops.azure_kv[0].enc, {})) as Uint8Array;
			theirs.sops.azure_kv[0].enc = await master.wrap!(dataKey, {});
			expect((await runSops(["decrypt"], env, JSON.stringify(theirs))).stdout).toContain("world");
		});
	});
});

describeReference("credentials of Azure with the real sops", () => {
	const service = useService();

	it("one environment serves sops and this package: secret, certificate, workload identity", async () => {
		const { azure, environment, principal, write, way } = service();
		const url = azure.addKey("key");
		azure.federatedTokens.add("for.both");
		const { AZURE_CLIENT_SECRET: _, ...named } = principal;
		for (const variables of [
			principal,
			{ ...named, AZURE_CLIENT_CERTIFICATE_PATH: write("client.pem", azure.clientCertificate) },
			{ ...named, AZURE_FEDERATED_TOKEN_FILE: write("token", "for.both") },
		]) {
			const env = { ...environment, ...variables };
			const [entry] = JSON.parse(await sopsFile(url, env)).sops.azure_kv;
			const master = azureKeyvault({ ca: way.ca, environment: env }).masterKey(azureKey(url))!;
			expect(await master.unwrap!(entry.enc, {})).toHaveLength(32);
		}
	});

	it("both ask the program az, where nothing else is named", async () => {
		const { azure, environment, credentials, write, folder } = service();
		const url = azure.addKey("key");
		const form = new URLSearchParams({
			grant_type: "client_credentials",
			scope: "https://vault.azure.net/.default",
			client_id: credentials.clientId,
			client_secret: credentials.clientSecret,
		});
		const login = `${azure.url}/${credentials.tenantId}/oauth2/v2.0/token`;
		const given = await fetch(login, { method: "POST", body: form });
		const { access_token: accessToken } = (await given.json()) as { access_token: string };
		const ends = Math.floor(Date.now() / 1000) + 3600;
		const answer = { accessToken, expires_on: ends, expiresOn: new Date(ends * 1000).toISOString() };
		chmodSync(
			write("az", `#!/bin/sh\necho "$@" >> "${folder}/asked"\ncat <<'E'\n${JSON.stringify(answer)}\nE\n`),
			0o755,
		);
		const { PATH } = process.env;
		const env = { ...environment, AZURE_TOKEN_CREDENTIALS: "dev", PATH: `${folder}:${PATH}` };
		const [entry] = JSON.parse(await sopsFile(url, env)).sops.azure_kv;
		const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n").length;
		const before = asked();
		// How it is found, the SDK takes from the process.
		process.env.PATH = env.PATH;
		try {
			const master = azureKeyvault({ environment: env }).masterKey(azureKey(url))!;
			expect(await master.unwrap!(entry.enc, {})).toHaveLength(32);
		} finally {
			process.env.PATH = PATH;
		}
		expect(asked()).toBe(before + 1);
	});
});
