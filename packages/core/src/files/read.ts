import type { BigIntStats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SopsError } from "../errors.ts";
import { throwIfAborted } from "../keys/call.ts";
import { DEFAULT_MAX_BYTES } from "../steps/input.ts";
import { unusable, unusableBecause } from "./file-error.ts";

/** What was read, and the state of the file that it was read from. */
export interface ReadFile {
	readonly bytes: Uint8Array;
	readonly stats: BigIntStats;
}

export interface ReadOptions {
	readonly maxBytes?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file into memory: never more than the limit, whatever the path leads to (a pipe, a device).
 *
 * @throws SopsError `file-unusable`, `size-exceeded`, `aborted`
 */
export async function readFile(path: string, options: ReadOptions): Promise<ReadFile> {
	const limit = options.maxBytes ?? DEFAULT_MAX_BYTES;
	throwIfAborted(options.signal);
	let handle: FileHandle | undefined;
	try {
		handle = await open(path, "r");
		const stats = await handle.stat({ bigint: true });
		if (stats.isDirectory()) throw unusableBecause(path, "read", "it is a folder");
		if (stats.size > BigInt(limit)) throw tooLarge(path, limit);
		const bytes = stats.isFile() ? await handle.readFile() : await readSome(handle, limit + 1);
		if (bytes.length > limit) throw tooLarge(path, limit);
		throwIfAborted(options.signal);
		return { bytes, stats };
	} catch (thrown) {
		throw unusable(path, "read", thrown);
	} finally {
		await handle?.close().catch(() => {});
	}
}

async function readSome(handle: FileHandle, most: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of handle.createReadStream({ end: most - 1, autoClose: false })) chunks.push(chunk);
	return Buffer.concat(chunks);
}

function tooLarge(path: string, limit: number): SopsError {
	return new SopsError(
		"size-exceeded",
		`${path} is larger than ${limit} bytes. Raise the option "maxBytes" if that is meant.`,
		{ limit },
	);
}
