import { inflateSync } from "node:zlib";
import { KeyError } from "@sopskit/core";
import * as vectors from "cctv-age";
import { describe, expect, it } from "vitest";
import { openAgeFile, readAgeFile, sealAgeFile } from "../src/age-file.ts";
import { armor, unarmor } from "../src/armor.ts";
import { age, type IdentityInput } from "../src/index.ts";

// The public test vectors of age (C2SP CCTV). A file says in its head what is to happen to it.

interface Vector {
	readonly expect: string;
	readonly identities: readonly IdentityInput[];
	readonly hasPassphrase: boolean;
	readonly payload: string | undefined;
	/** As `enc` would hold it. */
	readonly enc: string;
}

function read(bytes: Uint8Array): Vector {
	const buffer = Buffer.from(bytes);
	const end = buffer.indexOf("\n\n");
	const fields = new Map<string, string[]>();
	for (const line of buffer.subarray(0, end).toString("utf8").split("\n")) {
		const [, name, value] = /^([^:]+): (.*)$/.exec(line)!;
		fields.set(name!, [...(fields.get(name!) ?? []), value!]);
	}
	const raw = buffer.subarray(end + 2);
	const file = fields.has("compressed") ? inflateSync(raw) : raw;
	const isArmored = fields.get("armored")?.[0] === "yes";
	return {
		expect: fields.get("expect")![0]!,
		// An empty file names nobody.
		identities: fields.get("identity") ?? [
			"AGE-SECRET-KEY-1W0Q32NZFKAFQKYESKV5MQ2HR6ZFDFHEVWCEC82RXC8N7828NC2LSKXHJ7M",
		],
		hasPassphrase: fields.has("passphrase"),
		payload: fields.get("payload")?.[0],
		enc: isArmored ? file.toString("latin1") : armor(new Uint8Array(file)),
	};
}

/** Longer than a chunk, which no data key is: these are damaged to us (decision 0013). */
const LONG: readonly string[] = [
	...["stream_two_chunks", "stream_three_chunks", "stream_last_chunk_full_second"],
	...["stream_257_chunks", "stream_257_chunks_full", "stream_258_chunks"],
];

const sha256 = async (bytes: Uint8Array): Promise<string> =>
	Buffer.from(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))).toString("hex");

describe("the vectors of age", () => {
	const all = Object.entries(vectors as unknown as Record<string, Uint8Array>).filter(
		([name, bytes]) => name !== "default" && bytes instanceof Uint8Array,
	);

	it("are all there", () => {
		expect(all.length).toBeGreaterThan(110);
	});

	for (const [name, bytes] of all) {
		const vector = read(bytes);
		// The passphrase is no identity of a data key: no entry of SOPS has a stanza of scrypt.
		if (vector.hasPassphrase) continue;
		it(name, async () => {
			const ref = { type: "age", id: "", fields: { recipient: "" } };
			const provider = age({ identities: vector.identities });
			const result = await provider.masterKey(ref)!.unwrap!(vector.enc, {}).catch((error: unknown) => error);
			if (vector.expect === "success" && !LONG.includes(name)) {
				expect(result).toBeInstanceOf(Uint8Array);
				expect(await sha256(result as Uint8Array)).toBe(vector.payload);
			} else {
				// Nobody is named, so what cannot be opened is nobody's.
				expect(result).not.toBeInstanceOf(KeyError);
				const sound = vector.expect === "no match";
				expect((result as { notMine: string }).notMine.includes("not a sound age file")).toBe(!sound);
			}
		});
	}
});

describe("files of our own", () => {
	it("are opened again, and not when any bit is another", async () => {
		const plain = new TextEncoder().encode("a data key of thirty-two bytes!!");
		let key: Uint8Array | undefined;
		const bytes = await sealAgeFile(plain, (fileKey) => {
			key = fileKey.slice();
			return [
				{ args: ["x", "argument"], body: new Uint8Array(48) },
				{ args: ["y"], body: new Uint8Array() },
			];
		});
		expect(unarmor(armor(bytes))).toEqual(bytes);
		expect(openAgeFile(readAgeFile(bytes)!, key!)).toEqual(plain);
		for (let at = 0; at < bytes.length; at++) {
			const damaged = bytes.slice();
			damaged[at]! ^= 1;
			const file = readAgeFile(damaged);
			expect(file && openAgeFile(file, key!)).toBeUndefined();
		}
		for (let length = 0; length < bytes.length; length++) {
			const file = readAgeFile(bytes.subarray(0, length));
			expect(file && openAgeFile(file, key!)).toBeUndefined();
		}
	});

	it("are of any length up to a chunk", async () => {
		for (const length of [0, 1, 15, 64 * 1024]) {
			let key: Uint8Array | undefined;
			const bytes = await sealAgeFile(new Uint8Array(length), (fileKey) => {
				key = fileKey.slice();
				return [{ args: ["x"], body: new Uint8Array() }];
			});
			expect(openAgeFile(readAgeFile(unarmor(armor(bytes))!)!, key!)).toHaveLength(length);
		}
		await expect(sealAgeFile(new Uint8Array(64 * 1024 + 1), () => [])).rejects.toThrow(RangeError);
	});
});
