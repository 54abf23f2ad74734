import { isKeyError, type KeyCall, type KeyError, type KeyRef } from "@sopskit/core";
import { type Fault, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { freePort } from "@sopskit/servers/server-process";
import { findSecrets, secretBytes, secretText } from "@sopskit/testing";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type AzureKeyvaultOptions, azureKey, azureKeyvault } from "../src/index.ts";
import { useService } from "./service.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const service = useService();
let proxy: FaultProxy;
let ref: KeyRef;
let enc: string;
/** A vault behind the fault proxy; its tokens come through the same proxy. */
const behind = (url: string, key = "key"): KeyRef => {
	const [, name, version] = /\/keys\/([^/]+)\/?(.*)$/.exec(url)!;
	return azureKey(`${proxy.url}/keys/${name ?? key}/${version}`);
};
beforeAll(async () => {
	proxy = await startFaultProxy(service().azure.url, { tls: true });
	service().azure.loginUrl = proxy.url;
	ref = behind(service().azure.addKey("key"));
	enc = await provider().masterKey(ref)!.wrap!(part, {});
});
beforeEach(() => proxy.clear());
afterAll(() => proxy?.close());

const options = (more: Partial<AzureKeyvaultOptions> = {}): AzureKeyvaultOptions => ({
	...(more.client === undefined && { credentials: { ...service().credentials, authorityHost: proxy.url } }),
	audience: "https://vault.azure.net",
	allow: () => true,
	ca: proxy.ca,
	maxAttempts: 1,
	...more,
});
const provider = (more: Partial<AzureKeyvaultOptions> = {}) => azureKeyvault(options(more));
const isVault: Fault["when"] = ({ path }) => path.startsWith("/keys/");
const isToken: Fault["when"] = ({ path }) => path.includes("/oauth2/v2.0/token");

/** How an unwrap fails, after its error was searched for secrets. */
async function failure(
	more: Partial<AzureKeyvaultOptions> = {},
	text = enc,
	call: KeyCall = {},
	of = ref,
): Promise<KeyError> {
	const holder = provider(more);
	const thrown = await holder.masterKey(of)!.unwrap!(text, call).then(
		() => undefined,
		(error: unknown) => error,
	);
	await holder.close!();
	const secrets = [service().azure.secret, ...service().azure.issued].map((one, i) =>
		secretText(`secret ${i}`, one),
	);
	expect(await findSecrets(thrown, [...secrets, secretBytes("the part", part)])).toEqual([]);
	if (!isKeyError(thrown)) throw new Error(`it did not fail with a KeyError: ${thrown}`);
	expect(thrown.cause).toBeUndefined();
	expect(Object.keys(thrown)).toEqual(["name", "outcome"]);
	return thrown;
}

/** An error in the form of Key Vault, with words that hold what a service's words may hold. */
const refusal = (status: number, code: string, inner?: string): Fault["answer"] => ({
	status,
	headers: { "x-ms-request-id": "11111111-2222-3333-4444" },
	body: {
		error: {
			code,
			message: `no: ${service().azure.secret} ${service().azure.issued.join(" ")} ${Buffer.from(part).toString("base64url")}`,
			...(inner && { innererror: { code: inner } }),
		},
	},
});

it.each([
	[403, "Forbidden", "ForbiddenByRbac", "denied"],
	[403, "Forbidden", "AccessDenied", "denied"],
	[403, "Forbidden", "ForbiddenByFirewall", "denied"],
	[403, "Forbidden", "KeyDisabled", "denied"],
	[403, "Forbidden", "KeyOperationForbidden", "denied"],
	[404, "KeyNotFound", undefined, "denied"],
	[400, "BadParameter", undefined, "wrong-key"],
	[418, "SomethingNew", undefined, "failed"],
])(
	"%i %s %s is told by code, status and request, and not tried again",
	async (status, code, inner, outcome) => {
		proxy.inject({ when: isVault!, answer: refusal(status, code, inner)! });
		const error = await failure({ maxAttempts: 3 });
		expect(error.outcome).toBe(outcome);
		expect(error.message).toContain(`(${inner ?? code}, status ${status}, request 11111111-2222-3333-4444)`);
		expect(proxy.arrived.filter(isVault!)).toHaveLength(1);
	},
);

