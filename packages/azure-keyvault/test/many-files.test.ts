import {
	bindKeyGroups,
	cachingProvider,
	decryptDocument,
	encryptDocument,
	type KeyProvider,
} from "@sopskit/core";
import { expect, it } from "vitest";
import { azureKey, azureKeyvault } from "../src/index.ts";
import { useService } from "./service.ts";

const FILES = 200;
const CONCURRENCY = 16;
const service = useService();

async function inTurns<T>(run: (index: number) => Promise<T>): Promise<T[]> {
	const results = new Array<T>(FILES);
	let next = 0;
	const work = async (): Promise<void> => {
		for (let index = next++; index < FILES; index = next++) results[index] = await run(index);
	};
	await Promise.all(Array.from({ length: CONCURRENCY }, work));
	return results;
}

it(`${FILES} files, ${CONCURRENCY} at a time, go through one pool of connections with one token`, async () => {
	const { azure, credentials, way } = service();
	azure.addKey("key");
	const provider = azureKeyvault({ ...way, credentials });
	try {
		// The version is left open, and looked up once.
		const keyGroups = bindKeyGroups([[azureKey(azure.keyUrl("key"))]], [provider]);
		await keyGroups[0]![0]!.resolve!({});
		const files = await inTurns((index) =>
			encryptDocument(`{"file": ${index}}`, { format: "json", keyGroups }),
		);
		const decrypted = (holder: KeyProvider) =>
			inTurns(async (index) => {
				const options = { format: "json", providers: [holder] } as const;
				return (await decryptDocument(files[index]!.text, options)).data;
			});
		const plain = await decrypted(provider);
		expect(plain).toEqual(files.map((_file, index) => ({ file: index })));
		const count = (part: RegExp): number => azure.arrived.filter(({ path }) => part.test(path)).length;
		const calls = {
			encrypt: count(/\/encrypt\?/),
			decrypt: count(/\/decrypt\?/),
			get: count(/\/keys\/key\/\?/),
		};
		const tokens = count(/\/oauth2\/v2\.0\/token/);
		console.log(
			`azure-keyvault: ${FILES} files encrypted and decrypted: ${azure.connections} connections, calls ${JSON.stringify(calls)}, ${tokens} token`,
		);
		expect(calls).toEqual({ encrypt: FILES, decrypt: FILES, get: 1 });
		expect(tokens).toBe(1);
		// Those to the vault, and one for the token.
		expect(azure.connections).toBeLessThanOrEqual(CONCURRENCY + 1);

		const before = count(/\/decrypt\?/);
		const remembering = cachingProvider(provider);
		for (let pass = 0; pass < 3; pass++) expect(await decrypted(remembering)).toEqual(plain);
		const cached = count(/\/decrypt\?/) - before;
		console.log(`azure-keyvault: the same files decrypted 3 times with the data-key cache: ${cached} calls`);
		expect(cached).toBe(FILES);
	} finally {
		await provider.close!();
	}
});
