import { describe, expect, it } from "vitest";
import { decryptDocument, type KeyProvider } from "../../packages/core/src/index.ts";
import { replayExchanges } from "../servers/exchanges.ts";
import { type ExchangeVector, exchangeVectors } from "./exchange-vectors.ts";

/** What is particular to a service. */
export interface ExchangeSuite {
	/** Folder of vectors/exchanges, and the name of the provider. */
	readonly service: string;
	/** Who gave the answers. */
	readonly server: string;
	/** A provider that asks the server at a URL in place of that of the file, and once only. */
	provider(url: string, vector: ExchangeVector): KeyProvider;
	/** How many there are at least. */
	readonly files: number;
	readonly twins: number;
}

/** Decrypts with the answers that were recorded. Needs neither the reference nor a server. */
export function describeExchanges({ service, server: name, provider, files, twins }: ExchangeSuite): void {
	async function replay(text: string, vector: ExchangeVector, exchanges: ExchangeVector["exchanges"]) {
		const server = await replayExchanges(exchanges);
		const asking = provider(server.url, vector);
		try {
			const opened = await decryptDocument(text, { format: vector.format, providers: [asking] }).then(
				(document) => document.text(),
				(error: unknown) => error,
			);
			return { opened, asked: server.asked() };
		} finally {
			await asking.close!();
			await server.close();
		}
	}

	describe.each(exchangeVectors(service))(`what sops and ${name} said: %s`, (_name, vector) => {
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
					details: { attempts: [{ outcome, provider: service }] },
				});
				expect(asked).toEqual(exchanges.map(({ request }) => request));
			});
		}
	});

	it("there are files of every kind", () => {
		const vectors = exchangeVectors(service);
		expect(vectors.length).toBeGreaterThanOrEqual(files);
		expect(new Set(vectors.map(([, { format }]) => format)).size).toBe(5);
		expect(vectors.flatMap(([, found]) => found.twins).length).toBeGreaterThanOrEqual(twins);
	});
}
