import { CryptographyClient } from "@azure/keyvault-keys";
import {
	bindKeyGroups,
	decryptDocument,
	encryptDocument,
	type KeyRef,
	parseConfig,
	parseKeyList,
	resolveRule,
	rotateDocument,
} from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { type AzureKeyvaultOptions, azureKey, azureKeyvault } from "../src/index.ts";
import { type Entry, runSops, sopsFile, useService } from "./service.ts";

const entriesOf = (text: string): Entry[] => JSON.parse(text).sops.azure_kv;

describeReference("Azure Key Vault with the real sops", () => {
	const service = useService();
	const provider = (options: Partial<AzureKeyvaultOptions> = {}) =>
		azureKeyvault({
			...(options.client === undefined && { credentials: service().credentials }),
			...service().way,
			...options,
		});
	const encrypt = async (groups: readonly (readonly KeyRef[])[]): Promise<string> => {
		const keyGroups = bindKeyGroups(groups, [provider()]);
		return (await encryptDocument('{"hello": "world"}', { format: "json", keyGroups })).text;
	};
	const decrypt = async (text: string, options: Partial<AzureKeyvaultOptions> = {}): Promise<unknown> =>
		(await decryptDocument(text, { format: "json", providers: [provider(options)] })).data;
	const environment = () => ({ ...service().environment, ...service().principal });

	it.each([2048, 3072, 4096])("files go both ways: a key of %i bits", async (bits) => {
		const url = service().azure.addKey(`rsa-${bits}`, bits);
		const theirs = await sopsFile(url, environment());
		expect(await decrypt(theirs)).toEqual({ hello: "world" });

		const ours = await encrypt([[azureKey(url)]]);
		const opened = await runSops(["decrypt"], environment(), ours);
		expect(opened).toMatchObject({ status: 0, stdout: '{\n\t"hello": "world"\n}\n' });
		const shape = (text: string) =>
			entriesOf(text).map(({ enc, created_at, ...rest }) => [
				Object.keys(entriesOf(text)[0]!),
				rest,
				enc.length,
				/^[\w-]+$/.test(enc),
				/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created_at),
			]);
		expect(shape(ours)).toEqual(shape(theirs));
	});

	it("a version that is left open is looked up and stored, as sops does, and what was stored stays readable", async () => {
		const { azure } = service();
		for (const [name, end] of [
			["rotating", ""],
			["turning-over", "/"],
		] as const) {
			const version = azure.addKey(name).split("/").at(-1);
			const open = azure.keyUrl(name) + end;
			const [theirs, ours] = [await sopsFile(open, environment()), await encrypt([[azureKey(open)]])];
			expect([entriesOf(ours)[0]!.version, entriesOf(theirs)[0]!.version]).toEqual([version, version]);
			azure.addKey(name);
			expect(await decrypt(ours)).toEqual({ hello: "world" });
			expect((await runSops(["decrypt"], environment(), ours)).status).toBe(0);
		}
	});

	it("the version that was stored is the one that encrypted, though the key rotates in between", async () => {
		const { azure } = service();
		azure.addKey("turning");
		const master = provider().masterKey(azureKey(azure.keyUrl("turning")))!;
		const stored = await master.resolve!({});
		azure.addKey("turning");
		const enc = await master.wrap!(new Uint8Array(32).fill(1), {});
		expect(await provider().masterKey(stored)!.unwrap!(enc, {})).toEqual(new Uint8Array(32).fill(1));
		// A master key of its own looks again.
		const fresh = await provider().masterKey(azureKey(azure.keyUrl("turning")))!.resolve!({});
		expect(fresh.id).not.toBe(stored.id);
	});

	it("an entry with an empty version is opened with the current one, as by sops", async () => {
		const url = service().azure.addKey("versionless");
		const file = JSON.parse(await encrypt([[azureKey(url)]]));
		file.sops.azure_kv[0].version = "";
		const text = JSON.stringify(file);
		expect(await decrypt(text)).toEqual({ hello: "world" });
		expect((await runSops(["decrypt"], environment(), text)).status).toBe(0);
	});

	it("who may decrypt and nothing else decrypts, and asks for no key", async () => {
		const { azure } = service();
		const url = azure.addKey("narrow");
		const theirs = await sopsFile(url, environment());
		const clientId = "eeeeeeee-0000-4000-8000-000000000000";
		azure.clients.set(clientId, { rights: ["decrypt"] });
		azure.forget();
		expect(await decrypt(theirs, { credentials: { ...service().credentials, clientId } })).toEqual({
			hello: "world",
		});
		const calls = azure.arrived.filter(({ path }) => path.startsWith("/keys/"));
		expect(calls.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
			`POST ${new URL(url).pathname}/decrypt`,
		]);
		expect(JSON.parse(calls[0]!.body).alg).toBe("RSA-OAEP-256");
	});

	it("entries keep their fields when the data key is rotated, and groups hold shares", async () => {
		const { azure } = service();
		const urls = ["one", "two", "three"].map((name) => azure.addKey(name));
		const ours = await encrypt(urls.map((url) => [azureKey(url)]));
		const rotated = (await rotateDocument(ours, { format: "json", providers: [provider()] })).text;
		expect(await decrypt(rotated)).toEqual({ hello: "world" });
		expect((await runSops(["decrypt"], environment(), rotated)).stdout).toContain("world");
		const fields = (text: string) =>
			JSON.parse(text).sops.key_groups.map(({ azure_kv: [{ enc, ...rest }] }: { azure_kv: [Entry] }) => rest);
		expect(fields(rotated)).toEqual(fields(ours));
	});

	it("rules of .sops.yaml and flags name keys as sops reads them", async () => {
		const { azure } = service();
		const [first, second] = [azure.addKey("first"), azure.addKey("second")];
		const version = second.split("/").at(-1);
		const rules = [
			"creation_rules:",
			"  - path_regex: short",
			`    azure_keyvault: "${first}, ${azure.keyUrl("second")}"`,
			"  - key_groups:",
			"      - azure_keyvault:",
			`          - { vaultUrl: "https://sopskit.vault.azure.net", key: second, version: ${version} }`,
			'          - { vaultUrl: "https://sopskit.vault.azure.net", key: first }',
		].join("\n");
		const config = service().write("sops.yaml", rules);
		for (const path of ["short.json", "other.json"]) {
			const ours = await encrypt(resolveRule(parseConfig(rules), path)!.keyGroups);
			const plain = '{"hello": "world"}';
			const theirs = await runSops(["--config", config, "encrypt"], environment(), plain, path);
			const keys = (text: string) => entriesOf(text).map(({ enc, created_at, ...rest }) => rest);
			expect(keys(ours)).toEqual(keys(theirs.stdout));
			expect((await runSops(["decrypt"], environment(), ours)).status).toBe(0);
		}
		expect(parseKeyList("azure_kv", `${first},${second}`)).toEqual([azureKey(first), azureKey(second)]);
	});

	it("a CryptographyClient of the vendor fits as client", async () => {
		const { azure, credentials } = service();
		const url = azure.addKey("injected");
		const { url: http } = azure.proxy;
		const asked: string[] = [];
		const token = async () => {
			const form = new URLSearchParams({
				grant_type: "client_credentials",
				scope: "https://vault.azure.net/.default",
				client_id: credentials.clientId,
				client_secret: credentials.clientSecret,
			});
			const answer = await fetch(`${azure.url}/${credentials.tenantId}/oauth2/v2.0/token`, {
				method: "POST",
				body: form,
			});
			return ((await answer.json()) as { access_token: string }).access_token;
		};
		const { HttpsProxyAgent } = await import("https-proxy-agent");
		const agent = new HttpsProxyAgent(http);
		Object.assign(agent.options, { ca: azure.ca });
		const client = (keyUrl: string) => {
			asked.push(keyUrl);
			const credential = {
				getToken: async () => ({ token: await token(), expiresOnTimestamp: Date.now() + 1e6 }),
			};
			return new CryptographyClient(keyUrl, credential, {
				additionalPolicies: [
					{
						position: "perCall",
						policy: {
							name: "agent",
							sendRequest: (request, next) => {
								request.agent = agent as never;
								return next(request);
							},
						},
					},
				],
			});
		};
		const theirs = await sopsFile(url, environment());
		expect(await decrypt(theirs, { client })).toEqual({ hello: "world" });
		const keyGroups = bindKeyGroups([[azureKey(url)]], [provider({ client })]);
		const ours = (await encryptDocument('{"hello": "world"}', { format: "json", keyGroups })).text;
		expect((await runSops(["decrypt"], environment(), ours)).status).toBe(0);
		expect(asked).toEqual([url, url]);
		agent.destroy();
	});
});
