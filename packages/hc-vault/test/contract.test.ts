import type { KeyRef } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { describeServer } from "@sopskit/servers/suite";
import { testKeyProvider } from "@sopskit/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { hcVault, vaultKey } from "../src/index.ts";
import { type BaoKeys, baoKeys, type Entry, sopsFile } from "./bao-keys.ts";

// Loaded before anybody watches: a package of its lists all variables then, to find its own by their prefix.
await import("node-vault");

const CANARY = "hvs.canary-token-that-nobody-takes";

describeReference("Vault with sops", () => {
	describeServer("openbao", "and OpenBao", (bao) => {
		let keys: BaoKeys;
		let silent: RecordingServer;
		let real: { readonly entry: { readonly ref: KeyRef; readonly enc: string }; readonly part: Uint8Array };
		beforeAll(async () => {
			keys = await baoKeys(bao());
			silent = await recordingServer(() => "hang");
			const file = await sopsFile(keys.aes, { VAULT_TOKEN: keys.token });
			const [{ enc }] = JSON.parse(file).sops.hc_vault as [Entry];
			const { data } = (await bao().call("PUT", "transit/decrypt/sops", { ciphertext: enc })) as {
				data: { plaintext: string };
			};
			real = { entry: { ref: vaultKey(keys.aes), enc }, part: Buffer.from(data.plaintext, "base64") };
		});
		afterAll(() => silent?.close());

		/** The same server under another name is another address, with a key of its own. */
		const elsewhere = (): string => keys.other.replace("127.0.0.1", "localhost");
		const addressOf = (uri: string): string => uri.slice(0, uri.indexOf("/v1/"));
		const holding = (uri: () => string) =>
			hcVault({
				token: (address) => (address === addressOf(uri()) ? keys.token : undefined),
				address: [addressOf(keys.aes), addressOf(elsewhere())],
			});

		testKeyProvider(
			{ describe, it },
			{
				name: "HashiCorp Vault",
				provider: () => holding(() => keys.aes),
				// Known when the server has started.
				get ref() {
					return vaultKey(keys.aes);
				},
				stranger: () => holding(elsewhere),
				get strangerRef() {
					return vaultKey(elsewhere());
				},
				realEntry: {
					get entry() {
						return real.entry;
					},
					get part() {
						return real.part;
					},
				},
				stalled: () => ({
					key: hcVault({ token: CANARY, address: silent.url }).masterKey(
						vaultKey(`${silent.url}/v1/transit/keys/sops`),
					)!,
					enc: "vault:v1:AAAA",
				}),
				canaries: [CANARY],
				failingCalls: [
					() => hcVault({ [CANARY]: true } as never),
					() => hcVault(CANARY as never),
					() => vaultKey(CANARY),
					() => hcVault({ token: CANARY, address: `https://${CANARY}/path` }),
					() =>
						hcVault({ token: CANARY, address: keys.url }).masterKey(vaultKey(keys.aes))!.unwrap!(
							real.entry.enc,
							{},
						),
					() =>
						hcVault({ token: () => Promise.reject(new Error(CANARY)), address: keys.url }).masterKey(
							vaultKey(keys.aes),
						)!.wrap!(new Uint8Array(32), {}),
					() =>
						hcVault({ token: CANARY, address: "http://127.0.0.1:1", maxRetries: 0 }).masterKey(
							vaultKey("http://127.0.0.1:1/v1/transit/keys/sops"),
						)!.unwrap!(real.entry.enc, {}),
				],
				environment: {
					VAULT_TOKEN: CANARY,
					VAULT_ADDR: "http://127.0.0.1:1",
					VAULT_NAMESPACE: "none",
					VAULT_PREFIX: "/none",
					SOPS_HC_VAULT_ALLOWLIST: "none",
				},
				environmentAllowed: {
					VAULT_SKIP_VERIFY: "node-vault reads it for a transport of its own, which is not used",
				},
			},
		);
	});
});