it("what is throttled or in trouble once is tried again by the SDK, after what the service says", async () => {
	for (const [when, answer] of [
		[isVault, { ...(refusal(429, "Throttled") as object), headers: { "retry-after": "0" } }],
		[isVault, refusal(500, "InternalServerError")],
		[isToken, { status: 503, headers: { "retry-after": "0" } }],
	] as const) {
		proxy.clear();
		proxy.inject({ when: when!, answer: answer!, times: 1 });
		const holder = provider({ maxAttempts: 2 });
		expect(await holder.masterKey(ref)!.unwrap!(enc, {})).toEqual(part);
		await holder.close!();
		expect(proxy.arrived.filter(when!)).toHaveLength(2);
	}
});

it.each([
	[429, "throttled"],
	[500, "unreachable"],
	[503, "unreachable"],
])("what does not end is told: %i, from the vault and from Entra ID", async (status, outcome) => {
	for (const when of [isVault, isToken]) {
		proxy.clear();
		proxy.inject({ when: when!, answer: { status, body: "<html>" } });
		const error = await failure();
		expect(error.outcome).toBe(outcome);
		expect(error.message).toContain(`status ${status}`);
	}
});

it("the connection is cut, and nobody listens", async () => {
	for (const when of [isVault, isToken]) {
		proxy.clear();
		proxy.inject({ when: when!, answer: "reset" });
		expect((await failure()).outcome).toBe("unreachable");
	}
	proxy.clear();
	const port = await freePort();
	const at = azureKey(`https://127.0.0.1:${port}/keys/key/1`);
	expect(await failure({}, enc, {}, at)).toMatchObject({
		outcome: "unreachable",
		message: expect.stringContaining("ECONNREFUSED"),
	});
	const credentials = { ...service().credentials, authorityHost: `https://127.0.0.1:${port}` };
	expect(await failure({ credentials })).toMatchObject({
		outcome: "unreachable",
		message: expect.stringContaining("ECONNREFUSED"),
	});
});

it("a vault that hangs: the limit of time and the abort end the call, and its connection", async () => {
	const getToken = async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 });
	const hanging = await startFaultProxy(service().azure.url, { tls: true });
	hanging.inject({ answer: "hang" });
	const to = azureKey(`${hanging.url}/keys/key/1`);
	const more = { ca: hanging.ca, credentials: { getToken } };
	const [limited, unlimited] = [provider({ ...more, timeoutMs: 500 }), provider(more)];
	try {
		await expect(limited.masterKey(to)!.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "timeout",
			message: expect.stringContaining("500 ms"),
		});
		// The providers are still open: it was the end of the call that cut the connection.
		await vi.waitFor(() => expect(hanging.open()).toBe(0));
		const controller = new AbortController();
		const call = unlimited.masterKey(to)!.unwrap!(enc, { signal: controller.signal });
		await vi.waitFor(() => expect(hanging.open()).toBe(1));
		controller.abort(new Error(service().azure.secret));
		await expect(call).rejects.toMatchObject({ outcome: "aborted", message: "aborted by the caller" });
		await vi.waitFor(() => expect(hanging.open()).toBe(0));
	} finally {
		await Promise.all([limited.close!(), unlimited.close!(), hanging.close()]);
	}
});

it("Entra ID that hangs: the limit of time covers it, its connection ends, and the next call asks anew", async () => {
	proxy.inject({ when: isToken!, answer: "hang", times: 1 });
	const holder = provider({ timeoutMs: 700 });
	const master = holder.masterKey(ref)!;
	await expect(master.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "timeout" });
	await vi.waitFor(async () => expect(await master.unwrap!(enc, {})).toEqual(part), { timeout: 20_000 });
	await holder.close!();
});

