import { describeReference } from "@sopskit/reference/suite";
import { type RecordingServer, recordingServer } from "@sopskit/servers/http-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hcVault, vaultKey } from "../src/index.ts";
import { runSops } from "./bao-keys.ts";

const ADDRESSES = [
	...["http://v.example", "http://v.example:80", "http://v.example.evil", "http://v.exampl"],
	...["http://u:p@v.example", "http://V.example", "https://v.example", "http://[fd00::1]:8200"],
];

describeReference("SOPS_HC_VAULT_ALLOWLIST, beside sops", () => {
	let agent: RecordingServer;
	beforeAll(async () => {
		agent = await recordingServer(() => ({ body: { data: { ciphertext: "vault:v1:AAAA" } } }));
	});
	afterAll(() => agent?.close());

	it.each([
		...["all", "none", "ALL", " all", "non", "http://v.example", "http://v.example/", "http://v.example//"],
		...["http://v.example/v1", "http://v.example:80", " http://x , https://v.example ", "\thttp://v.example"],
		...["http://v.example,", ",http://v.example", " ", "http://", "h", "http://[fd00::1]:8200", "*"],
	])("both let the same addresses through: %j", async (list) => {
		// The agent gets what the list lets through, so that nobody looks for hosts.
		const environment = {
			SOPS_HC_VAULT_ALLOWLIST: list,
			VAULT_AGENT_ADDR: agent.url,
			VAULT_TOKEN: "t",
			VAULT_ADDR: "http://v.example",
		};
		const provider = hcVault({ environment });
		const allowed = await Promise.all(
			ADDRESSES.map(async (address) => {
				const uri = `${address}/v1/transit/keys/k`;
				const [theirs, ours] = await Promise.all([
					runSops(["encrypt", "--hc-vault-transit", uri], environment, '{"a": 1}'),
					provider.masterKey(vaultKey(uri))!.wrap!(new Uint8Array(32), {}).catch((error: unknown) => error),
				]);
				if (theirs.status === 0) expect([address, ours]).toEqual([address, "vault:v1:AAAA"]);
				else expect([address, ours]).toEqual([address, expect.objectContaining({ outcome: "refused" })]);
				return theirs.status === 0;
			}),
		);
		await provider.close!();
		expect(agent.arrived).toHaveLength(2 * allowed.filter(Boolean).length);
		agent.arrived.length = 0;
	});
});
