import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "@sopskit/core";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as azure from "../src/index.ts";
import { useService } from "./service.ts";

const { azureKey, azureKeyvault } = azure;
const source = join(import.meta.dirname, "..", "src", "index.ts");
const credentials = { tenantId: "t", clientId: "c", clientSecret: "canary" };
const KEY = "https://name.vault.azure.net/keys/key/0123456789abcdef0123456789abcdef";

it("has these public names", () => {
	expect(Object.keys(azure).sort()).toEqual(["azureEnvironmentFindings", "azureKey", "azureKeyvault"]);
});

it("loads the SDK on first use only", async () => {
	const { metafile } = await build({
		entryPoints: [source],
		bundle: true,
		write: false,
		metafile: true,
		format: "esm",
		platform: "node",
		packages: "external",
		logLevel: "silent",
	});
	const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
	const found = new Set(imports.map(({ path, kind }) => `${kind} ${path}`));
	expect([...found].sort()).toEqual([
		"dynamic-import @azure/core-rest-pipeline",
		"dynamic-import @azure/identity",
		"dynamic-import https-proxy-agent",
		"dynamic-import node-forge",
		"import-statement @sopskit/core",
		"import-statement @sopskit/core/network",
		"import-statement @sopskit/core/provider",
		"import-statement node:async_hooks",
		"import-statement node:crypto",
		"import-statement node:fs/promises",
	]);
});

describe("arguments", () => {
	it.each([
		[() => azureKeyvault(undefined as never), "must be told who asks"],
		[() => azureKeyvault({}), "must be told who asks"],
		[() => azureKeyvault({ credential: credentials } as never), 'the option "credential"'],
		[
			() => azureKeyvault({ credentials: { tenantId: "t", clientId: "c" } as never }),
			"exactly one of these fields",
		],
		[
			() => azureKeyvault({ credentials: { tenantId: "t", clientSecret: "canary" } as never }),
			"lack clientId",
		],
		[() => azureKeyvault({ credentials: { ...credentials, clientSecret: "" } }), "lack clientSecret"],
		[() => azureKeyvault({ credentials: { ...credentials, tokenFile: "f" } as never }), "exactly one"],
		[
			() => azureKeyvault({ credentials: { ...credentials, tenantID: "t" } as never }),
			'Did you mean "tenantId"?',
		],
		[
			() => azureKeyvault({ credentials: { ...credentials, authorityHost: "login" } }),
			"login.microsoftonline.us",
		],
		[() => azureKeyvault({ credentials: { managedIdentity: false } as never }), "{ clientId }"],
		[() => azureKeyvault({ credentials: "environment" as never }), '"default"'],
		[() => azureKeyvault({ credentials, client: () => ({}) as never }), "either client or credentials"],
		[() => azureKeyvault({ credentials, timeoutMs: 0 }), "above 0"],
		[() => azureKeyvault({ credentials, maxAttempts: 1.5 }), "above 0"],
		[() => azureKeyvault({ credentials, allow: true as never }), "a function"],
		[() => azureKeyvault({ credentials, audience: "vault" }), "https://vault.azure.net"],
		[() => azureKeyvault({ credentials, proxy: "socks5://x" }), "the URL of a proxy"],
		[() => azureKey(1 as never), "takes the URL"],
		[() => azure.azureEnvironmentFindings(null as never), "process.env"],
	])("misuse is said: %#", (run, words) => {
		expect(run).toThrow(UsageError);
		expect(run).toThrow(words);
		expect(run).not.toThrow("canary");
	});

	it.each([
		"",
		"name",
		`${KEY},${KEY}`,
		"http://name.vault.azure.net/keys/key/1",
		"https://name.vault.azure.net/secrets/key/1",
		"https://name.vault.azure.net/keys/key/1/2",
		"https://user:canary@name.vault.azure.net/keys/key/1",
		"https://name.vault.azure.net/keys/a b",
	])("what names no key is refused: %j", (text) => {
		expect(() => azureKey(text)).toThrow(expect.objectContaining({ code: "key-invalid" }));
		expect(() => azureKey(text)).not.toThrow("canary");
	});

	it("keys are named with and without a version", () => {
		const fields = { vault_url: "https://name.vault.azure.net", name: "key" };
		const version = "0123456789abcdef0123456789abcdef";
		expect(azureKey(` ${KEY} `)).toEqual({ type: "azure_kv", id: KEY, fields: { ...fields, version } });
		for (const end of ["", "/"]) {
			const id = "https://name.vault.azure.net/keys/key/";
			expect(azureKey(`https://name.vault.azure.net/keys/key${end}`)).toEqual({
				type: "azure_kv",
				id,
				fields: { ...fields, version: "" },
			});
		}
	});

	it("printing shows no secret", () => {
		const provider = azureKeyvault({ credentials });
		expect(JSON.stringify([provider, provider.masterKey(azureKey(KEY))])).not.toContain("canary");
	});
});

describe("the logs of the SDK", () => {
	const service = useService();

	it("hold no secret, also with its variables for logs set", async () => {
		const { azure: standIn, credentials: principal, way } = service();
		const url = standIn.addKey("key");
		const part = Buffer.from("a data key of thirty-two bytes!!");
		const proxy = Object.assign(new URL(standIn.proxy.url), { username: "user", password: "canary" }).href;
		const program = `
			import { azureKey, azureKeyvault } from ${JSON.stringify(source)};
			const provider = azureKeyvault(${JSON.stringify({ credentials: principal, ...way, proxy })});
			const key = provider.masterKey(azureKey(${JSON.stringify(url)}));
			const enc = await key.wrap(Buffer.from(${JSON.stringify(part.toString("base64"))}, "base64"), {});
			await key.unwrap(enc, {});
			await key.unwrap(enc.slice(4) + "AAAA", {}).catch((error) => console.log(error.outcome));
			await provider.close();
		`;
		// Within the package, so that its dependencies are found.
		const outfile = join(import.meta.dirname, "..", "node_modules", ".cache", "logs.mjs");
		await build({
			stdin: { contents: program, resolveDir: import.meta.dirname },
			outfile,
			bundle: true,
			format: "esm",
			platform: "node",
			conditions: ["@sopskit/source", "node", "import"],
			external: ["@azure/*", "https-proxy-agent"],
			logLevel: "error",
		});
		const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], {
			env: { PATH: process.env.PATH, AZURE_LOG_LEVEL: "verbose", DEBUG: "*" },
			maxBuffer: 64 * 1024 * 1024,
		});
		expect(stdout).toContain("wrong-key");
		// They did speak.
		expect(stderr).toContain("azure:identity");
		const secrets = [
			principal.clientSecret,
			...["canary", btoa("user:canary")],
			...standIn.issued,
			part.toString("base64url"),
			part.toString("latin1"),
		];
		// By position, or a failure would print them.
		expect(secrets.map((secret) => (stdout + stderr).includes(secret))).toEqual(secrets.map(() => false));
	}, 60_000);
});