it("who aborts while a token is asked for does not take it from the others", async () => {
	proxy.inject({ when: isToken!, delay: 300, times: 1 });
	const holder = provider();
	const controller = new AbortController();
	const first = holder.masterKey(ref)!.unwrap!(enc, { signal: controller.signal });
	const second = holder.masterKey(ref)!.unwrap!(enc, {});
	await vi.waitFor(() => expect(proxy.arrived.filter(isToken!)).toHaveLength(1));
	controller.abort();
	await expect(first).rejects.toMatchObject({ outcome: "aborted" });
	expect(await second).toEqual(part);
	expect(proxy.arrived.filter(isToken!)).toHaveLength(1);
	await holder.close!();
});

it("a token that the vault does not take any more is replaced once", async () => {
	let given = 0;
	const tokens: string[] = [];
	const getToken = async () => {
		given += 1;
		const form = { grant_type: "client_credentials", scope: "https://vault.azure.net/.default" };
		const { clientId: client_id, clientSecret: client_secret, tenantId } = service().credentials;
		const answer = await fetch(`${service().azure.url}/${tenantId}/oauth2/v2.0/token`, {
			method: "POST",
			body: new URLSearchParams({ ...form, client_id, client_secret }),
		});
		const { access_token: token } = (await answer.json()) as { access_token: string };
		tokens.push(token);
		return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
	};
	const holder = provider({ credentials: { getToken } });
	const master = holder.masterKey(ref)!;
	expect(await master.unwrap!(enc, {})).toEqual(part);
	service().azure.revokeTokens();
	proxy.clear();
	expect(await master.unwrap!(enc, {})).toEqual(part);
	expect(given).toBe(2);
	expect(proxy.arrived.filter(isVault!).map(({ headers }) => headers.authorization)).toEqual(
		tokens.map((token) => `Bearer ${token}`),
	);
	await holder.close!();
	const stale = { getToken: async () => ({ token: tokens[0]!, expiresOnTimestamp: Date.now() + 3_600_000 }) };
	expect(await failure({ credentials: stale })).toMatchObject({ outcome: "denied" });
});

it("Entra ID says no: told by its number, and nothing of its words", async () => {
	const { credentials } = service();
	const wrong = { ...credentials, authorityHost: proxy.url, clientSecret: "canary-of-a-wrong-secret" };
	const error = await failure({ credentials: wrong });
	expect(error).toMatchObject({ outcome: "denied", message: expect.stringContaining("AADSTS7000215") });
	expect(error.message).not.toContain("canary");
	const fail = (): never => {
		throw new Error(credentials.clientSecret);
	};
	const { tenantId, clientId } = credentials;
	for (const more of [
		{ credentials: { tenantId, clientId, authorityHost: proxy.url, assertion: fail } },
		{ credentials: { tenantId, clientId, authorityHost: proxy.url, assertion: () => "" } },
		{ client: fail },
		{ client: () => ({}) as never },
	]) {
		expect((await failure(more)).outcome).toBe("misconfigured");
	}
	expect((await failure({ credentials: { getToken: async () => fail() } })).outcome).toBe("failed");
	expect((await failure({ client: () => ({ encrypt: fail, decrypt: fail }) })).outcome).toBe("failed");
	expect((await failure({ allow: fail })).outcome).toBe("refused");
	expect((await failure({ allow: () => "yes" as never })).outcome).toBe("refused");
});

it("a certificate of an authority that nobody knows", async () => {
	const error = await failure({ ca: undefined });
	expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining("CERT") });
	const getToken = async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 });
	expect(await failure({ ca: undefined, credentials: { getToken } })).toMatchObject({
		outcome: "misconfigured",
		message: expect.stringContaining("not trusted"),
	});
	expect(proxy.arrived).toEqual([]);
});

