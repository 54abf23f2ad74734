import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isKeyError, type KeyCall, type KeyError, type KeyRef } from "@sopskit/core";
import { type Fault, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { recordingServer } from "@sopskit/servers/http-server";
import { freePort } from "@sopskit/servers/server-process";
import { describeServer } from "@sopskit/servers/suite";
import { findSecrets, secretBytes, secretText } from "@sopskit/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type HcVaultOptions, hcVault, kubernetesLogin, vaultKey } from "../src/index.ts";
import { type BaoKeys, baoKeys, newToken } from "./bao-keys.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const JWT = "canary.kubernetes.jwt";

describeServer("openbao", "what goes wrong with Vault", (bao) => {
	let proxy: FaultProxy;
	let keys: BaoKeys;
	let uri: string;
	let enc: string;
	beforeAll(async () => {
		keys = await baoKeys(bao());
		proxy = await startFaultProxy(bao().url);
		uri = keys.aes.replace(keys.url, proxy.url);
		enc = await provider({}).masterKey(vaultKey(uri))!.wrap!(part, {});
	});
	beforeEach(() => proxy.clear());
	afterAll(() => proxy?.close());

	const provider = (options: HcVaultOptions) =>
		hcVault({
			...(options.client === undefined && { token: keys.token }),
			...(options.allow === undefined && { address: proxy.url }),
			...options,
		});
	/** An answer in the form of Vault, with words that hold what a server's words may hold. */
	const refusal = (status: number, words: string): Fault["answer"] => ({
		status,
		body: { errors: [`${words} ${keys.token} ${Buffer.from(part).toString("base64")}`] },
	});

	/** How an unwrap fails, after its error was searched for secrets. */
	async function failure(
		options: HcVaultOptions = {},
		text = enc,
		call: KeyCall = {},
		ref: KeyRef = vaultKey(uri),
	): Promise<KeyError> {
		const holder = provider(options);
		const thrown = await holder.masterKey(ref)!.unwrap!(text, call).then(
			() => undefined,
			(error: unknown) => error,
		);
		await holder.close!();
		const secrets = [secretText("token", keys.token), secretText("jwt", JWT), secretBytes("the part", part)];
		expect(await findSecrets(thrown, secrets)).toEqual([]);
		if (!isKeyError(thrown)) throw new Error("it did not fail with a KeyError");
		expect(thrown.cause).toBeUndefined();
		expect(Object.keys(thrown)).toEqual(["name", "outcome"]);
		return thrown;
	}
	const key = (path: string): KeyRef => vaultKey(`${proxy.url}/v1/${path}`);

	it("the server's own refusals", async () => {
		await bao().call("POST", "transit/keys/old", {});
		const old = await provider({}).masterKey(key("transit/keys/old"))!.wrap!(part, {});
		await bao().call("POST", "transit/keys/old/rotate", {});
		await bao().call("POST", "transit/keys/old/config", { min_decryption_version: 2 });
		await bao().call("POST", "transit/keys/signing", { type: "ed25519" });
		await bao().call("POST", "transit/keys/derived", { derived: true });
		await bao().call("POST", "transit/keys/convergent", { derived: true, convergent_encryption: true });
		const rsa = await provider({}).masterKey(key("transit/keys/rsa"))!.wrap!(part, {});
		const cases: readonly (readonly [string, string, string, number])[] = [
			["transit/keys/other", enc, "wrong-key", 400],
			["transit/keys/rsa", `${rsa.slice(0, -10)}AAAAAAAA==`, "wrong-key", 500],
			["transit/keys/sops", enc.replace("v1", "v9"), "wrong-key", 400],
			["transit/keys/old", old, "denied", 400],
			["transit/keys/none", enc, "denied", 400],
			["team/transit/keys/sops", enc, "denied", 403],
			["transit/keys/signing", enc, "misconfigured", 400],
			["transit/keys/derived", enc, "misconfigured", 400],
			["transit/keys/convergent", enc, "misconfigured", 400],
			["transit/keys/sops", "AQICAHgAAAA=", "damaged", 400],
			["transit/keys/sops", "vault:v1:!", "damaged", 400],
		];
		for (const [path, text, outcome, status] of cases) {
			proxy.clear();
			const error = await failure({}, text, {}, key(path));
			expect([path, error.outcome, error.message]).toEqual([
				path,
				outcome,
				expect.stringContaining(`(status ${status})`),
			]);
			expect(proxy.arrived).toHaveLength(1);
		}
		for (const name of ["signing", "derived", "convergent", "none"]) {
			const outcome = name === "none" ? "denied" : "misconfigured";
			const wrapping = provider({}).masterKey(key(`transit/keys/${name}`))!.wrap!(part, {});
			await expect(wrapping, name).rejects.toMatchObject({ outcome });
		}
		const root = { token: bao().rootToken };
		expect((await failure(root, enc, {}, key("nowhere/keys/sops"))).outcome).toBe("misconfigured");
		expect((await failure({ ...root, namespace: "none" })).outcome).toBe("misconfigured");
		expect((await failure({ token: "hvs.wrong" })).outcome).toBe("denied");
	});

	it.each([
		[429, "too many", "throttled"],
		[503, "Vault is sealed", "unreachable"],
		[500, "internal error", "unreachable"],
	])("status %i is tried again; what does not end is told", async (status, words, outcome) => {
		proxy.inject({ answer: refusal(status, words), times: 1 });
		expect(await provider({}).masterKey(vaultKey(uri))!.unwrap!(enc, {})).toEqual(part);
		expect(proxy.arrived).toHaveLength(2);
		proxy.clear();
		proxy.inject({ answer: refusal(status, words) });
		const error = await failure({ maxRetries: 1 });
		expect([error.outcome, proxy.arrived.length]).toEqual([outcome, 2]);
	});

	it("pages of a proxy on the way, and answers without what was asked for", async () => {
		for (const [answer, outcome] of [
			[{ status: 502, body: "<html>" }, "unreachable"],
			[{ status: 404, body: "<html>" }, "failed"],
			[{ status: 200, body: "<html>" }, "failed"],
			[{ status: 200, body: { data: { plaintext: "not base64!" } } }, "failed"],
			[{ status: 200, body: { data: null } }, "failed"],
			[{ status: 204 }, "failed"],
			[{ status: 200, body: "x".repeat(2_000_000) }, "failed"],
			["reset", "unreachable"],
		] as const) {
			proxy.clear();
			proxy.inject({ answer });
			expect((await failure({ maxRetries: 0 })).outcome).toBe(outcome);
		}
	});

	it("nobody listens", async () => {
		const nowhere = `http://127.0.0.1:${await freePort()}`;
		const ref = vaultKey(uri.replace(proxy.url, nowhere));
		const error = await failure({ address: nowhere, maxRetries: 0 }, enc, {}, ref);
		expect(error).toMatchObject({ outcome: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
	});

	it("a server that hangs: the limit of time and the abort end the call, and its connection", async () => {
		const hanging = await startFaultProxy(bao().url);
		hanging.inject({ answer: "hang" });
		const ref = vaultKey(uri.replace(proxy.url, hanging.url));
		const [limited, unlimited] = [
			provider({ address: hanging.url, timeoutMs: 300 }),
			provider({ address: hanging.url }),
		];
		try {
			const late = limited.masterKey(ref)!.unwrap!(enc, {});
			await expect(late).rejects.toMatchObject({
				outcome: "timeout",
				message: expect.stringContaining("300 ms"),
			});
			// The providers are still open: it was the end of the call that cut the connection.
			await vi.waitFor(() => expect(hanging.open()).toBe(0));
			expect(hanging.connections()).toBe(1);
			const controller = new AbortController();
			const call = unlimited.masterKey(ref)!.unwrap!(enc, { signal: controller.signal });
			await vi.waitFor(() => expect(hanging.open()).toBe(1));
			controller.abort(new Error(keys.token));
			await expect(call).rejects.toMatchObject({ outcome: "aborted", message: "aborted by the caller" });
			await vi.waitFor(() => expect(hanging.open()).toBe(0));
		} finally {
			await Promise.all([limited.close!(), unlimited.close!(), hanging.close()]);
		}
	});

	it("an expired token: the function is asked for each call", async () => {
		const dead = await newToken(bao());
		await bao().call("POST", "auth/token/revoke", { token: dead });
		const tokens = [dead, keys.token];
		const holder = provider({ token: () => tokens.shift() });
		const master = holder.masterKey(vaultKey(uri))!;
		await expect(master.unwrap!(enc, {})).rejects.toMatchObject({ outcome: "denied" });
		expect(await master.unwrap!(enc, {})).toEqual(part);
		expect(await master.unwrap!(enc, {})).toEqual({ notMine: "there is no token for this address" });
		await expect(master.wrap!(part, {})).rejects.toMatchObject({ outcome: "misconfigured" });
		await holder.close!();
	});

	it("functions of the caller that throw, or give something else", async () => {
		const fail = (): never => {
			throw new Error(keys.token);
		};
		for (const options of [
			{ token: fail },
			{ token: () => 1 as never },
			{ token: `${keys.token}\r\nx: y` },
			{ token: kubernetesLogin({ role: "r", jwt: fail }) },
			{ token: kubernetesLogin({ role: "r", jwt: () => "" }) },
			{ client: fail },
			{ client: () => ({}) as never },
		]) {
			expect((await failure(options)).outcome).toBe("misconfigured");
		}
		expect((await failure({ allow: fail })).outcome).toBe("refused");
		expect((await failure({ allow: () => "yes" as never })).outcome).toBe("refused");
		expect(proxy.arrived).toEqual([]);
	});

	it("a login that is refused", async () => {
		const error = await failure({ token: kubernetesLogin({ role: "r", jwt: JWT }) });
		expect(error.message).toMatch(/^logging in with a Kubernetes token: /);
		expect(proxy.arrived.map(({ path }) => path)).not.toContain("/v1/transit/decrypt/sops");
	});

	it("a login that hangs ends with the limit of time, and so does its connection", async () => {
		const hanging = await recordingServer(() => "hang");
		const token = kubernetesLogin({ role: "r", jwt: JWT });
		const holder = provider({ token, address: hanging.url, timeoutMs: 300 });
		const call = holder.masterKey(vaultKey(uri.replace(proxy.url, hanging.url)))!.unwrap!(enc, {});
		await expect(call).rejects.toMatchObject({ outcome: "timeout" });
		await vi.waitFor(() => expect(hanging.open()).toBe(0));
		expect(hanging.arrived).toHaveLength(1);
		await holder.close!();
		await hanging.close();
	});

	it("a certificate of an authority that nobody knows, and one that was passed", async () => {
		const secure = await startFaultProxy(bao().url, { tls: true });
		try {
			const ref = vaultKey(uri.replace(proxy.url, secure.url));
			const error = await failure({ address: secure.url }, enc, {}, ref);
			expect(error).toMatchObject({ outcome: "misconfigured", message: expect.stringContaining("CERT") });
			expect(secure.arrived).toEqual([]);
			for (const options of [
				{ ca: secure.ca },
				{ environment: { VAULT_CACERT_BYTES: secure.ca } },
				{ environment: { VAULT_SKIP_VERIFY: "true" } },
			]) {
				const holder = provider({ address: secure.url, ...options });
				expect(await holder.masterKey(ref)!.unwrap!(enc, {})).toEqual(part);
				await holder.close!();
			}
		} finally {
			await secure.close();
		}
	});

	it("addresses that are not allowed get nothing, and lead nowhere", async () => {
		const thief = await recordingServer(() => ({ status: 200 }));
		try {
			const ref = vaultKey(`${thief.url}/v1/transit/keys/sops`);
			expect((await failure({}, enc, {}, ref)).outcome).toBe("refused");
			expect(
				(
					await failure(
						{ token: undefined, environment: { VAULT_TOKEN: keys.token }, address: undefined },
						enc,
						{},
						ref,
					)
				).outcome,
			).toBe("refused");
			for (const list of ["none", proxy.url, `${thief.url}0`, `${thief.url},`, thief.url.toUpperCase()]) {
				const environment = { SOPS_HC_VAULT_ALLOWLIST: list };
				expect((await failure({ environment, address: undefined }, enc, {}, ref)).outcome).toBe("refused");
			}
			expect(thief.arrived).toEqual([]);
			for (const list of ["all", thief.url, `https://x, ${thief.url}/`]) {
				const environment = { SOPS_HC_VAULT_ALLOWLIST: list };
				expect(
					(await failure({ environment, address: undefined, maxRetries: 0 }, enc, {}, ref)).outcome,
				).toBe("failed");
			}
			expect(thief.arrived).toHaveLength(3);

			// A redirect is a way to another address.
			thief.arrived.length = 0;
			proxy.inject({
				answer: { status: 307, headers: { location: `${thief.url}/v1/transit/decrypt/sops` } },
			});
			expect((await failure()).outcome).toBe("misconfigured");
			expect(thief.arrived).toEqual([]);
			await failure({ address: [proxy.url, thief.url] });
			expect(thief.arrived.map(({ headers }) => headers["x-vault-token"])).toEqual([keys.token]);
		} finally {
			await thief.close();
		}
	});

	it.each([
		{ vault_address: "ftp://127.0.0.1" },
		{ vault_address: "https://a.example/path" },
		{ vault_address: "https://a.example?x" },
		{ vault_address: "https://a.example\r\nx: y" },
		{ vault_address: "" },
		{ engine_path: "sys/seal", key_name: ".." },
		{ engine_path: "../auth/token" },
		{ engine_path: "" },
		{ engine_path: "a//b" },
		{ key_name: "" },
		{ key_name: "a/b" },
		{ key_name: "a\nb" },
		{ key_name: "." },
	])("a place that is none leads nowhere: %o", async (fields) => {
		const sound = { vault_address: proxy.url, engine_path: "transit", key_name: "sops" };
		const ref = { type: "hc_vault", id: "x", fields: { ...sound, ...fields } };
		const error = await failure({ allow: () => true }, enc, {}, ref);
		expect(error.outcome).toBe("misconfigured");
		expect(proxy.arrived).toEqual([]);
	});

	it("characters of a path stay characters of a segment", async () => {
		const fields = { vault_address: proxy.url, engine_path: "transit?x", key_name: "a%2F..#b" };
		await failure({ allow: () => true }, enc, {}, { type: "hc_vault", id: "x", fields });
		expect(proxy.arrived[0]?.path).toBe("/v1/transit%3Fx/decrypt/a%252F..%23b");
	});

	it("a provider that was closed", async () => {
		const holder = provider({});
		await holder.close!();
		const call = holder.masterKey(vaultKey(uri))!.unwrap!(enc, {});
		await expect(call).rejects.toMatchObject({ outcome: "misconfigured" });
	});

	it("DEBUG, with which node-vault prints requests, prints no token and no data key", async () => {
		const folder = mkdtempSync(join(tmpdir(), "sopskit-vault-"));
		const outfile = join(folder, "program.mjs");
		const program = `import { hcVault, vaultKey } from "./src/index.ts";
			const provider = hcVault({ token: process.argv[2], address: process.argv[3] });
			const key = provider.masterKey(vaultKey(process.argv[4]));
			const enc = await key.wrap(new TextEncoder().encode(${JSON.stringify(Buffer.from(part).toString())}), {});
			console.log((await key.unwrap(enc, {})).length);
			await key.unwrap("vault:v1:AAAA", {}).catch((error) => console.log(error));
			await provider.close();
			const proxy = "http://user:canary-password@127.0.0.1:1";
			for (const address of ["http://a.example", "https://a.example"]) {
				const proxied = hcVault({ token: process.argv[2], address, proxy, maxRetries: 0 });
				const other = proxied.masterKey(vaultKey(address + "/v1/transit/keys/k"));
				await other.unwrap(enc, {}).catch((error) => console.log(error));
				await proxied.close();
			}`;
		try {
			await build({
				stdin: { contents: program, resolveDir: join(import.meta.dirname, ".."), loader: "js" },
				outfile,
				bundle: true,
				format: "esm",
				platform: "node",
				conditions: ["@sopskit/source", "node", "import"],
				banner: {
					js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
				},
				logLevel: "silent",
			});
			const printed = await new Promise<string>((resolve, reject) => {
				const env = { PATH: process.env.PATH, DEBUG: "*" };
				execFile(process.execPath, [outfile, keys.token, proxy.url, uri], { env }, (error, stdout, stderr) =>
					error === null
						? resolve(stdout + stderr)
						: reject(new Error(`the program failed: ${stderr.slice(0, 500)}`)),
				);
			});
			expect(printed).toContain("32");
			expect(printed).toContain("KeyError");
			expect(printed).toContain("https-proxy-agent");
			const secrets = [
				...[secretText("token", keys.token), secretBytes("the part", part)],
				...[secretText("password", "canary-password"), secretText("header", btoa("user:canary-password"))],
			];
			expect(await findSecrets(printed, secrets)).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
