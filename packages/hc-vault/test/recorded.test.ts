import { decryptDocument } from "@sopskit/core";
import { replayExchanges } from "@sopskit/servers/exchanges";
import { describe, expect, it } from "vitest";
import { type ExchangeVector, exchangeVectors } from "../../../tools/vectors/exchange-vectors.ts";
import { hcVault } from "../src/index.ts";

/** Decrypts with answers that were recorded, and gives what was asked. */
async function replay(
	text: string,
	{ format, environment }: ExchangeVector,
	exchanges: ExchangeVector["exchanges"],
) {
	const server = await replayExchanges(exchanges);
	const provider = hcVault({
		environment: {
			// In place of the server that the file names.
			VAULT_AGENT_ADDR: server.url,
			SOPS_HC_VAULT_ALLOWLIST: "https://vault.example.com:8200",
			VAULT_TOKEN: "t",
			VAULT_MAX_RETRIES: "0",
			...environment,
		},
	});
	try {
		const opened = await decryptDocument(text, { format, providers: [provider] }).then(
			(document) => document.text(),
			(error: unknown) => error,
		);
		return { opened, asked: server.asked() };
	} finally {
		await provider.close!();
		await server.close();
	}
}

// Needs neither the reference nor a server: what they said is in vectors/exchanges.
describe.each(exchangeVectors("hc-vault"))("what sops and OpenBao said: %s", (_name, vector) => {
	it("the file opens with the request that sops sent", async () => {
		const { opened, asked } = await replay(vector.encrypted, vector, vector.exchanges);
		expect(opened).toBe(vector.plain);
		expect(asked).toEqual(vector.exchanges.map(({ request }) => request));
		expect(asked.length).toBeGreaterThan(0);
	});

	it("and not without the answer", async () => {
		const { opened } = await replay(vector.encrypted, vector, []);
		expect(opened).toMatchObject({ code: "data-key-unavailable" });
	});

	for (const { name, replace, outcome, exchanges } of vector.twins) {
		it(`damaged: ${name}`, async () => {
			const damaged = vector.encrypted.replace(replace[0], () => replace[1]);
			expect(damaged).not.toBe(vector.encrypted);
			const { opened, asked } = await replay(damaged, vector, exchanges);
			expect(opened).toMatchObject({
				code: "data-key-unavailable",
				details: { attempts: [{ outcome, provider: "hc-vault" }] },
			});
			expect(asked).toEqual(exchanges.map(({ request }) => request));
		});
	}
});

it("there are files of every kind", () => {
	const vectors = exchangeVectors("hc-vault");
	expect(vectors.length).toBeGreaterThanOrEqual(8);
	expect(new Set(vectors.map(([, { format }]) => format)).size).toBe(5);
	expect(vectors.flatMap(([, { twins }]) => twins).length).toBeGreaterThanOrEqual(6);
});