it("the service's own refusals: wrong key, disabled, deleted, no right to look up, a right that is missing", async () => {
	const { azure } = service();
	const other = behind(azure.addKey("other"));
	expect((await failure({}, enc, {}, other)).outcome).toBe("wrong-key");
	azure.changeKey("other", { enabled: false });
	expect(await failure({}, enc, {}, other)).toMatchObject({
		outcome: "denied",
		message: expect.stringContaining("KeyDisabled"),
	});
	azure.deleteKey("other");
	expect(await failure({}, enc, {}, other)).toMatchObject({
		outcome: "denied",
		message: expect.stringContaining("deleted"),
	});
	const clientId = "ffffffff-0000-4000-8000-000000000000";
	azure.clients.set(clientId, { rights: ["encrypt"] });
	const credentials = { ...service().credentials, clientId, authorityHost: proxy.url };
	expect((await failure({ credentials })).outcome).toBe("denied");
	proxy.inject({
		when: ({ method, path }) => method === "GET" && path.startsWith("/keys/"),
		answer: { status: 403 },
	});
	const open = provider({ credentials }).masterKey(azureKey(`${proxy.url}/keys/key`))!;
	await expect(open.wrap!(part, {})).rejects.toMatchObject({
		outcome: "denied",
		message: expect.stringContaining("give the version"),
	});
});

it("an answer without what was asked for, and one of another version", async () => {
	for (const rewrite of [() => "{}", () => "[", () => "null", () => '{"value":"%%"}']) {
		proxy.clear();
		proxy.inject({ when: isVault!, rewrite });
		expect((await failure()).outcome).toBe("failed");
	}
	proxy.clear();
	proxy.inject({ when: isVault!, rewrite: (body) => body.replace(/keys\/key\/\w+/, "keys/key/00") });
	await expect(provider().masterKey(ref)!.wrap!(part, {})).rejects.toMatchObject({ outcome: "failed" });
});

it("enc that is not base64url is damaged, and nobody is asked", async () => {
	for (const text of [
		"",
		" ",
		`${enc}=`,
		`${enc}==`,
		enc.slice(0, -1),
		`${enc}!`,
		`AA+/${enc}`,
		`AAAA ${enc}`,
		"vault:v1:AAAA",
	]) {
		expect((await failure({}, text)).outcome).toBe("damaged");
	}
	expect(proxy.arrived).toEqual([]);
	// Go's decoder passes over line feeds, so files may have them.
	expect(await provider().masterKey(ref)!.unwrap!(`${enc}\n`, {})).toEqual(part);
});

it.each([
	{ vault_url: "https://evil.example/x?.vault.azure.net" },
	{ vault_url: "https://user:pass@sopskit.vault.azure.net" },
	{ vault_url: "http://sopskit.vault.azure.net" },
	{ vault_url: "https://sopskit.vault.azure.net/../x" },
	{ vault_url: "https://" },
	{ name: "../secrets/x" },
	{ name: "" },
	{ version: "1/decrypt?x=" },
	{ version: "%2e%2e" },
])("fields that are none lead nowhere: %j", async (wrong) => {
	const fields = { vault_url: "https://sopskit.vault.azure.net", name: "key", version: "1", ...wrong };
	const of = { type: "azure_kv", id: "", fields };
	expect(await failure({}, enc, {}, of)).toMatchObject({ outcome: "misconfigured" });
	expect(proxy.arrived).toEqual([]);
});

it.each([
	"https://sopskit.vault.azure.net.evil.example/keys/key/1",
	"https://evil.example/keys/key/1",
	"https://vault.azure.net/keys/key/1",
	"https://a.b.vault.azure.net/keys/key/1",
	"https://sopskit.vault.azure.net:8443/keys/key/1",
	"https://127.0.0.1/keys/key/1",
])("by default no vault outside of Azure may be named: %s", async (url) => {
	expect(
		await failure({ allow: undefined, credentials: service().credentials }, enc, {}, azureKey(url)),
	).toMatchObject({
		outcome: "refused",
		message: expect.stringContaining("pass allow"),
	});
	expect(proxy.arrived).toEqual([]);
});

it("a provider that was closed", async () => {
	const holder = provider();
	await holder.close!();
	await expect(holder.masterKey(ref)!.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "misconfigured" });
	expect(proxy.arrived).toEqual([]);
});
