import {
	bindKeyGroups,
	decryptDocument,
	encryptDocument,
	type KeyProvider,
	type KeyRef,
	parseConfig,
	parseKeyList,
	resolveRule,
} from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { startFaultProxy } from "@sopskit/servers/fault-proxy";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hcVault, vaultKey } from "../src/index.ts";
import { type BaoKeys, baoKeys, type Entry, sopsDecrypt, sopsFile } from "./bao-keys.ts";

describeReference("Vault with the real sops", () => {
	describeServer("openbao", "and OpenBao", (bao) => {
		let keys: BaoKeys;
		let provider: KeyProvider;
		let env: Readonly<Record<string, string>>;
		beforeAll(async () => {
			keys = await baoKeys(bao());
			provider = hcVault({ token: bao().rootToken, address: keys.url });
			env = { VAULT_TOKEN: bao().rootToken };
		});
		afterAll(() => provider?.close?.());

		const entriesOf = (text: string): Entry[] => JSON.parse(text).sops.hc_vault;
		const decrypt = async (text: string): Promise<unknown> =>
			(await decryptDocument(text, { format: "json", providers: [provider] })).data;
		const encrypt = async (refs: readonly (readonly KeyRef[])[]): Promise<string> => {
			const keyGroups = bindKeyGroups(refs, [provider]);
			return (await encryptDocument('{"hello": "world"}', { format: "json", keyGroups })).text;
		};

		it.each(["aes", "rsa", "nested"] as const)("files go both ways: %s", async (kind) => {
			const theirs = await sopsFile(keys[kind], env);
			expect(await decrypt(theirs)).toEqual({ hello: "world" });
			const ours = await encrypt([[vaultKey(keys[kind])]]);
			expect((await sopsDecrypt(ours, env)).stdout).toBe('{\n\t"hello": "world"\n}\n');
			const shape = (text: string) =>
				entriesOf(text).map((entry) => [
					Object.keys(entry),
					{
						...entry,
						enc: entry.enc.length,
						created_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(entry.created_at),
					},
				]);
			expect(shape(ours)).toEqual(shape(theirs));
		});

		it("a key that was rotated opens old entries, and makes new ones", async () => {
			const before = await encrypt([[vaultKey(keys.nested)]]);
			await bao().call("POST", "team/transit/keys/sops/rotate", {});
			const after = await encrypt([[vaultKey(keys.nested)]]);
			expect([before, after].map((text) => entriesOf(text)[0]!.enc.slice(0, 9))).toEqual([
				"vault:v1:",
				"vault:v2:",
			]);
			for (const text of [before, after]) {
				expect(await decrypt(text)).toEqual({ hello: "world" });
				expect((await sopsDecrypt(text, env)).status).toBe(0);
			}
		});

		it("groups hold shares, and rules of .sops.yaml and flags name keys as sops reads them", async () => {
			const config = parseConfig(
				[
					"creation_rules:",
					"  - path_regex: short",
					`    hc_vault_transit_uri: "${keys.aes}, ${keys.rsa}"`,
					"  - key_groups:",
					`      - hc_vault: ["${keys.aes}"]`,
					`      - hc_vault: ["${keys.nested}"]`,
				].join("\n"),
			);
			for (const path of ["short.json", "other.json"]) {
				const text = await encrypt(resolveRule(config, path)!.keyGroups);
				expect((await sopsDecrypt(text, env)).stdout).toContain("world");
				expect(await decrypt(text)).toEqual({ hello: "world" });
			}
			expect(await decrypt(await encrypt([parseKeyList("hc_vault", `${keys.aes},${keys.other}`)]))).toEqual({
				hello: "world",
			});
		});

		it("namespaces: the header that sops sends", async () => {
			await bao().call("POST", "sys/namespaces/branch", {});
			const within = { "x-vault-namespace": "branch" };
			await bao().call("POST", "sys/mounts/transit", { type: "transit" }, within);
			await bao().call("POST", "transit/keys/inside", {}, within);
			const uri = `${keys.url}/v1/transit/keys/inside`;
			const inside = { ...env, VAULT_NAMESPACE: "branch" };
			const theirs = await sopsFile(uri, inside);
			const options = { token: bao().rootToken, address: keys.url };
			for (const holder of [
				hcVault({ ...options, namespace: "branch" }),
				hcVault({ environment: { ...inside, VAULT_ADDR: keys.url } }),
			]) {
				const opened = await decryptDocument(theirs, { format: "json", providers: [holder] });
				expect(opened.data).toEqual({ hello: "world" });
				await holder.close!();
			}
			await expect(decrypt(theirs)).rejects.toMatchObject({ details: { attempts: [{ outcome: "denied" }] } });
		});

		it("both send the same request", async () => {
			const proxy = await startFaultProxy(bao().url);
			try {
				const uris = [
					"transit/keys/sops",
					"team/transit/keys/sops",
					"transit/keys/a%20b",
					"transit/keys/a+b@c",
				];
				for (const path of uris) {
					const uri = `${proxy.url}/v1/${path}`;
					await sopsFile(uri, env).catch(() => undefined);
					const holder = hcVault({ token: bao().rootToken, address: proxy.url, maxRetries: 0 });
					await holder.masterKey(vaultKey(uri))!.wrap!(new Uint8Array(32), {}).catch(() => undefined);
					await holder.close!();
				}
				const shapes = proxy.arrived.map(({ method, path, headers, body }) => [
					method,
					decodeURIComponent(path),
					headers["x-vault-token"],
					headers["x-vault-request"],
					Object.keys(JSON.parse(body)),
					JSON.parse(body).plaintext?.length,
				]);
				expect(shapes).toHaveLength(2 * uris.length);
				for (let i = 0; i < shapes.length; i += 2) expect(shapes[i + 1]).toEqual(shapes[i]);
			} finally {
				await proxy.close();
			}
		});

		it("sops lets an entry lead its request to any path of the server, and we do not", async () => {
			const proxy = await startFaultProxy(bao().url);
			proxy.inject({ answer: { status: 400 } });
			try {
				const file = (await sopsFile(keys.aes, env))
					.replace(keys.url, proxy.url)
					.replace('"engine_path": "transit"', '"engine_path": "sys/seal"')
					.replace('"key_name": "sops"', '"key_name": ".."');
				expect((await sopsDecrypt(file, env)).status).toBe(128);
				expect(proxy.arrived.map(({ method, path }) => [method, path])).toEqual([["PUT", "/v1/sys/seal"]]);
				proxy.clear();
				const holder = hcVault({ token: bao().rootToken, address: proxy.url });
				await expect(decryptDocument(file, { format: "json", providers: [holder] })).rejects.toMatchObject({
					details: { attempts: [{ outcome: "misconfigured" }] },
				});
				expect(proxy.arrived).toEqual([]);
				await holder.close!();
			} finally {
				await proxy.close();
			}
		});

		it("what sops refuses is refused: a wrong token, another key, an altered enc", async () => {
			const theirs = await sopsFile(keys.aes, env);
			const wrongToken = { VAULT_TOKEN: "hvs.wrong" };
			expect((await sopsDecrypt(theirs, wrongToken)).status).toBe(128);
			const holder = hcVault({ environment: { ...wrongToken, VAULT_ADDR: keys.url } });
			await expect(decryptDocument(theirs, { format: "json", providers: [holder] })).rejects.toMatchObject({
				details: { attempts: [{ outcome: "denied", provider: "hc-vault" }] },
			});
			await holder.close!();

			const swapped = theirs.replace('"key_name": "sops"', '"key_name": "other"');
			const [{ enc }] = entriesOf(theirs) as [Entry];
			const altered = theirs.replace(enc, enc.slice(0, -6) + (enc.endsWith("AAAAA=") ? "BBBBB=" : "AAAAA="));
			for (const text of [swapped, altered]) {
				expect(text).not.toBe(theirs);
				expect((await sopsDecrypt(text, env)).status).toBe(128);
				await expect(decrypt(text)).rejects.toMatchObject({
					details: { attempts: [{ outcome: "wrong-key" }] },
				});
			}
		});
	});
});
