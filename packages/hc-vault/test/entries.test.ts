import { decryptDocument } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hcVault } from "../src/index.ts";
import { baoKeys, type Entry, sopsDecrypt, sopsFile } from "./bao-keys.ts";

type Fields = { -readonly [name in keyof Entry]?: unknown } & Record<string, unknown>;
type Case = readonly [change: (entry: Fields) => void, result: "opens" | "refused" | "only theirs"];

const CASES: Readonly<Record<string, Case>> = {
	"an address with a slash at its end": [(entry) => (entry.vault_address = "https://v.example/"), "opens"],
	"an address in capitals with its default port": [
		(entry) => (entry.vault_address = "https://V.Example:443"),
		"opens",
	],
	"an address of IPv6": [(entry) => (entry.vault_address = "http://[fd00::1]:8200"), "opens"],
	"an address without a scheme": [(entry) => (entry.vault_address = "v.example"), "only theirs"],
	"another path of the same place": [(entry) => (entry.engine_path = "/transit/"), "only theirs"],
	"a path that goes up": [(entry) => (entry.engine_path = "a/../transit"), "only theirs"],
	"an engine that is not there": [(entry) => (entry.engine_path = "none"), "refused"],
	"an engine that is empty": [(entry) => (entry.engine_path = ""), "refused"],
	"no name of a key": [(entry) => delete entry.key_name, "refused"],
	"no created_at": [(entry) => delete entry.created_at, "refused"],
	"a line feed behind enc": [(entry) => (entry.enc = `${entry.enc}\n`), "opens"],
	"a blank before enc": [(entry) => (entry.enc = ` ${entry.enc}`), "refused"],
	"another version in enc": [(entry) => (entry.enc = String(entry.enc).replace("v1", "v2")), "refused"],
	"enc that is empty": [(entry) => (entry.enc = ""), "refused"],
	"fields of later versions": [(entry) => (entry.later = "x"), "opens"],
};

describeReference("entries of Vault with sops", () => {
	describeServer("openbao", "and OpenBao", (bao) => {
		let proxy: FaultProxy;
		let file: string;
		beforeAll(async () => {
			const keys = await baoKeys(bao());
			proxy = await startFaultProxy(bao().url);
			file = await sopsFile(keys.aes, { VAULT_TOKEN: bao().rootToken });
		});
		afterAll(() => proxy?.close());

		const asked = (): readonly unknown[] =>
			proxy.arrived.splice(0).map(({ method, path, body }) => [method, path, body]);

		it.each(Object.entries(CASES))("both read the same: %s", async (_name, [change, result]) => {
			const parsed = JSON.parse(file);
			change(parsed.sops.hc_vault[0]);
			const text = JSON.stringify(parsed, undefined, "\t");
			const environment = {
				VAULT_AGENT_ADDR: proxy.url,
				VAULT_TOKEN: bao().rootToken,
				VAULT_MAX_RETRIES: "0",
				SOPS_HC_VAULT_ALLOWLIST: "all",
			};
			const theirs = await sopsDecrypt(text, environment);
			const requests = asked();
			const provider = hcVault({ environment });
			const ours = await decryptDocument(text, { format: "json", providers: [provider] }).then(
				({ data }) => data,
				(error: { code?: unknown }) => error.code,
			);
			await provider.close!();
			expect(theirs.status === 0).toBe(result !== "refused");
			if (result === "opens") expect([ours, asked()]).toEqual([{ hello: "world" }, requests]);
			else {
				expect(ours).toMatch(/^(?:data-key-unavailable|metadata-invalid)$/);
				// What is refused before it is asked leads nowhere.
				expect([[], requests]).toContainEqual(asked());
			}
		});
	});
});
