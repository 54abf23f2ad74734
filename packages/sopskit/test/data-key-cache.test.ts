import { inspect } from "node:util";
import { testKeyProvider } from "@sopskit/testing";
import { describe, expect, it } from "vitest";
import {
	age,
	cachingProvider,
	createSops,
	encryptDocument,
	generateIdentity,
	isSopsError,
	type KeyProvider,
	recipient,
	UsageError,
} from "../src/index.ts";
import { keyFile, recipientOf } from "./tree.ts";

const [mine, theirs] = await Promise.all([generateIdentity(), generateIdentity()]);

testKeyProvider(
	{ describe, it },
	{
		name: "a cache over age",
		provider: () => cachingProvider(age({ identities: mine.identity }), { maxEntries: 3 }),
		ref: recipient(mine.recipient).ref,
		wrapper: () => recipient(mine.recipient),
		stranger: () => cachingProvider(age({ identities: theirs.identity })),
		strangerRef: recipient(theirs.recipient).ref,
		canaries: [mine.identity, theirs.identity],
		failingCalls: [
			() => cachingProvider(mine.identity as never),
			() => cachingProvider(age(), mine.identity as never),
		],
		environment: { SOPS_AGE_KEY: mine.identity },
		skip: {
			"real-entry": "the tests of age have it",
			"abort-stalled": "works inside the process",
		},
	},
);

describe("dataKeyCache of createSops()", () => {
	/** age that counts how often it is asked. */
	function counting(identities: string): KeyProvider & { readonly asked: () => number } {
		const inner = age({ identities });
		let asked = 0;
		return {
			...inner,
			unwrapAny(entries, call) {
				asked++;
				return inner.unwrapAny!(entries, call);
			},
			asked: () => asked,
		};
	}
	const keyGroups = [[recipient(recipientOf("first"))]];

	it("asks once for a file that is read again, at the same time or later; off by default", async () => {
		const { text } = await encryptDocument("a: 1\n", { format: "yaml", keyGroups });
		for (const [options, times] of [
			[{}, 4],
			[{ dataKeyCache: {} }, 1],
			[{ dataKeyCache: { maxEntries: 1, lifetimeMs: 60_000 } }, 1],
		] as const) {
			const provider = counting(keyFile("first"));
			const sops = createSops({ providers: [provider], ...options });
			const read = async () => (await sops.decryptDocument(text, { format: "yaml" })).data;
			expect(await Promise.all([read(), read(), read()])).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
			expect(await read()).toEqual({ a: 1 });
			expect(provider.asked()).toBe(times);
			await sops.close();
		}
	});

	it("is never shared: not by another user's instance, nor by another instance of the same provider", async () => {
		const { text } = await encryptDocument("a: 1\n", { format: "yaml", keyGroups });
		const provider = counting(keyFile("first"));
		const one = createSops({ providers: [provider], dataKeyCache: {} });
		await one.decryptDocument(text, { format: "yaml" });
		const other = createSops({ identities: keyFile("stranger"), dataKeyCache: {} });
		const refused = await other.decryptDocument(text, { format: "yaml" }).catch((error: unknown) => error);
		expect(isSopsError(refused, "data-key-unavailable")).toBe(true);
		await createSops({ providers: [provider], dataKeyCache: {} }).decryptDocument(text, { format: "yaml" });
		expect(provider.asked()).toBe(2);
		// The providers of a call are no providers of the instance.
		const call = { format: "yaml", providers: [provider] } as const;
		await other.decryptDocument(text, call);
		await other.decryptDocument(text, call);
		expect(provider.asked()).toBe(4);
	});

	it("serves every operation, also those that write: what they write can be read", async () => {
		const sops = createSops({ identities: keyFile("first"), dataKeyCache: {}, keyGroups });
		const plain = createSops({ identities: keyFile("first") });
		let { text } = await sops.encryptDocument("a: 1\nb: 2\n", { format: "yaml" });
		await sops.decryptDocument(text, { format: "yaml" });
		text = (await sops.editDocument(text, { format: "yaml" }, (draft) => draft.set(["a"], 3))).text;
		const wider = [[...keyGroups[0]!, recipient(recipientOf("second"))]];
		text = (await sops.updateKeys(text, { format: "yaml", keyGroups: wider })).text;
		const both = [plain, createSops({ identities: keyFile("second") })];
		for (const reader of both)
			expect((await reader.decryptDocument(text, { format: "yaml" })).data).toEqual({ a: 3, b: 2 });
		text = (await sops.rotateDocument(text, { format: "yaml" })).text;
		for (const reader of both)
			expect((await reader.decryptDocument(text, { format: "yaml" })).data).toEqual({ a: 3, b: 2 });
	});

	it("refuses wrong bounds", () => {
		for (const dataKeyCache of [1, true, { lifetime: 1 }, { maxEntries: 0 }])
			expect(
				() =>
					createSops({
						identities: keyFile("first"),
						dataKeyCache: dataKeyCache as never,
					}),
				inspect(dataKeyCache),
			).toThrow(UsageError);
	});
});
