import {
	bindKeyGroups,
	cachingProvider,
	decryptDocument,
	encryptDocument,
	type KeyProvider,
} from "@sopskit/core";
import { startFaultProxy } from "@sopskit/servers/fault-proxy";
import { describeServer } from "@sopskit/servers/suite";
import { expect, it } from "vitest";
import { hcVault, vaultKey } from "../src/index.ts";
import { baoKeys } from "./bao-keys.ts";

const FILES = 200;
const CONCURRENCY = 16;

describeServer("openbao", "many files of Vault", (bao) => {
	it(`${FILES} files, ${CONCURRENCY} at a time, go through one client`, async () => {
		const { aes, token } = await baoKeys(bao());
		const proxy = await startFaultProxy(bao().url);
		const provider = hcVault({ token, address: proxy.url });
		try {
			const keyGroups = bindKeyGroups([[vaultKey(aes.replace(bao().url, proxy.url))]], [provider]);
			const inTurns = async <T>(run: (index: number) => Promise<T>): Promise<T[]> => {
				const results = new Array<T>(FILES);
				let next = 0;
				const work = async (): Promise<void> => {
					for (let index = next++; index < FILES; index = next++) results[index] = await run(index);
				};
				await Promise.all(Array.from({ length: CONCURRENCY }, work));
				return results;
			};
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
			const called = (name: string): number =>
				proxy.arrived.filter(({ path }) => path === `/v1/transit/${name}/sops`).length;
			console.log(
				`hc-vault: ${FILES} files encrypted and decrypted: ${proxy.connections()} connections, ${proxy.arrived.length} calls (encrypt ${called("encrypt")}, decrypt ${called("decrypt")})`,
			);
			expect([called("encrypt"), called("decrypt"), proxy.arrived.length]).toEqual([FILES, FILES, 2 * FILES]);
			expect(proxy.connections()).toBeLessThanOrEqual(CONCURRENCY);

			proxy.arrived.length = 0;
			const remembering = cachingProvider(provider);
			for (let pass = 0; pass < 3; pass++) expect(await decrypted(remembering)).toEqual(plain);
			console.log(
				`hc-vault: the same files decrypted 3 times with the data-key cache: ${proxy.arrived.length} calls`,
			);
			expect(proxy.arrived).toHaveLength(FILES);
		} finally {
			await provider.close!();
			await proxy.close();
		}
	});
});
