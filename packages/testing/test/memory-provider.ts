import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type KeyCall, type KeyEntry, KeyError, type KeyProvider, type KeyRef } from "@sopskit/core";

/** A provider that does everything right: AES-256-GCM with a key in memory, named by the ref's id. */
export function memoryProvider(name: string, secret: string): KeyProvider {
	const provider: Required<Omit<KeyProvider, "close">> & Pick<KeyProvider, "close"> = {
		name: "memory",
		masterKey(ref) {
			if (ref?.type !== "memory" || typeof ref.fields?.name !== "string") return undefined;
			const id = ref.fields.name;
			return {
				ref: memoryRef(id),
				wrap: (part, call) => abortable(call, async () => seal(id, secret, part)),
				unwrap: (enc, call) =>
					abortable(call, async () => {
						if (id !== name) return { notMine: `no key for ${id.slice(0, 40)}` };
						return open(name, secret, enc);
					}),
			};
		},
		unwrapAny: (entries, call) =>
			abortable(call, async () => {
				const failures = [];
				for (const entry of entries) {
					try {
						const result = await provider.masterKey(entry.ref)!.unwrap!(entry.enc, {});
						if (result instanceof Uint8Array) return { part: result, entry };
						failures.push({ entry, outcome: "not-mine" as const, hint: result.notMine });
					} catch (error) {
						const { outcome, message } = error as KeyError;
						failures.push({ entry, outcome, hint: message });
					}
				}
				return { failures };
			}),
		async close() {},
	};
	return provider;
}

export function memoryRef(name: string): KeyRef {
	return { type: "memory", id: name, fields: { name } };
}

export function memoryEntry(name: string, secret: string, part: Uint8Array): KeyEntry {
	return { ref: memoryRef(name), enc: seal(name, secret, part) };
}

function seal(name: string, secret: string, part: Uint8Array): string {
	const iv = randomBytes(12);
	const cipher = createCipheriv("aes-256-gcm", Buffer.from(secret, "hex"), iv);
	cipher.setAAD(Buffer.from(name));
	const body = Buffer.concat([cipher.update(part), cipher.final()]);
	return `memory:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("hex")}`;
}

function open(name: string, secret: string, enc: string): Uint8Array {
	const match = /^memory:((?:[0-9a-f]{2}){28,})$/.exec(enc);
	if (match === null) throw new KeyError("damaged", "enc is not one of memory");
	const bytes = Buffer.from(match[1]!, "hex");
	const decipher = createDecipheriv("aes-256-gcm", Buffer.from(secret, "hex"), bytes.subarray(0, 12));
	decipher.setAAD(Buffer.from(name));
	decipher.setAuthTag(bytes.subarray(12, 28));
	try {
		return Uint8Array.from([...decipher.update(bytes.subarray(28)), ...decipher.final()]);
	} catch {
		throw new KeyError("wrong-key", "enc was altered, or made with another key");
	}
}

export async function abortable<T>({ signal }: KeyCall, work: () => Promise<T>): Promise<T> {
	const aborted = (): void => {
		if (signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
	};
	aborted();
	const result = await work();
	aborted();
	return result;
}
