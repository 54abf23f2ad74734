import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describeReference } from "@sopskit/reference/suite";
import { type Certificate, unknownCertificate } from "@sopskit/servers/certificate";
import { type ConnectProxy, startConnectProxy } from "@sopskit/servers/connect-proxy";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type HcVaultOptions, hcVault, vaultKey } from "../src/index.ts";
import { runSops } from "./bao-keys.ts";

const part = new Uint8Array(32).fill(7);
const ANSWER = { body: { data: { ciphertext: "vault:v1:AAAA" } } };

interface Case {
	readonly env?: Readonly<Record<string, string>>;
	/** The server with TLS, unless it says another. */
	readonly address?: string;
	/** Whether the reference and we get through; only we, where it is `ours`. */
	readonly opens: boolean | "ours";
	readonly says?: string;
}

describe("the way to Vault", () => {
	let certificate: Certificate;
	let client: Certificate;
	let plain: RecordingServer;
	let secure: RecordingServer;
	let mutual: RecordingServer;
	let proxy: ConnectProxy;
	let folder: string;
	/** What TLS was told and shown: the name that was asked for, and the client's certificate. */
	let shown: unknown[] = [];
	const file = (name: string): string => join(folder, name);
	beforeAll(async () => {
		[certificate, client] = await Promise.all([
			unknownCertificate(["vault.internal.example"]),
			unknownCertificate(["a client"]),
		]);
		plain = await recordingServer(() => ANSWER);
		const watched = (more: object) =>
			recordingServer(
				(_request, { socket }) => {
					const { servername } = socket as TLSSocket & { servername?: string | false };
					const subject = (socket as TLSSocket).getPeerCertificate()?.subject?.CN;
					shown.push([servername || "none", subject ?? "none"]);
					return ANSWER;
				},
				{ ...certificate, ...more },
			);
		secure = await watched({});
		mutual = await watched({ requestCert: true, rejectUnauthorized: true, ca: client.cert });
		proxy = await startConnectProxy(
			new Map([
				["vault.internal.example", secure.port],
				["[fd00::1]", secure.port],
			]),
		);
		folder = mkdtempSync(join(tmpdir(), "sopskit-vault-tls-"));
		writeFileSync(file("ca.pem"), certificate.cert);
		writeFileSync(file("ca.key"), certificate.key);
		writeFileSync(file("client.pem"), client.cert);
		writeFileSync(file("client.key"), client.key);
		mkdirSync(file("authorities/below"), { recursive: true });
		writeFileSync(file("authorities/other.pem"), client.cert);
		writeFileSync(file("authorities/below/ca.pem"), certificate.cert);
		// As Kubernetes mounts a ConfigMap.
		mkdirSync(file("volume/..2026"), { recursive: true });
		writeFileSync(file("volume/..2026/ca.pem"), certificate.cert);
		symlinkSync("..2026", file("volume/..data"));
		symlinkSync("..data/ca.pem", file("volume/ca.pem"));
	});
	beforeEach(() => {
		shown = [];
		for (const server of [plain, secure, mutual]) server.arrived.length = 0;
		proxy.refused.length = 0;
	});
	afterAll(async () => {
		await Promise.all([proxy, plain, secure, mutual].map((one) => one?.close()));
		rmSync(folder, { recursive: true, force: true });
	});

	const arrived = (): readonly unknown[] =>
		[plain, secure, mutual].flatMap(({ arrived: all }) =>
			all.map(({ method, path, headers }) => [
				...[method, path, headers.host, headers["x-vault-token"]],
				...[headers.authorization, headers["proxy-authorization"]],
			]),
		);
	async function wrap(address: string, options: HcVaultOptions): Promise<string> {
		const provider = hcVault({ maxRetries: 0, ...options });
		try {
			return await provider.masterKey(vaultKey(`${address}/v1/transit/keys/k`))!.wrap!(part, {});
		} finally {
			await provider.close!();
		}
	}

	it("a proxy that was passed is asked for all but the exceptions, over one connection", async () => {
		const address = "https://vault.internal.example";
		const before = proxy.connections();
		const provider = hcVault({ token: "t", address, proxy: proxy.url, ca: certificate.cert });
		const key = provider.masterKey(vaultKey(`${address}/v1/transit/keys/k`))!;
		for (let i = 0; i < 3; i++) expect(await key.wrap!(part, {})).toBe("vault:v1:AAAA");
		await provider.close!();
		expect([proxy.connections() - before, secure.arrived.length]).toEqual([1, 3]);
		// Nothing of the process: it would go through this one.
		process.env.HTTP_PROXY = process.env.VAULT_PROXY_ADDR = proxy.url;
		try {
			const options = { token: "t", address: plain.url };
			await wrap(plain.url, options);
			await wrap(plain.url, { ...options, proxy: { url: proxy.url, except: ["127.0.0.1"] } });
		} finally {
			delete process.env.HTTP_PROXY;
			delete process.env.VAULT_PROXY_ADDR;
		}
		expect(plain.arrived).toHaveLength(2);
	});

	it("a proxy that hangs: limit of time, abort and close end the connection to it", async () => {
		const sockets = new Set<Socket>();
		const silent = createServer((socket) => {
			sockets.add(socket.resume());
			socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
		});
		await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
		const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
		const address = "https://vault.internal.example";
		const open = (timeoutMs: number) => {
			const provider = hcVault({ token: "t", address, proxy: url, maxRetries: 0, timeoutMs });
			return { provider, key: provider.masterKey(vaultKey(`${address}/v1/transit/keys/k`))! };
		};
		try {
			const [limited, patient] = [open(200), open(60_000)];
			await expect(limited.key.wrap!(part, {})).rejects.toMatchObject({ outcome: "timeout" });
			await vi.waitFor(() => expect(sockets.size).toBe(0));
			const controller = new AbortController();
			const aborted = patient.key.wrap!(part, { signal: controller.signal });
			await vi.waitFor(() => expect(sockets.size).toBe(1));
			controller.abort();
			await expect(aborted).rejects.toMatchObject({ outcome: "aborted" });
			await vi.waitFor(() => expect(sockets.size).toBe(0));
			const closed = patient.key.wrap!(part, {}).catch((error: unknown) => error);
			await vi.waitFor(() => expect(sockets.size).toBe(1));
			await patient.provider.close!();
			expect(await closed).toMatchObject({ name: "KeyError" });
			await vi.waitFor(() => expect(sockets.size).toBe(0));
			await limited.provider.close!();
		} finally {
			silent.close();
		}
	});

	it("what goes wrong with a proxy is told, without its password", async () => {
		const address = "https://vault.internal.example";
		const fails = (way: string, at = address) =>
			wrap(at, { token: "t", address: at, environment: { HTTPS_PROXY: way } }).catch((error) => error);
		for (const [error, outcome] of [
			[await fails("socks5://canary:canary@p:1"), "misconfigured"],
			[await fails("http://canary:canary@127.0.0.1:1"), "unreachable"],
			[
				await fails(proxy.url.replace("//", "//canary:canary@"), "https://elsewhere.example"),
				"misconfigured",
			],
		]) {
			expect(error).toMatchObject({ outcome, message: expect.not.stringContaining("canary") });
		}
		expect((await fails(proxy.url, "https://elsewhere.example")).message).toBe(
			"the proxy says no (status 403)",
		);
		expect(secure.arrived).toEqual([]);
	});

	describeReference("beside sops", () => {
		const named = "https://vault.internal.example";
		const trusted = (): Readonly<Record<string, string>> => ({ VAULT_CACERT: file("ca.pem") });
		const cases: Readonly<Record<string, () => Case>> = {
			"an authority that nobody knows": () => ({ opens: false, says: "certificate" }),
			VAULT_CACERT: () => ({ env: trusted(), opens: true }),
			"VAULT_CACERT before VAULT_CACERT_BYTES": () => ({
				env: { ...trusted(), VAULT_CACERT_BYTES: client.cert },
				opens: true,
			}),
			"VAULT_CACERT_BYTES before VAULT_CAPATH": () => ({
				env: { VAULT_CACERT_BYTES: client.cert, VAULT_CAPATH: file("authorities") },
				opens: false,
				says: "certificate",
			}),
			"VAULT_CAPATH, with a folder in it": () => ({
				env: { VAULT_CAPATH: file("authorities") },
				opens: true,
			}),
			"VAULT_CAPATH, a volume of Kubernetes": () => ({
				env: { VAULT_CAPATH: file("volume") },
				opens: "ours",
			}),
			VAULT_SKIP_VERIFY: () => ({ env: { VAULT_SKIP_VERIFY: "T" }, opens: true }),
			"VAULT_SKIP_VERIFY that says no": () => ({
				env: { VAULT_SKIP_VERIFY: "0" },
				opens: false,
				says: "certificate",
			}),
			VAULT_TLS_SERVER_NAME: () => ({
				env: { ...trusted(), VAULT_TLS_SERVER_NAME: "vault.internal.example" },
				opens: true,
			}),
			"VAULT_TLS_SERVER_NAME that is not the server's": () => ({
				env: { ...trusted(), VAULT_TLS_SERVER_NAME: "elsewhere.example" },
				opens: false,
				says: "certificate",
			}),
			"a server that asks for a certificate": () => ({
				env: { ...trusted(), VAULT_CLIENT_CERT: file("client.pem"), VAULT_CLIENT_KEY: file("client.key") },
				address: mutual.url,
				opens: true,
			}),
			"a server that asks for a certificate, and gets none": () => ({
				env: trusted(),
				address: mutual.url,
				opens: false,
				says: "pass clientCertificate",
			}),
			"a server that asks for a certificate, and gets a stranger's": () => ({
				env: { ...trusted(), VAULT_CLIENT_CERT: file("ca.pem"), VAULT_CLIENT_KEY: file("ca.key") },
				address: mutual.url,
				opens: false,
				// Node's server cuts the connection, without a word of TLS.
				says: "cannot be reached",
			}),
			"a certificate without its key": () => ({
				env: { ...trusted(), VAULT_CLIENT_CERT: file("client.pem") },
				opens: false,
				says: "VAULT_CLIENT_KEY",
			}),
			"user and password in the address": () => ({
				address: plain.url.replace("//", "//us%40er:pass@"),
				opens: true,
			}),
			HTTPS_PROXY: () => ({ env: { ...trusted(), HTTPS_PROXY: proxy.url }, address: named, opens: true }),
			"https_proxy without a scheme, and an address of IPv6": () => ({
				env: {
					...{ ...trusted(), https_proxy: proxy.url.slice("http://".length) },
					VAULT_TLS_SERVER_NAME: "localhost",
				},
				address: "https://[fd00::1]",
				opens: true,
			}),
			"HTTPS_PROXY, and an address of this machine": () => ({
				env: { ...trusted(), HTTPS_PROXY: "http://127.0.0.1:1" },
				opens: true,
			}),
			"VAULT_PROXY_ADDR before VAULT_HTTP_PROXY, also to this machine": () => ({
				env: { VAULT_PROXY_ADDR: plain.url.replace("//", "//u:p@"), VAULT_HTTP_PROXY: "http://127.0.0.1:1" },
				address: "http://127.0.0.1:1",
				opens: true,
			}),
			"VAULT_HTTP_PROXY before HTTPS_PROXY": () => ({
				env: { ...trusted(), VAULT_HTTP_PROXY: proxy.url, HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" },
				address: named,
				opens: true,
			}),
			HTTP_PROXY: () => ({
				env: { HTTP_PROXY: plain.url, HTTPS_PROXY: "http://127.0.0.1:1" },
				address: "http://vault.internal.example:8200",
				opens: true,
			}),
			"HTTP_PROXY, and user and password in the address": () => ({
				env: { HTTP_PROXY: plain.url.replace("//", "//u%40:p@") },
				address: "http://us%40er:pass@vault.internal.example:8200",
				opens: true,
			}),
			"an agent through a proxy": () => ({
				env: { ...trusted(), VAULT_AGENT_ADDR: named, HTTPS_PROXY: proxy.url },
				address: "http://127.0.0.1:1",
				opens: true,
			}),
		};

		it.each(Object.entries(cases))("both go the same way: %s", async (_name, make) => {
			const { env = {}, address = secure.url, opens, says = "" } = make();
			const environment = {
				...env,
				VAULT_TOKEN: "hvs.t",
				VAULT_MAX_RETRIES: "0",
				SOPS_HC_VAULT_ALLOWLIST: "all",
			};
			const uri = `${address}/v1/transit/keys/k`;
			const theirs = await runSops(["encrypt", "--hc-vault-transit", uri], environment, '{"a": 1}');
			expect([theirs.stderr, theirs.status === 0]).toEqual([expect.any(String), opens === true]);
			const asked = [arrived(), shown];
			shown = [];
			for (const server of [plain, secure, mutual]) server.arrived.length = 0;
			const wrapping = wrap(address, { environment });
			if (opens) expect(await wrapping).toBe("vault:v1:AAAA");
			else await expect(wrapping).rejects.toMatchObject({ message: expect.stringContaining(says) });
			expect(arrived()).toHaveLength(opens ? 1 : 0);
			if (opens !== "ours") expect([arrived(), shown]).toEqual(asked);
		});
	});
});
