import {
	bindKeyGroups,
	cachingProvider,
	decryptDocument,
	encryptDocument,
	type KeyProvider,
} from "@sopskit/core";
import { expect, it } from "vitest";
import { gcpKey, gcpKms } from "../src/index.ts";
import { TRANSPORTS, useService } from "./service.ts";

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

it.each(TRANSPORTS)(
	`${FILES} files, ${CONCURRENCY} at a time, go through one client over %s`,
	async (transport) => {
		const { gcp, way } = service();
		gcp.forget();
		let tokens = 0;
		const credentials = () => {
			tokens += 1;
			return { token: gcp.issue("many"), expires: new Date(Date.now() + 3_600_000) };
		};
		const provider = gcpKms({ ...way(transport), credentials });
		const before = gcp.connections;
		try {
			const keyGroups = bindKeyGroups([[gcpKey(gcp.addKey("key"))]], [provider]);
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
			const count = (): number => (transport === "grpc" ? gcp.grpcArrived.length : gcp.arrived.length);
			const calls = count();
			const connections =
				transport === "grpc"
					? new Set(gcp.grpcArrived.map(({ peer }) => peer)).size
					: gcp.connections - before;
			console.log(
				`gcp-kms over ${transport}: ${FILES} files encrypted and decrypted: ${connections} connections, ${calls} calls, ${tokens} token`,
			);
			expect([calls, tokens]).toEqual([2 * FILES, 1]);
			expect(connections).toBeLessThanOrEqual(transport === "grpc" ? 1 : CONCURRENCY);

			const remembering = cachingProvider(provider);
			for (let pass = 0; pass < 3; pass++) expect(await decrypted(remembering)).toEqual(plain);
			console.log(
				`gcp-kms over ${transport}: the same files decrypted 3 times with the data-key cache: ${count() - calls} calls`,
			);
			expect(count() - calls).toBe(FILES);
		} finally {
			await provider.close!();
		}
	},
);
