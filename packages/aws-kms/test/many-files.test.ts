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
import { awsKms, kmsKey } from "../src/index.ts";
import { CREDENTIALS } from "./moto-keys.ts";

const FILES = 200;
const CONCURRENCY = 16;

describeServer("moto", "many files of AWS KMS", (moto) => {
	it(`${FILES} files, ${CONCURRENCY} at a time, go through one client`, async () => {
		const arn = await moto().createKey("eu-west-1");
		const proxy = await startFaultProxy(moto().url);
		const provider = awsKms({ credentials: CREDENTIALS, endpoint: () => proxy.url });
		try {
			const keyGroups = bindKeyGroups([[kmsKey(arn)]], [provider]);
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
				proxy.arrived.filter(({ headers }) => headers["x-amz-target"] === `TrentService.${name}`).length;
			console.log(
				`aws-kms: ${FILES} files encrypted and decrypted: ${proxy.connections()} connections, ${proxy.arrived.length} calls (Encrypt ${called("Encrypt")}, Decrypt ${called("Decrypt")})`,
			);
			expect([called("Encrypt"), called("Decrypt"), proxy.arrived.length]).toEqual([FILES, FILES, 2 * FILES]);
			expect(proxy.connections()).toBeLessThanOrEqual(CONCURRENCY);

			proxy.arrived.length = 0;
			const remembering = cachingProvider(provider);
			for (let pass = 0; pass < 3; pass++) expect(await decrypted(remembering)).toEqual(plain);
			console.log(
				`aws-kms: the same files decrypted 3 times with the data-key cache: ${proxy.arrived.length} calls`,
			);
			expect(proxy.arrived).toHaveLength(FILES);
		} finally {
			await provider.close!();
			await proxy.close();
		}
	});
});
