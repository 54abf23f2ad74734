import { parseConfig, resolveRule, SopsError } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { azureKey, azureKeyvault } from "../src/index.ts";
import { type Entry, runSops, sopsFile, useService } from "./service.ts";

const VAULT = "https://sopskit.vault.azure.net";
const part = new Uint8Array(32).fill(7);

describeReference("forms of Azure keys, beside the real sops", () => {
	const service = useService();
	const environment = () => ({ ...service().environment, ...service().principal });
	const provider = () =>
		azureKeyvault({ ...service().way, credentials: service().credentials, maxAttempts: 1 });
	const fieldsOf = (text: string) => {
		const { enc, created_at, ...fields } = (JSON.parse(text).sops.azure_kv as Entry[])[0]!;
		return fields;
	};

	it.each([
		["with a version", (url: string) => url],
		["with blanks around", (url: string) => ` ${url} `],
		["with a vault in capitals", (url: string) => url.replace("sopskit", "SOPSKIT")],
		["without a version", () => `${VAULT}/keys/forms`],
		["without a version, ending in a slash", () => `${VAULT}/keys/forms/`],
	])("a URL %s gives the fields that sops stores", async (_, form) => {
		const url = form(service().azure.addKey("forms"));
		const master = provider().masterKey(azureKey(url))!;
		await master.wrap!(part, {});
		const stored = (await master.resolve?.({})) ?? master.ref;
		expect(stored.fields).toEqual(fieldsOf(await sopsFile(url, environment())));
	});

	it.each([
		["a slash behind the version", (url: string) => `${url}/`],
		["a scheme in capitals", (url: string) => url.replace("https", "HTTPS")],
		["two slashes", (url: string) => url.replace("/keys", "//keys")],
		["a query", (url: string) => `${url}?x=1`],
		["a fragment", (url: string) => `${url}#x`],
		["an escape", (url: string) => url.replace("forms", "f%6frms")],
		["a domain in capitals", (url: string) => url.replace(".azure.", ".AZURE.")],
		["a port", (url: string) => url.replace(".net", ".net:443")],
		["a name in other letters", (url: string) => url.replace("forms", "FORMS")],
	])("neither encrypts to a URL with %s", async (_, form) => {
		const url = form(service().azure.addKey("forms"));
		await expect(sopsFile(url, environment())).rejects.toThrow();
		const ours = async () => provider().masterKey(azureKey(url))!.wrap!(part, {});
		const error = await ours().catch((thrown: unknown) => thrown);
		const isInvalid = error instanceof SopsError && error.code === "key-invalid";
		expect(isInvalid || /^(?:denied|misconfigured)$/.test((error as { outcome: string }).outcome)).toBe(true);
	});

	it("an entry whose domain is in capitals, or has the port, is still read", async () => {
		const { azure } = service();
		const url = azure.addKey("forms");
		const enc = await provider().masterKey(azureKey(url))!.wrap!(part, {});
		for (const other of [url.replace(".azure.", ".AZURE."), url.replace(".net", ".net:443")])
			expect(await provider().masterKey(azureKey(other))!.unwrap!(enc, {})).toEqual(part);
	});

	it.each([
		["without a version", `{ vaultUrl: "${VAULT}", key: forms }`],
		["with an empty version", `{ vaultUrl: "${VAULT}", key: forms, version: "" }`],
		["with a slash behind the vault", `{ vaultUrl: "${VAULT}/", key: forms }`],
	])("a group of .sops.yaml %s gives the fields that sops stores, and what it reads", async (_, form) => {
		const { azure, write } = service();
		azure.addKey("forms");
		const rules = `creation_rules:\n  - key_groups:\n      - azure_keyvault:\n          - ${form}\n`;
		const ref = resolveRule(parseConfig(rules), "a.json")!.keyGroups[0]![0]!;
		const master = provider().masterKey(ref)!;
		await master.wrap!(part, {});
		const config = write("sops.yaml", rules);
		const theirs = await runSops(["--config", config, "encrypt"], environment(), '{"hello": "world"}');
		const stored = await master.resolve!({});
		expect(stored.fields).toEqual(fieldsOf(theirs.stdout));
		const file = JSON.parse(theirs.stdout);
		const dataKey = await provider().masterKey(stored)!.unwrap!(file.sops.azure_kv[0].enc, {});
		file.sops.azure_kv[0].enc = await master.wrap!(dataKey as Uint8Array, {});
		expect((await runSops(["decrypt"], environment(), JSON.stringify(file))).status).toBe(0);
	});

	it("enc is read and refused as by sops", async () => {
		const url = service().azure.addKey("forms");
		const file = JSON.parse(await sopsFile(url, environment()));
		const { enc } = file.sops.azure_kv[0] as Entry;
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		const read = [];
		for (const text of [
			`${enc.slice(0, 50)}\n${enc.slice(50)}`,
			`${enc}\r\n`,
			// Four bits of the last letter count for nothing.
			enc.slice(0, -1) + alphabet[alphabet.indexOf(enc.at(-1)!) + 5],
			`${enc}==`,
			`${enc} `,
			Buffer.from(enc, "base64url").toString("base64"),
			enc.slice(0, -4),
			`${enc}AAAA`,
		]) {
			file.sops.azure_kv[0].enc = text;
			service().azure.forget();
			const ours = await provider().masterKey(azureKey(url))!.unwrap!(text, {}).then(
				() => true,
				() => false,
			);
			const sent = service().azure.arrived.find(({ path }) => path.includes("/decrypt"))?.body;
			if (ours) expect(JSON.parse(sent!).value).toBe(enc);
			expect((await runSops(["decrypt"], environment(), JSON.stringify(file))).status === 0).toBe(ours);
			read.push(ours);
		}
		expect(read).toEqual([true, true, true, false, false, false, false, false]);
	});
});
